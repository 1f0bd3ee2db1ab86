/// A position in a short text of numbers and words.
package struct TextScanner {
  /// The text, as UTF-8.
  package let bytes: [UInt8]
  /// Where the next byte is read.
  package var position = 0

  /// A scanner at the start of a text.
  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The next byte; nil at the end.
  package var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// Skips blanks; false at the end of the text.
  package mutating func skipBlanks() -> Bool {
    while let byte = peek, byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D { position += 1 }
    return position < bytes.count
  }

  /// Skips decimal digits, and returns them.
  package mutating func digits() -> ArraySlice<UInt8> {
    let start = position
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return bytes[start..<position]
  }

  /// Skips everything up to a digit, a blank or the end, and returns it.
  package mutating func word() -> String {
    let start = position
    while let byte = peek, byte > 0x20, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// Whether the rest begins with this text.
  package func starts(with text: String) -> Bool { bytes[position...].starts(with: text.utf8) }
}
