/// A word or a sign of Swift code, as far as the house rules tell them apart.
struct Token: Hashable {
  /// A word (`func`, `Job`, `` `a raw name` ``), a number, or one sign.
  let text: String
  /// First line is 1.
  let line: Int

  /// The tokens of source whose comments and strings are blanked out.
  static func all(in code: [UInt8]) -> [Token] {
    var tokens: [Token] = []
    var line = 1
    var position = 0
    while position < code.count {
      let start = position
      position += 1
      switch code[start] {
      case UInt8(ascii: "\n"):
        line += 1
        continue
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        continue
      case UInt8(ascii: "`"):
        while position < code.count, code[position] != UInt8(ascii: "`") { position += 1 }
        position = min(position + 1, code.count)
      case let byte where isWord(byte):
        while position < code.count, isWord(code[position]) { position += 1 }
      default:
        break
      }
      tokens.append(Token(text: String(decoding: code[start..<position], as: UTF8.self), line: line))
    }
    return tokens
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default:
      false
    }
  }
}
