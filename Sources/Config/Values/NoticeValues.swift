import Rotation
import Timekeeping

/// The keys of a table of `notify` or `before`.
enum HookKey: String, CaseIterable {
  case unit, reload, signal, pidfile, command, shell, timeout

  static let names = allCases.map(\.rawValue)
  /// The keys that select what is notified; a hook has one of them.
  static let kinds: [HookKey] = [.unit, .pidfile, .command, .shell]
  /// The keys for a command.
  static let commandNames = [HookKey.command, .shell].map(\.rawValue)
}

extension SettingsReader {
  /// How long a command of `notify` may take by default.
  static let defaultLimit = Span.seconds(60)

  private static let hookForms =
    "`{ unit = \"…\", reload = true }`, `{ unit = \"…\", signal = \"USR1\" }`, `{ pidfile = \"…\", signal = \"HUP\" }`, "
    + "`{ command = [\"…\"] }` or `{ shell = \"…\" }`"

  /// The value of `notify`: a table, or a list of them.
  func hooks(_ field: Field) -> [Hook]? {
    tables(field, allowed: Self.hookForms).map { $0.compactMap { hook($0.index) } }
  }

  /// The value of `before`: a table of a command, or a list of them.
  func commands(_ field: Field, of owner: Owner) -> [Command]? {
    tables(field, allowed: "`{ command = [\"…\"] }` or `{ shell = \"…\" }`").map { tables in
      tables.compactMap { table in
        let fields = fields(of: table.index, owner, HookKey.commandNames)
        return kind(fields, table.index, among: [.command, .shell]).flatMap { command($0, fields) }
      }
    }
  }

  private func tables(_ field: Field, allowed: String) -> [Field]? {
    if case .table = field.node.value { return [field] }
    guard case .array = field.node.value else {
      refuse(field, allowed: "a table \(allowed), or a list of them")
      return nil
    }
    return elements(of: field).filter { element in
      if case .table = element.node.value { return true }
      findings.error(
        "`\(field.name)` contains \(Wording.described(element.node.value)); expected a table \(allowed)",
        at: element.node.place)
      return false
    }
  }

  private func fields(of table: Int, _ owner: Owner, _ names: [String]) -> [HookKey: Field] {
    var fields: [HookKey: Field] = [:]
    for child in document.children(of: table) {
      let node = document.nodes[child]
      let name = names.contains(node.key) ? node.key : refuseUnknownKey(node, in: table, owner, names)
      if let key = name.flatMap(HookKey.init(rawValue:)) {
        fields[key] = Field(name: key.rawValue, index: child, node: node)
      }
    }
    return fields
  }

  /// The one key that selects what is notified or run; reports if there is none, or more than one.
  private func kind(_ fields: [HookKey: Field], _ table: Int, among kinds: [HookKey]) -> HookKey? {
    let given = kinds.filter { fields[$0] != nil }
    if given.count == 1 { return given[0] }
    let names = Wording.list(kinds.map(\.rawValue))
    findings.error(
      given.isEmpty
        ? "this table does not say what to notify or to run; expected one of \(names)"
        : "this table has \(Wording.list(given.map(\.rawValue))); expected only one of them",
      at: document.nodes[table].place, hint: given.isEmpty ? nil : "write a list of tables, one for each")
    return nil
  }

  private func hook(_ table: Int) -> Hook? {
    let fields = fields(of: table, .notify, HookKey.names)
    guard let kind = kind(fields, table, among: HookKey.kinds) else { return nil }
    let fitting: [HookKey] =
      switch kind {
      case .unit: [.reload, .signal]
      case .pidfile: [.signal]
      default: [.timeout]
      }
    for key in [HookKey.reload, .signal, .timeout] where !fitting.contains(key) {
      guard let field = fields[key] else { continue }
      findings.error("`\(key.rawValue)` cannot be used with `\(kind.rawValue)`", at: field.node.keyPlace)
    }
    switch kind {
    case .unit: return unitHook(fields, table)
    case .pidfile:
      let path = fields[kind].flatMap { self.path($0) }
      let signal = signal(fields, table)
      guard let path, let signal else { return nil }
      return .pidFile(path: path, signal: signal)
    default:
      var limit: Span? = Self.defaultLimit
      if let field = fields[.timeout] { limit = span(field) }
      guard let command = command(kind, fields), let limit else { return nil }
      return .run(command, limit: limit)
    }
  }

