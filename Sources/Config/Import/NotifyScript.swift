import Rotation

/// A script that does nothing but notify a daemon in one of the common ways, as the hook that does the same.
///
/// It is recognised word by word. Guards against a missing pid file, and what throws away output or an exit code, are not
/// needed in a hook, and may be there.
enum NotifyScript {
  private typealias Token = ShellWords.Token

  /// The hook of a script; nil for every other script.
  static func hook(_ body: [UInt8]) -> Hook? {
    guard let tokens = ShellWords.tokens(body) else { return nil }
    return hook(tokens[...], guardedBy: nil)
  }

  /// `guardedBy`: the file whose existence was tested, which must be the pid file.
  private static func hook(_ tokens: ArraySlice<Token>, guardedBy file: String?) -> Hook? {
    var tokens = trimmed(tokens).drop { $0 == .end }
    if tokens.first == .word("if"), tokens.last == .word("fi"), file == nil {
      tokens = tokens.dropFirst().dropLast()
      guard let then = tokens.firstIndex(of: .word("then")), !tokens.contains(.word("else")),
        !tokens.contains(.word("elif"))
      else { return nil }
      guard let tested = test(trimmed(tokens[..<then]), isNegated: false) else { return nil }
      return hook(tokens[tokens.index(after: then)...], guardedBy: tested)
    }
    for (separator, isNegated) in [(Token.and, false), (.or, true)] where file == nil {
      guard let index = tokens.firstIndex(of: separator), let tested = test(tokens[..<index], isNegated: isNegated)
      else { continue }
      return hook(tokens[tokens.index(after: index)...], guardedBy: tested)
    }
    let words = tokens.compactMap { if case .word(let word) = $0 { word } else { String?.none } }
    guard words.count == tokens.count, let program = words.first else { return nil }
    let arguments = words[1...]
    if program.split(separator: "/").last == "kill" { return kill(program, arguments, guardedBy: file) }
    return file == nil ? unit(program, arguments) : nil
  }

  /// Without what throws away the exit code, at the end.
  private static func trimmed(_ tokens: ArraySlice<Token>) -> ArraySlice<Token> {
    var tokens = tokens
    let tails: [[Token]] = [
      [.end], [.or, .word("true")], [.or, .word(":")], [.or, .word("/bin/true")], [.or, .word("exit"), .word("0")],
      [.end, .word("exit"), .word("0")], [.end, .word("true")], [.end, .word(":")],
    ]
    while let tail = tails.first(where: { tokens.count > $0.count && tokens.suffix($0.count).elementsEqual($0) }) {
      tokens = tokens.dropLast(tail.count)
    }
    return tokens
  }

  /// The file whose existence is tested.
  private static func test(_ tokens: ArraySlice<Token>, isNegated: Bool) -> String? {
    var words = tokens.compactMap { if case .word(let word) = $0 { word } else { String?.none } }
    guard words.count == tokens.count else { return nil }
    if words.first == "[", words.last == "]" {
      words = Array(words.dropFirst().dropLast())
    } else if words.first == "test" {
      words.removeFirst()
    } else {
      return nil
    }
    if isNegated {
      guard words.first == "!" else { return nil }
      words.removeFirst()
    }
    return words.count == 2 && ["-f", "-e", "-s", "-r"].contains(words[0]) ? words[1] : nil
  }

  /// `kill -HUP $(cat /run/app.pid)`.
  private static func kill(_ program: String, _ arguments: ArraySlice<String>, guardedBy file: String?) -> Hook? {
    guard ["kill", "/bin/kill", "/usr/bin/kill"].contains(program), let option = arguments.first else { return nil }
    var rest = arguments.dropFirst()
    var name = option.dropFirst()
    if option == "-s" {
      guard let next = rest.popFirst() else { return nil }
      name = next[...]
    }
    guard option.hasPrefix("-"), let signal = signal(name), rest.count == 1, let source = rest.first,
      let path = pidFile(source), file == nil || file == path
    else { return nil }
    return .pidFile(path: FilePath(path), signal: signal)
  }

