/// One line that the parser could not read, examined character by character.
struct SyntaxLine {
  /// Without the line's end.
  let bytes: [UInt8]

  /// The index of the first byte that is not a blank.
  var firstInk: Int { bytes.firstIndex { !$0.isBlank } ?? 0 }

  /// The line without blanks at its ends, and without a comment after them.
  var trimmed: String { text(firstInk, contentEnd(from: firstInk)) }

  /// Whether the line is the head of a table.
  var isHeader: Bool { firstInk < bytes.count && bytes[firstInk] == UInt8(ascii: "[") }

  /// The text up to the first blank or `=`.
  var firstWord: String {
    text(firstInk, bytes[firstInk...].firstIndex { $0.isBlank || $0 == UInt8(ascii: "=") } ?? bytes.count)
  }

  /// The key of a line that begins with one and an `=`.
  var firstKey: String? {
    guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    return SyntaxLine(bytes: Array(bytes[..<equals])).trimmed
  }

  /// Whether nothing but blanks follows the last `=`.
  var endsInEquals: Bool { trimmed.utf8.last == UInt8(ascii: "=") }

  /// The start of the string that is still open at the end of the line.
  var openQuote: Int? {
    var open: Int?
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if let start = open {
        if byte == UInt8(ascii: "\\"), bytes[start] == UInt8(ascii: "\"") { index += 1 }
        if byte == bytes[start] { open = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        open = index
      } else if byte == UInt8(ascii: "#") {
        return nil
      }
      index += 1
    }
    // The first two of three quotes look like an empty string.
    if let last = open, last >= 2, bytes[last - 1] == bytes[last], bytes[last - 2] == bytes[last] { return last - 2 }
    return open
  }

  /// The key whose value or name is at an index, with its start.
  func key(around index: Int) -> (text: String, index: Int)? {
    let equals =
      bytes[..<min(index, bytes.count)].lastIndex(of: UInt8(ascii: "=")) ?? bytes.firstIndex(of: UInt8(ascii: "="))
    return equals.flatMap(key(before:))
  }

  /// The value without quotes that is at an index, or ends just before it, with its key if there is one.
  func value(around index: Int) -> (text: String, index: Int, key: String?)? {
    let stops = Array(" \t=,[{".utf8)
    var start = min(index, bytes.count)
    if start == bytes.count || stops.contains(bytes[start]) || bytes[start] == UInt8(ascii: "}")
      || bytes[start] == UInt8(ascii: "]")
    {
      start -= 1
    }
    guard start >= 0, !stops.contains(bytes[start]) else { return nil }
    while start > 0, !stops.contains(bytes[start - 1]) { start -= 1 }
    let end = contentEnd(from: start, stops: Array(",]}".utf8))
    guard end > start else { return nil }
    let before = bytes[..<start].lastIndex { !$0.isBlank }
    guard let before, bytes[before] == UInt8(ascii: "=") else { return (text(start, end), start, nil) }
    return (text(start, end), start, key(before: before)?.text)
  }

  private func key(before equals: Int) -> (text: String, index: Int)? {
    guard let last = bytes[..<equals].lastIndex(where: { !$0.isBlank }) else { return nil }
    let stops = Array("{,\t ".utf8)
    let start = bytes[...last].lastIndex { stops.contains($0) }.map { $0 + 1 } ?? 0
    return start <= last ? (text(start, last + 1), start) : nil
  }

  /// The end of the text from an index on: before a comment or one of `stops`, and before the blanks in front of those.
  private func contentEnd(from start: Int, stops: [UInt8] = []) -> Int {
    let stop = bytes[start...].firstIndex { $0 == UInt8(ascii: "#") || stops.contains($0) } ?? bytes.count
    return bytes[start..<stop].lastIndex { !$0.isBlank }.map { $0 + 1 } ?? start
  }

  private func text(_ start: Int, _ end: Int) -> String { String(decoding: bytes[start..<end], as: UTF8.self) }
}

extension UInt8 {
  /// A space or a tab.
  var isBlank: Bool { self == 0x20 || self == 0x09 }

  /// An ASCII digit.
  var isDigit: Bool { (0x30...0x39).contains(self) }

  /// Whether it is allowed in a key without quotes (TOML 1.0, "Keys").
  var isBareKeyByte: Bool {
    isDigit || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) || self == UInt8(ascii: "-")
      || self == UInt8(ascii: "_")
  }
}
