import Rotation

/// The words of a short shell script, as far as they need no shell to be understood: without variables, patterns, pipes
/// and here-documents. A command substitution is one word, written as `$(…)`.
struct ShellWords {
  /// A word, or what stands between commands.
  enum Token: Equatable {
    case word(String)
    case end, and, or
  }

  private var rest: ArraySlice<UInt8>
  private var tokens: [Token] = []
  private var word: [UInt8]?

  /// The tokens of a script, without those that only throw away output; nil for any script that needs a shell.
  static func tokens(_ script: [UInt8]) -> [Token]? {
    var words = ShellWords(rest: script[...])
    guard words.read() else { return nil }
    return words.withoutRedirections()
  }

  private mutating func read() -> Bool {
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"): endWord()
      case UInt8(ascii: "\n"), UInt8(ascii: ";"): end(.end)
      case UInt8(ascii: "#") where word == nil: rest = rest.drop { $0 != UInt8(ascii: "\n") }
      case UInt8(ascii: "&") where word?.last == UInt8(ascii: ">") || rest.first == UInt8(ascii: ">"): add(byte)
      case UInt8(ascii: "&"), UInt8(ascii: "|"):
        guard rest.popFirst() == byte else { return false }
        end(byte == UInt8(ascii: "&") ? .and : .or)
      case UInt8(ascii: "\\"):
        guard rest.popFirst() == UInt8(ascii: "\n") else { return false }
        endWord()
      case UInt8(ascii: "`"): guard substitute(until: byte) else { return false }
      case UInt8(ascii: "$"):
        guard rest.popFirst() == UInt8(ascii: "("), substitute(until: UInt8(ascii: ")")) else { return false }
      case UInt8(ascii: "\""), UInt8(ascii: "'"): guard quote(byte) else { return false }
      case UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "<"), UInt8(ascii: "("), UInt8(ascii: ")"),
        UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "~"):
        return false
      case 0x21...0x7E: add(byte)
      default: return false
      }
    }
    end(.end)
    return true
  }

  private mutating func add(_ byte: UInt8) { word = (word ?? []) + [byte] }

  private mutating func endWord() {
    if let word { tokens.append(.word(String(decoding: word, as: UTF8.self))) }
    word = nil
  }

  private mutating func end(_ token: Token) {
    endWord()
    // `then`, a line end and another line end are one end.
    if token == .end, tokens.isEmpty || tokens.last == .end || tokens.last == .and || tokens.last == .or { return }
    tokens.append(token)
  }

  /// A command substitution, whose command is plain words.
  private mutating func substitute(until close: UInt8) -> Bool {
    let command = rest.prefix { $0 != close }
    rest = rest.dropFirst(command.count)
    guard word == nil, rest.popFirst() == close, command.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }),
      !command.contains(where: { "$`\"'\\;|*?<(){}~".utf8.contains($0) })
    else { return false }
    word = Array("$(".utf8) + command + [UInt8(ascii: ")")]
    return true
  }

  /// Quotes around a command substitution, or around text without a special character.
  private mutating func quote(_ mark: UInt8) -> Bool {
    let text = rest.prefix { $0 != mark }
    rest = rest.dropFirst(text.count)
    guard word == nil, rest.popFirst() == mark else { return false }
    if mark == UInt8(ascii: "\""), text.starts(with: "$(".utf8) || text.first == UInt8(ascii: "`") {
      var inner = ShellWords(rest: text)
      guard inner.read(), inner.tokens.count == 2, case .word(let one) = inner.tokens[0], one.hasPrefix("$(") else {
        return false
      }
      word = Array(one.utf8)
      return true
    }
    guard !text.isEmpty, text.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      !text.contains(where: { "$`\\".utf8.contains($0) })
    else { return false }
    word = Array(text)
    return true
  }

  private func withoutRedirections() -> [Token]? {
    let whole = [
      ">/dev/null", "1>/dev/null", "2>/dev/null", "&>/dev/null", ">&/dev/null", "2>&1", "1>&2", ">&2",
    ]
    let openers = [">", "1>", "2>", "&>", ">&"]
    var kept: [Token] = []
    var awaitsTarget = false
    for token in tokens {
      if awaitsTarget {
        guard token == .word("/dev/null") else { return nil }
        awaitsTarget = false
        continue
      }
      guard case .word(let text) = token else {
        kept.append(token)
        continue
      }
      if openers.contains(text) {
        awaitsTarget = true
      } else if !whole.contains(text) {
        // Any other redirection needs a shell.
        guard !text.utf8.contains(UInt8(ascii: ">")) || text.hasPrefix("$(") else { return nil }
        kept.append(token)
      }
    }
    return awaitsTarget ? nil : kept
  }
}
