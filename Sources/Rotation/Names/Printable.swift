extension String {
  /// The text with control characters escaped as `\n`, `\t`, `\x1b`: a file name must not add lines to a journal, nor
  /// move the cursor of a terminal.
  package var printable: String {
    guard unicodeScalars.contains(where: Self.isControl) else { return self }
    var text = ""
    for scalar in unicodeScalars { Self.append(scalar, to: &text) }
    return text
  }

  /// The same for bytes that may not be UTF-8: invalid bytes are written as `\xff`.
  package static func printable(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text.printable }
    var text = ""
    var position = 0
    while position < bytes.count {
      let next = NamePattern.character(in: bytes.span, at: position)
      let character = bytes[position..<next.end]
      if let valid = String(validating: character, as: UTF8.self) {
        for scalar in valid.unicodeScalars { append(scalar, to: &text) }
      } else {
        for byte in character { text += escape(UInt32(byte)) }
      }
      position = next.end
    }
    return text
  }

  private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
    switch scalar {
    case "\n": text += "\\n"
    case "\t": text += "\\t"
    case let control where Self.isControl(control): text += escape(control.value)
    default: text.unicodeScalars.append(scalar)
    }
  }

  private static func escape(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return value < 0x100 ? "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits : "\\u{\(digits)}"
  }

  /// C0, DEL, C1, and the scalars that change the direction of text.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
