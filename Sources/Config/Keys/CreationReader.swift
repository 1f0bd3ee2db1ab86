import Rotation

extension SettingsReader {
  /// The value of `create`: true, false or a table of attributes.
  func creation(_ index: Int) -> Creation? {
    let node = document.nodes[index]
    switch node.value {
    case .boolean(let isCreated):
      return isCreated ? .likeOldLog : .leftToWriter
    case .table:
      return attributes(index)
    default:
      refuse(
        node, "create", allowed: "true, false or a table of `mode`, `user` and `group`",
        hint: "write it as `create = { mode = \"0640\", user = \"root\", group = \"adm\" }`")
      return nil
    }
  }

  private func attributes(_ table: Int) -> Creation {
    var attributes = FileAttributes()
    for child in document.children(of: table) {
      let node = document.nodes[child]
      let known = CreateKey(rawValue: node.key)
      let corrected = known == nil ? refuseUnknownKey(node, in: table, .create, CreateKey.names) : nil
      if let key = known ?? corrected.flatMap(CreateKey.init(rawValue:)) { read(key, node, into: &attributes) }
    }
    return .create(mode: attributes.mode, user: attributes.user, group: attributes.group)
  }

  /// Mode, owner and group as a table gives them; nil is "not given".
  struct FileAttributes {
    var mode: UInt32?
    var user: UInt32?
    var group: UInt32?
  }

  /// Reads one key of such a table.
  func read(_ key: CreateKey, _ node: Document.Node, into attributes: inout FileAttributes) {
    switch key {
    case .mode: attributes.mode = mode(node)
    case .user: attributes.user = account(node, "user", accounts.user)
    case .group: attributes.group = account(node, "group", accounts.group)
    }
  }

  private func mode(_ node: Document.Node) -> UInt32? {
    let limit = "0" + String(Limits.maxMode, radix: 8)
    switch node.value {
    case .string(let text):
      let isShort = (3...4).contains(text.utf8.count) && text.utf8.allSatisfy(\.isDigit)
      if isShort, let mode = UInt32(text, radix: 8), mode <= Limits.maxMode { return mode }
      refuse(node, "mode", allowed: "three or four octal digits, up to \(limit)")
    case .integer:
      var digits = Substring(findings.source.word(at: node.place))
      if digits.hasPrefix("0o") { digits = digits.dropFirst(2) }
      let isOctal = UInt32(digits, radix: 8).map { $0 <= Limits.maxMode } ?? false
      let mode = isOctal && digits.utf8.count == 3 ? "0\(digits)" : "0640"
      refuse(node, "mode", allowed: "an octal number in quotes, up to \(limit)", hint: "quote it: `mode = \"\(mode)\"`")
    default:
      refuse(node, "mode", allowed: "an octal number in quotes, up to \(limit)", hint: "write it as `mode = \"0640\"`")
    }
    return nil
  }

  /// A user or group by name, or by number where no name is meant.
  private func account(_ node: Document.Node, _ kind: String, _ lookUp: (String) -> UInt32?) -> UInt32? {
    guard case .string(let name) = node.value else {
      let number = if case .integer(let number) = node.value, number >= 0 { "\(number)" } else { "root" }
      refuse(node, kind, allowed: "a name or a number in quotes", hint: "quote it: `\(kind) = \"\(number)\"`")
      return nil
    }
    if let id = lookUp(name) { return id }
    if !name.isEmpty, name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      // The greatest number means "leave as it is" to chown(2).
      if let id = UInt32(name), id != .max { return id }
      refuse(node, kind, allowed: "a number up to \(UInt32.max - 1)")
      return nil
    }
    findings.error("there is no \(kind) \(Wording.quoted(name)) on this system", at: node.place)
    return nil
  }
}