  private static func signal(_ name: Substring) -> Int32? {
    if let number = Int32(name) {
      return SignalName.names.contains { SignalName.number(of: $0) == number } ? number : nil
    }
    return SignalName.number(of: String(name.hasPrefix("SIG") ? name.dropFirst(3) : name))
  }

  /// The file of `$(cat FILE)`.
  private static func pidFile(_ substitution: String) -> String? {
    guard substitution.hasPrefix("$("), substitution.hasSuffix(")") else { return nil }
    var words = substitution.dropFirst(2).dropLast().split(separator: " ").map(String.init)
    if words.last == "2>/dev/null" { words.removeLast() }
    guard words.count == 2, words[0] == "cat" || words[0] == "/bin/cat" || words[0] == "/usr/bin/cat" else {
      return nil
    }
    let path = words[1]
    let isSound = path.utf8.allSatisfy {
      $0.isDigit || (0x61...0x7A).contains($0 | 0x20) || "/._-+:@".utf8.contains($0)
    }
    return path.hasPrefix("/") && isSound && !path.split(separator: "/").contains("..") ? path : nil
  }

  private static func unit(_ program: String, _ arguments: ArraySlice<String>) -> Hook? {
    var words = Array(arguments)
    switch program {
    case "systemctl", "/bin/systemctl", "/usr/bin/systemctl":
      words.removeAll { $0 == "-q" || $0 == "--quiet" }
      if words.first == "reload", words.count == 2 { return name(words[1]).map { .reload(unit: $0) } }
      return words.first == "kill" ? mainSignal(Array(words.dropFirst())) : nil
    case "service", "/sbin/service", "/usr/sbin/service":
      return words.count == 2 && words[1] == "reload" ? name(words[0]).map { .reload(unit: $0) } : nil
    case "invoke-rc.d", "/usr/sbin/invoke-rc.d":
      words.removeAll { $0 == "--quiet" || $0 == "-q" }
      guard words.count == 2 else { return nil }
      // The `rotate` of this init script: `start-stop-daemon --signal USR1`.
      if words == ["nginx", "rotate"] { return .signal(unit: "nginx.service", SignalName.number(of: "USR1") ?? 10) }
      if words == ["rsyslog", "rotate"] { return .signal(unit: "rsyslog.service", SignalName.number(of: "HUP") ?? 1) }
      return words[1] == "reload" ? name(words[0]).map { .reload(unit: $0) } : nil
    case "/usr/lib/rsyslog/rsyslog-rotate":
      return words.isEmpty ? .signal(unit: "rsyslog.service", SignalName.number(of: "HUP") ?? 1) : nil
    default: return nil
    }
  }

  /// `systemctl kill --kill-who=main -s HUP app.service`; without `--kill-who` it signals every process of the unit, which
  /// `notify` does not.
  private static func mainSignal(_ words: [String]) -> Hook? {
    var (signal, unit, isMain) = (Int32?.none, String?.none, false)
    var words = words[...]
    while let word = words.popFirst() {
      if word == "-s" || word == "--signal" {
        signal = words.popFirst().flatMap { Self.signal($0[...]) }
      } else if word.hasPrefix("--signal=") {
        signal = Self.signal(word.dropFirst("--signal=".utf8.count))
      } else if word == "--kill-who=main" || word == "--kill-whom=main" {
        isMain = true
      } else if unit == nil {
        unit = name(word)
        if unit == nil { return nil }
      } else {
        return nil
      }
    }
    guard let signal, let unit, isMain else { return nil }
    return .signal(unit: unit, signal)
  }

  /// The name of a unit.
  private static func name(_ word: String) -> String? {
    let isSound = word.utf8.allSatisfy {
      $0.isDigit || (0x61...0x7A).contains($0 | 0x20) || ":-_.@".utf8.contains($0)
    }
    guard isSound, word.utf8.first?.isLetter == true || word.utf8.first?.isDigit == true,
      word.utf8.count < Limits.maxNameBytes - 8
    else { return nil }
    return word.utf8.contains(UInt8(ascii: ".")) ? word : word + ".service"
  }
}
