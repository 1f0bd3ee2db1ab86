/// What is wrong with a date format, and where.
package struct DateFormatError: Error, Hashable {
  /// The offset of the error, in bytes.
  package var offset: Int
  /// The reason in words.
  package var reason: String
}

extension DateFormat {
  /// Reads a format.
  ///
  /// It begins with a separator, because the text after a log's name is read from the end; it has only letters that can
  /// be read back; and its dates can be sorted.
  package static func parse(_ text: String) throws(DateFormatError) -> DateFormat {
    var parser = DateFormatParser(text)
    return try parser.parse()
  }
}

/// Reads a date format, byte by byte.
struct DateFormatParser {
  private let text: String
  private let bytes: [UInt8]
  private var parts: [DateFormat.Part] = []
  /// The offset of the first letter of each field.
  private var places: [DateField: Int] = [:]

  /// The letters that are abbreviations.
  private static let short: [UInt8: String] = [
    UInt8(ascii: "F"): "%Y-%m-%d", UInt8(ascii: "T"): "%H:%M:%S", UInt8(ascii: "R"): "%H:%M",
  ]

  init(_ text: String) {
    self.text = text
    self.bytes = Array(text.utf8)
  }

  mutating func parse() throws(DateFormatError) -> DateFormat {
    guard !bytes.isEmpty else { throw DateFormatError(offset: 0, reason: "it is empty") }
    guard bytes.count <= Limits.maxDateFormatBytes else {
      throw DateFormatError(
        offset: Limits.maxDateFormatBytes, reason: "it is longer than \(Limits.maxDateFormatBytes) bytes")
    }
    var index = 0
    while index < bytes.count {
      if bytes[index] != UInt8(ascii: "%") {
        try addLiteral(bytes[index], at: index)
        index += 1
        continue
      }
      guard index + 1 < bytes.count else {
        throw DateFormatError(offset: index, reason: "a letter is missing after `%`")
      }
      try addLetter(bytes[index + 1], at: index)
      index += 2
    }
    guard case .literal(let first) = parts[0], !first[0].isASCIIDigit else {
      throw DateFormatError(
        offset: 0, reason: "it must begin with a separator, which divides the date from the log's name")
    }
    try checkOrder()
    return DateFormat(text: text, parts: parts)
  }

  private mutating func addLiteral(_ byte: UInt8, at offset: Int) throws(DateFormatError) {
    switch byte {
    case UInt8(ascii: "/"), 0:
      throw DateFormatError(offset: offset, reason: "a file name cannot contain a slash or NUL")
    case ArchiveNaming.sequenceSeparator:
      throw DateFormatError(
        offset: offset, reason: "`~` is reserved for the number of a second archive with the same date")
    default: break
    }
    if case .literal(let before) = parts.last {
      parts[parts.count - 1] = .literal(before + [byte])
    } else {
      parts.append(.literal([byte]))
    }
  }

  private mutating func addLetter(_ letter: UInt8, at offset: Int) throws(DateFormatError) {
    if letter == UInt8(ascii: "%") { return try addLiteral(letter, at: offset) }
    if let long = Self.short[letter] {
      var inner = long.utf8.makeIterator()
      while let byte = inner.next() {
        if byte == UInt8(ascii: "%"), let letter = inner.next() {
          try addLetter(letter, at: offset)
        } else {
          try addLiteral(byte, at: offset)
        }
      }
      return
    }
    guard let field = DateField(rawValue: letter) else {
      let shown = letter > 0x20 && letter < 0x7F ? "`%\(UnicodeScalar(letter))`" : "what follows `%`"
      throw DateFormatError(
        offset: offset,
        reason: "\(shown) is not supported; use %Y %y %m %d %j %G %V %u %H %M %S %s %F %T %R and %%")
    }
    parts.append(.field(field))
    places[field] = places[field] ?? offset
  }

  /// Each field needs the coarser fields that it is a part of; otherwise archives could not be sorted by their names.
  private func checkOrder() throws(DateFormatError) {
    let hasYear = places[.year] != nil || places[.yearOfCentury] != nil
    func need(_ field: DateField, _ isThere: Bool, _ what: String) throws(DateFormatError) {
      guard let offset = places[field], !isThere else { return }
      throw DateFormatError(offset: offset, reason: "`\(field.code)` without \(what) does not sort by date")
    }
    guard !places.isEmpty else { throw DateFormatError(offset: 0, reason: "it contains no date") }
    // It is the whole time, and what else is shown is the same time in other words.
    if places[.epoch] != nil { return }
    try need(.month, hasYear, "a year")
    try need(.dayOfYear, hasYear, "a year")
    try need(.day, places[.month] != nil, "`%m`")
    try need(.week, places[.weekYear] != nil, "`%G`, the year that a week belongs to,")
    try need(.weekYear, places[.week] != nil, "`%V`")
    let hasDay = places[.day] != nil || places[.dayOfYear] != nil || places[.week] != nil && places[.weekday] != nil
    try need(.weekday, hasDay, "`%V` or a day")
    try need(.hour, hasDay, "a day")
    try need(.minute, places[.hour] != nil, "`%H`")
    try need(.second, places[.minute] != nil, "`%M`")
  }
}
