import Rotation

/// Values as text of a TOML document.
enum TOMLText {
  /// A string; nil if the bytes are not UTF-8, or if there is a NUL among them, which no value of a config may have.
  static func string(_ bytes: [UInt8]) -> String? {
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else { return nil }
    return bytes.contains(UInt8(ascii: "\n")) && isPlain(bytes) ? "'''\n\(text)'''" : basic(text)
  }

  /// A string on one line.
  static func basic(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// A list of strings on one line, or a string alone; nil if one of them cannot be written.
  static func strings(_ values: [[UInt8]], alone: Bool = false) -> String? {
    let texts = values.compactMap(string)
    guard texts.count == values.count else { return nil }
    return alone && texts.count == 1 ? texts[0] : "[" + texts.joined(separator: ", ") + "]"
  }

  /// An inline table; nil if a value cannot be written.
  static func table(_ fields: [(key: String, value: String?)]) -> String? {
    let texts = fields.compactMap { field in field.value.map { "\(field.key) = \($0)" } }
    guard texts.count == fields.count else { return nil }
    return "{ " + texts.joined(separator: ", ") + " }"
  }

  /// Whether a text of several lines can be written as it is, between `'''`.
  private static func isPlain(_ bytes: [UInt8]) -> Bool {
    bytes.last != UInt8(ascii: "'")
      && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\t") }
      && !String(decoding: bytes, as: UTF8.self).utf8.split(separator: UInt8(ascii: "\n")).contains { line in
        zip(line, zip(line.dropFirst(), line.dropFirst(2))).contains { one, rest in
          one == UInt8(ascii: "'") && rest.0 == one && rest.1 == one
        }
      }
  }
}
