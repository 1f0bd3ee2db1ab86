import Rotation
import Timekeeping

/// The keys of a table of `notify` or `before`.
enum NoticeKey: String, CaseIterable {
  case unit, reload, signal, pidfile, command, shell, timeout

  static let names = allCases.map(\.rawValue)
  /// Those that say what is told; a notice has one of them.
  static let kinds: [NoticeKey] = [.unit, .pidfile, .command, .shell]
  /// Those of a command alone.
  static let commandNames = [NoticeKey.command, .shell].map(\.rawValue)
}

extension SettingsReader {
  /// How long a command of `notify` may take when nothing is said.
  static let defaultLimit = Span.seconds(60)

  private static let noticeForms =
    "`{ unit = \"…\", reload = true }`, `{ unit = \"…\", signal = \"USR1\" }`, `{ pidfile = \"…\", signal = \"HUP\" }`, "
    + "`{ command = [\"…\"] }` or `{ shell = \"…\" }`"

  /// The value of `notify`: a table, or a list of them.
  func notices(_ index: Int) -> [Notice]? {
    tables(index, "notify", allowed: Self.noticeForms).map { $0.compactMap(notice) }
  }

  /// The value of `before`: a table of a command, or a list of them.
  func commands(_ index: Int) -> [Command]? {
    tables(index, "before", allowed: "`{ command = [\"…\"] }` or `{ shell = \"…\" }`").map { tables in
      tables.compactMap { table in
        let fields = fields(of: table, .before, NoticeKey.commandNames)
        guard let kind = kind(fields, table, among: [.command, .shell]) else { return nil }
        return command(kind, fields)
      }
    }
  }

  private func tables(_ index: Int, _ name: String, allowed: String) -> [Int]? {
    let node = document.nodes[index]
    if case .table = node.value { return [index] }
    guard case .array = node.value else {
      refuse(node, name, allowed: "a table \(allowed), or a list of them")
      return nil
    }
    return document.children(of: index).filter { child in
      if case .table = document.nodes[child].value { return true }
      findings.error(
        "`\(name)` holds \(Wording.described(document.nodes[child].value)); allowed is a table \(allowed)",
        at: document.nodes[child].place)
      return false
    }
  }

  private func fields(of table: Int, _ owner: Owner, _ names: [String]) -> [NoticeKey: Int] {
    var fields: [NoticeKey: Int] = [:]
    for child in document.children(of: table) {
      let node = document.nodes[child]
      if names.contains(node.key), let key = NoticeKey(rawValue: node.key) {
        fields[key] = child
      } else if let name = refuseUnknownKey(node, in: table, owner, names), let key = NoticeKey(rawValue: name) {
        fields[key] = child
      }
    }
    return fields
  }

  /// The one key that says what is told or run; reports none and several.
  private func kind(_ fields: [NoticeKey: Int], _ table: Int, among kinds: [NoticeKey]) -> NoticeKey? {
    let given = kinds.filter { fields[$0] != nil }
    if given.count == 1 { return given[0] }
    let names = Wording.list(kinds.map(\.rawValue))
    findings.error(
      given.isEmpty
        ? "this table names nobody to tell and nothing to run; allowed is one of \(names)"
        : "this table has \(Wording.list(given.map(\.rawValue))); allowed is one of them",
      at: document.nodes[table].place, hint: given.isEmpty ? nil : "write a list of tables, one for each")
    return nil
  }

  private func notice(_ table: Int) -> Notice? {
    let fields = fields(of: table, .notify, NoticeKey.names)
    guard let kind = kind(fields, table, among: NoticeKey.kinds) else { return nil }
    let fitting: [NoticeKey] =
      switch kind {
      case .unit: [.reload, .signal]
      case .pidfile: [.signal]
      default: [.timeout]
      }
    for key in [NoticeKey.reload, .signal, .timeout] where !fitting.contains(key) {
      guard let child = fields[key] else { continue }
      findings.error("`\(key.rawValue)` does not go with `\(kind.rawValue)`", at: document.nodes[child].keyPlace)
    }
    switch kind {
    case .unit: return unitNotice(fields, table)
    case .pidfile:
      let path = fields[kind].flatMap { self.path(document.nodes[$0], "pidfile") }
      let signal = signal(fields, table)
      guard let path, let signal else { return nil }
      return .pidFile(path: path, signal: signal)
    default:
      var limit: Span? = Self.defaultLimit
      if let child = fields[.timeout] { limit = span(document.nodes[child], named: "timeout") }
      guard let command = command(kind, fields), let limit else { return nil }
      return .run(command, limit: limit)
    }
  }

