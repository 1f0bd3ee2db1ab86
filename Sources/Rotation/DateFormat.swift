/// What is wrong with a date format, and where.
package struct DateFormatError: Error, Hashable {
  /// Bytes before the place.
  package var offset: Int
  /// In words.
  package var reason: String
}

extension DateFormat {
  /// Reads a format.
  package static func parse(_ text: String) throws(DateFormatError) -> DateFormat {
    guard !text.isEmpty else { throw DateFormatError(offset: 0, reason: "it is empty") }
    return DateFormat(text: text)
  }

  /// The format that is fine enough for a schedule.
  package static func standard(for schedule: Schedule?, sizeLimit: SizeLimit?) -> DateFormat {
    DateFormat(text: "-%Y%m%d")
  }
}
