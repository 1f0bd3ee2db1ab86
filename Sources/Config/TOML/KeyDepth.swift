import Rotation

/// Protects the parser from dotted keys of extreme depth: toml++ makes a table of each name and frees them recursively,
/// which overflows the stack at some ten thousand.
enum KeyDepth {
  /// The first byte that makes a key deeper than `Limits.maxKeyDepth`; nil if there is none.
  ///
  /// Dots are counted outside of strings and comments, from one character that ends a key or a value to the next. In a
  /// text that is not valid TOML the count may be wrong, but only after the position where the parser stops.
  static func excess(in bytes: [UInt8]) -> Int? {
    var dots = 0
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "."):
        dots += 1
        if dots > Limits.maxKeyDepth { return index }
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        index = endOfString(bytes, index)
        continue
      case UInt8(ascii: "#"):
        index = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        continue
      case UInt8(ascii: "\n"), UInt8(ascii: "="), UInt8(ascii: ","), UInt8(ascii: "{"), UInt8(ascii: "["):
        dots = 0
      default:
        break
      }
      index += 1
    }
    return nil
  }

  /// The index after the string that begins at an index.
  private static func endOfString(_ bytes: [UInt8], _ start: Int) -> Int {
    let quote = bytes[start]
    let isLong = start + 2 < bytes.count && bytes[start + 1] == quote && bytes[start + 2] == quote
    var index = start + (isLong ? 3 : 1)
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        index += 2
        continue
      }
      if bytes[index] == UInt8(ascii: "\n"), !isLong { return index }
      if bytes[index] == quote {
        guard isLong else { return index + 1 }
        if bytes[index...].prefix(3).allSatisfy({ $0 == quote }), bytes[index...].count >= 3 {
          // Up to two quotes may come before the closing three.
          let run = bytes[index...].prefix(5).prefix { $0 == quote }
          return run.endIndex
        }
      }
      index += 1
    }
    return bytes.count
  }
}