  private func unitNotice(_ fields: [NoticeKey: Int], _ table: Int) -> Notice? {
    guard let child = fields[.unit], let unit = unit(document.nodes[child]) else { return nil }
    switch (fields[.reload], fields[.signal]) {
    case (let reload?, nil):
      if case .boolean(true) = document.nodes[reload].value { return .reload(unit: unit) }
      refuse(document.nodes[reload], "reload", allowed: "true", hint: "or write a signal: `signal = \"USR1\"`")
      return nil
    case (nil, .some): return signal(fields, table).map { .signal(unit: unit, $0) }
    default:
      findings.error(
        "a unit is told by `reload = true` or by a `signal`, and by one of them alone", at: document.nodes[table].place)
      return nil
    }
  }

  /// The name of a unit, completed with `.service` as systemctl(1) does.
  private func unit(_ node: Document.Node) -> String? {
    guard case .string(let text) = node.value else {
      refuse(node, "unit", allowed: "the name of a unit in quotes")
      return nil
    }
    let marks = Array(":-_.\\@".utf8)
    let isSound = text.utf8.allSatisfy {
      $0.isDigit || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || marks.contains($0)
    }
    guard !text.isEmpty, isSound, text.utf8.count < Limits.maxNameBytes else {
      refuse(node, "unit", allowed: "the name of a unit (systemd.unit(5))", hint: "such as \"nginx.service\"")
      return nil
    }
    return text.utf8.contains(UInt8(ascii: ".")) ? text : text + ".service"
  }

  private func signal(_ fields: [NoticeKey: Int], _ table: Int) -> Int32? {
    guard let child = fields[.signal] else {
      findings.error(
        "this table has no `signal`", at: document.nodes[table].place,
        hint: "most daemons open their log again at \"HUP\" or \"USR1\"")
      return nil
    }
    let node = document.nodes[child]
    guard case .string(let text) = node.value else {
      refuse(node, "signal", allowed: "the name of a signal in quotes", hint: "write it as `signal = \"HUP\"`")
      return nil
    }
    if let number = SignalName.number(of: text) { return number }
    let nearest = NearestName.of(text, among: SignalName.names)
    refuse(
      node, "signal", allowed: "one of \(Wording.list(SignalName.names)), or `RTMIN+N`",
      hint: nearest.map { "did you mean \(Wording.quoted($0))?" })
    return nil
  }

  private func command(_ kind: NoticeKey, _ fields: [NoticeKey: Int]) -> Command? {
    guard let child = fields[kind] else { return nil }
    if kind == .command { return words(child, "command").map { .program($0) } }
    guard case .string(let line) = document.nodes[child].value, !line.isEmpty, !line.utf8.contains(0) else {
      refuse(document.nodes[child], "shell", allowed: "a line for /bin/sh in quotes")
      return nil
    }
    return .shell(ExactText(line))
  }

  /// A program and its arguments: a list of strings, the first not empty.
  func words(_ index: Int, _ name: String) -> [ExactText]? {
    let node = document.nodes[index]
    let allowed = "a list of a program and its arguments in quotes"
    guard case .array = node.value else {
      let line: String? = if case .string(let text) = node.value { text } else { nil }
      refuse(
        node, name, allowed: allowed,
        hint: line.map { _ in "a line for the shell is written `shell = \"…\"`" })
      return nil
    }
    var words: [ExactText] = []
    for child in document.children(of: index) {
      guard case .string(let word) = document.nodes[child].value, !word.utf8.contains(0) else {
        refuse(document.nodes[child], name, allowed: allowed)
        return nil
      }
      words.append(ExactText(word))
    }
    guard let program = words.first, !program.isEmpty else {
      findings.error("`\(name)` names no program; allowed is \(allowed)", at: node.place)
      return nil
    }
    guard program.bytes.first == UInt8(ascii: "/") || !program.bytes.contains(UInt8(ascii: "/")) else {
      findings.error(
        "\(Wording.quoted(program.printable)) is a path from nowhere; allowed is an absolute path, or a name to look up",
        at: node.place)
      return nil
    }
    return words
  }

  /// An absolute path.
  func path(_ node: Document.Node, _ name: String) -> FilePath? {
    guard case .string(let text) = node.value, text.utf8.first == UInt8(ascii: "/"), !text.utf8.contains(0),
      text.utf8.count <= Limits.maxPathBytes
    else {
      refuse(node, name, allowed: "an absolute path in quotes")
      return nil
    }
    return FilePath(text)
  }
}
