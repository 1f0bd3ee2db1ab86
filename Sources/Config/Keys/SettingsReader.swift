/// Reads the tables of a document by their keys, and reports errors in them.
struct SettingsReader {
  let document: Document
  let findings: Findings
  let accounts: AccountCache
  let calendars: CalendarCache
  /// Whether a program with this name or path is installed.
  let programs: (String) -> Bool

  /// Reads the table at an index into a target, and returns the keys that it has, with valid or invalid values.
  ///
  /// A misspelt key is reported and then read as the one it resembles, unless that one is set too. So a typing error
  /// does not cause further errors.
  func read<Target>(
    _ index: Int, as table: Table<Target>, _ owner: Owner, into target: inout Target
  ) -> KeySet {
    var given = KeySet()
    for child in document.children(of: index) {
      guard let position = position(of: child, in: index, table, owner) else { continue }
      given.insert(position)
      let field = Field(name: table.keys[position].name, index: child, node: document.nodes[child])
      table.keys[position].read(self, field, &target)
    }
    return given
  }

  /// Reads a table that is the value of a key, and reports missing required keys.
  func readValue<Target>(_ field: Field, as table: Table<Target>, _ owner: Owner, into target: inout Target) {
    let given = read(field.index, as: table, owner, into: &target)
    for (position, key) in table.keys.enumerated() where key.isRequired && !given.contains(position) {
      findings.error("\(owner) has no `\(key.name)`", at: field.node.place)
    }
  }

  private func position<Target>(
    of child: Int, in index: Int, _ table: Table<Target>, _ owner: Owner
  ) -> Int? {
    let node = document.nodes[child]
    let isForAll = if case .defaults = owner { true } else { false }
    if let position = table.position(of: node.key) {
      guard isForAll, table.keys[position].isOwn else { return position }
      findings.error(
        "\(Wording.code(node.key)) is not allowed in \(owner)", at: node.keyPlace, hint: "set it in each job")
      return nil
    }
    let keys = table.keys.filter { !isForAll || !$0.isOwn }
    let name = refuseUnknownKey(
      node, in: index, owner, keys.map(\.name), risky: Set(keys.lazy.filter(\.removes).map(\.name)),
      renamed: keys.first { $0.formerName == node.key }?.name)
    return name.flatMap(table.position)
  }

  /// Reports an unknown key. Returns the name that was meant, if that is clear and not set too.
  func refuseUnknownKey(
    _ node: Document.Node, in index: Int, _ owner: Owner, _ names: [String], risky: Set<String> = [],
    renamed: String? = nil
  ) -> String? {
    let foreign = names.contains("keep") ? LogrotateDirective.hint(forKey: node.key) : nil
    let nearest = foreign == nil ? renamed ?? NearestName.of(node.key, among: names, risky: risky) : nil
    findings.error(
      "unknown key \(Wording.code(node.key)) in \(owner)", at: node.keyPlace,
      hint: foreign ?? renamed.map { "it was renamed to \(Wording.code($0))" }
        ?? nearest.map { "did you mean \(Wording.code($0))?" } ?? "known keys are \(Wording.list(names))")
    guard let nearest, child(of: index, nearest) == nil else { return nil }
    return nearest
  }

  /// The node of a key of this table; nil if the table does not have it.
  func child(of index: Int, _ key: String) -> Int? {
    document.children(of: index).first { document.nodes[$0].key == key }
  }

  /// The nodes directly below a value, as values of the same key.
  func elements(of field: Field) -> [Field] {
    document.children(of: field.index).map { Field(name: field.name, index: $0, node: document.nodes[$0]) }
  }

  /// Reports a value of the wrong kind: what was read, what is expected.
  func refuse(_ field: Field, allowed: String, hint: String? = nil) {
    findings.error(
      "`\(field.name)` is \(Wording.described(field.node.value)); expected \(allowed)", at: field.node.place,
      hint: hint)
  }
}
