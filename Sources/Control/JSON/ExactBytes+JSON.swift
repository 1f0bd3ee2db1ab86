package import Rotation

// A string of JSON is Unicode; the name of a file is bytes. So that every name survives and any reader of JSON takes it, a byte
// that is not part of valid UTF-8 is written as a backslash, `x` and two lower hexadecimal digits: `gr\xfc\xdfe.log`. A backslash
// that would be read so is written `\x5c`. All other names, those with a backslash among them, are what they are.

extension ExactBytes {
  /// The name as the UTF-8 of a string of JSON, before JSON's own escapes.
  package var escaped: [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      let length = StrictUTF8.length(at: position, in: bytes)
      if length == 0 || HexByte.escape(at: position, in: bytes) != nil {
        text += [UInt8(ascii: "\\"), UInt8(ascii: "x")]
        HexByte.append(bytes[position], to: &text)
        position += 1
      } else {
        text += bytes[position..<position + length]
        position += length
      }
    }
    return text
  }

  /// The name that a string of JSON stands for; nil where it holds a NUL, which no name does.
  package init?(escaped text: [UInt8]) {
    var name: [UInt8] = []
    name.reserveCapacity(text.count)
    var position = 0
    while position < text.count {
      let escape = HexByte.escape(at: position, in: text)
      name.append(escape ?? text[position])
      position += escape == nil ? 1 : 4
    }
    guard !name.contains(0) else { return nil }
    self.init(bytes: name)
  }
}

/// A byte as two hexadecimal digits.
enum HexByte {
  /// The byte that `\xfc` at this place stands for; nil where there is no such escape.
  static func escape(at place: Int, in text: [UInt8]) -> UInt8? {
    guard place + 3 < text.count, text[place] == UInt8(ascii: "\\"), text[place + 1] == UInt8(ascii: "x"),
      let high = value(text[place + 2]), let low = value(text[place + 3])
    else { return nil }
    return high << 4 | low
  }

  static func append(_ byte: UInt8, to text: inout [UInt8]) {
    for digit in [byte >> 4, byte & 15] { text.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x61...0x66: digit - 0x57
    default: nil
    }
  }
}
