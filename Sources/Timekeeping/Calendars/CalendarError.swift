/// Why a text is no calendar expression: where it stops being one, and what is allowed there.
package struct CalendarError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The place in the text, in bytes from 1; one past its end if something is missing there.
  package var column: Int
  /// What is allowed at the place, as in `a month, 1 to 12`.
  package var expected: String

  package init(column: Int, expected: String) {
    self.column = column
    self.expected = expected
  }

  package var description: String { "column \(column): expected \(expected)" }
}
