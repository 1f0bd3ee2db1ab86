/// Why a text is not a calendar expression: the position of the error, and what is expected there.
package struct CalendarError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The position in the text, in bytes from 1; one past its end if something is missing there.
  package var column: Int
  /// What is expected there, as in `a month, 1 to 12`.
  package var expected: String

  package init(column: Int, expected: String) {
    self.column = column
    self.expected = expected
  }

  package var description: String { "column \(column): expected \(expected)" }
}
