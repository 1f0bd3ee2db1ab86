/// How values are written in logrotate's language.
enum LogrotateValues {
  /// An integer with a sign and a base as C writes them: `7`, `+7`, `-1`, `010` is 8, `0x10` is 16 (strtol(3)).
  static func number(_ text: some Collection<UInt8>) -> Int64? {
    var rest = Array(text)[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    var radix = 10
    if rest.count > 2, rest.first == UInt8(ascii: "0"), rest[rest.startIndex + 1] | 0x20 == UInt8(ascii: "x") {
      (radix, rest) = (16, rest.dropFirst(2))
    } else if rest.count > 1, rest.first == UInt8(ascii: "0") {
      (radix, rest) = (8, rest.dropFirst())
    }
    // A sign within the digits would be taken by Int64.
    guard let first = rest.first, first.isDigit || first.isLetter else { return nil }
    let text = (isNegative ? "-" : "") + String(decoding: rest, as: UTF8.self)
    return Int64(text, radix: radix)
  }

  /// A number of bytes, with `k` or `K`, `M` or `G` behind it.
  static func size(_ text: some Collection<UInt8>) -> Int64? {
    var digits = Array(text)
    var shift = 0
    switch digits.last {
    case UInt8(ascii: "k"), UInt8(ascii: "K"): shift = 10
    case UInt8(ascii: "M"): shift = 20
    case UInt8(ascii: "G"): shift = 30
    default: break
    }
    if shift > 0 { digits.removeLast() }
    guard let number = number(digits), number >= 0 else { return nil }
    let (size, overflows) = number.multipliedReportingOverflow(by: 1 << Int64(shift))
    return overflows ? nil : size
  }

  /// The words of a text, quoted as for a shell: `"a b"`, `'a b'` and `a\ b` are one each (popt(3), poptParseArgvString). Each
  /// has the offset at which it begins. nil if a quote is not closed.
  static func words(_ text: some Collection<UInt8>) -> [(bytes: [UInt8], offset: Int)]? {
    var words: [(bytes: [UInt8], offset: Int)] = []
    var word: (bytes: [UInt8], offset: Int)?
    var quote: UInt8?
    var isEscaped = false
    let backslash = UInt8(ascii: "\\")
    for (offset, byte) in text.enumerated() {
      if isEscaped {
        // Within quotes a backslash goes away only before the quote.
        if let quote, byte != quote { word?.bytes.append(backslash) }
        word?.bytes.append(byte)
        isEscaped = false
      } else if byte == backslash {
        word = word ?? ([], offset)
        isEscaped = true
      } else if let open = quote {
        if byte == open { quote = nil } else { word?.bytes.append(byte) }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        word = word ?? ([], offset)
        quote = byte
      } else if byte.isLogrotateBlank || byte == .newline || byte == 0x0B || byte == 0x0C {
        if let whole = word { words.append(whole) }
        word = nil
      } else {
        word = word ?? ([], offset)
        word?.bytes.append(byte)
      }
    }
    guard quote == nil, !isEscaped else { return nil }
    if let whole = word { words.append(whole) }
    return words
  }

  /// Mode, user and group of `create` and `createolddir`: `0640 root adm`, `0640`, `root adm`. nil for more than that.
  static func attributes(_ text: some Collection<UInt8>) -> LogrotateAttributes? {
    var words = text.split { $0.isLogrotateBlank }.map { Array($0) }
    var attributes = LogrotateAttributes()
    if let first = words.first, first.allSatisfy({ (0x30...0x37).contains($0) }), first.count <= 6 {
      attributes.mode = UInt32(String(decoding: first, as: UTF8.self), radix: 8)
      words.removeFirst()
    }
    guard words.count <= 2 else { return nil }
    if let user = words.first { attributes.user = String(decoding: user, as: UTF8.self) }
    if words.count == 2 { attributes.group = String(decoding: words[1], as: UTF8.self) }
    return attributes
  }
}

/// Mode and owner of a file as a config names them; nil is "not said".
struct LogrotateAttributes: Equatable {
  var mode: UInt32?
  var user: String?
  var group: String?
}