  private func unitHook(_ fields: [HookKey: Field], _ table: Int) -> Hook? {
    guard let unit = fields[.unit].flatMap({ self.unit($0) }) else { return nil }
    switch (fields[.reload], fields[.signal]) {
    case (let reload?, nil):
      if case .boolean(true) = reload.node.value { return .reload(unit: unit) }
      refuse(reload, allowed: "true", hint: "or write a signal: `signal = \"USR1\"`")
      return nil
    case (nil, .some): return signal(fields, table).map { .signal(unit: unit, $0) }
    default:
      findings.error(
        "a unit is notified by `reload = true` or by a `signal`, not by both or neither",
        at: document.nodes[table].place)
      return nil
    }
  }

  /// The name of a unit, completed with `.service` as by systemctl(1).
  private func unit(_ field: Field) -> String? {
    guard case .string(let text) = field.node.value else {
      refuse(field, allowed: "the name of a unit in quotes")
      return nil
    }
    let marks = Array(":-_.\\@".utf8)
    let isSound = text.utf8.allSatisfy {
      $0.isDigit || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || marks.contains($0)
    }
    guard !text.isEmpty, isSound, text.utf8.count < Limits.maxNameBytes else {
      refuse(field, allowed: "the name of a unit (systemd.unit(5))", hint: "such as \"nginx.service\"")
      return nil
    }
    return text.utf8.contains(UInt8(ascii: ".")) ? text : text + ".service"
  }

  private func signal(_ fields: [HookKey: Field], _ table: Int) -> Int32? {
    guard let field = fields[.signal] else {
      findings.error(
        "this table has no `signal`", at: document.nodes[table].place,
        hint: "most daemons reopen their log on \"HUP\" or \"USR1\"")
      return nil
    }
    guard case .string(let text) = field.node.value else {
      refuse(field, allowed: "the name of a signal in quotes", hint: "write it as `signal = \"HUP\"`")
      return nil
    }
    if let number = SignalName.number(of: text) { return number }
    let nearest = NearestName.of(text, among: SignalName.names)
    refuse(
      field, allowed: "one of \(Wording.list(SignalName.names)), or `RTMIN+N`",
      hint: nearest.map { "did you mean \(Wording.quoted($0))?" })
    return nil
  }

  private func command(_ kind: HookKey, _ fields: [HookKey: Field]) -> Command? {
    guard let field = fields[kind] else { return nil }
    if kind == .command { return words(field).map { .program($0) } }
    guard case .string(let line) = field.node.value, !line.isEmpty, !line.utf8.contains(0) else {
      refuse(field, allowed: "a command line for /bin/sh in quotes")
      return nil
    }
    return .shell(ExactText(line))
  }

  /// A program and its arguments: a list of strings, the first not empty.
  func words(_ field: Field) -> [ExactText]? {
    let allowed = "a list of a program and its arguments in quotes"
    guard case .array = field.node.value else {
      let isLine = if case .string = field.node.value { true } else { false }
      refuse(field, allowed: allowed, hint: isLine ? "write a command line for the shell as `shell = \"…\"`" : nil)
      return nil
    }
    var words: [ExactText] = []
    for element in elements(of: field) {
      guard case .string(let word) = element.node.value, !word.utf8.contains(0) else {
        refuse(element, allowed: allowed)
        return nil
      }
      words.append(ExactText(word))
    }
    guard let program = words.first, !program.isEmpty else {
      findings.error("`\(field.name)` names no program; expected \(allowed)", at: field.node.place)
      return nil
    }
    guard program.bytes.first == UInt8(ascii: "/") || !program.bytes.contains(UInt8(ascii: "/")) else {
      findings.error(
        "\(Wording.quoted(program.printable)) is a relative path; expected an absolute path or a name to find in PATH",
        at: field.node.place)
      return nil
    }
    return words
  }
}
