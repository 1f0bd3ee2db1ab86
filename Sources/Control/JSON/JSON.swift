package import Rotation

/// A value of JSON (RFC 8259). Texts are compared by their bytes, as the standard has it: `String` would hold two spellings
/// of `ü` to be one name.
package enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number without fraction and exponent.
  case integer(Int64)
  /// Any other number, to the nearest that 64 bits can hold.
  case real(Double)
  /// Valid UTF-8, if it was read.
  case string(ExactText)
  case array([JSON])
  /// In the order of the text.
  case object([Member])

  /// A name in an object, and its value.
  package struct Member: Hashable, Sendable {
    package var name: ExactText
    package var value: JSON

    package init(_ name: ExactText, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }
}

/// Why bytes are not JSON.
package struct JSONError: Error, Hashable, Sendable {
  /// Where, in bytes from the start: the first byte that cannot be part of such a text, or the start of what is beyond a bound.
  package var offset: Int
  /// What is wrong there, as the end of a sentence: "a name in quotes belongs here".
  package var reason: String

  package init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }
}

/// Characters in bytes.
package enum StrictUTF8 {
  /// How many bytes the character at this place has; 0 where there is no valid one: no overlong form, no half of a
  /// surrogate pair, nothing beyond U+10FFFF (The Unicode Standard, table 3-7).
  package static func length(at place: Int, in bytes: [UInt8]) -> Int {
    let first = bytes[place]
    if first < 0x80 { return 1 }
    guard (0xC2...0xF4).contains(first), place + 1 < bytes.count else { return 0 }
    let second: ClosedRange<UInt8> =
      switch first {
      case 0xE0: 0xA0...0xBF
      case 0xED: 0x80...0x9F
      case 0xF0: 0x90...0xBF
      case 0xF4: 0x80...0x8F
      default: 0x80...0xBF
      }
    let count = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard second.contains(bytes[place + 1]), place + count <= bytes.count else { return 0 }
    for byte in bytes[(place + 2)..<max(place + 2, place + count)] where byte & 0xC0 != 0x80 { return 0 }
    return count
  }
}
