/// What a line declares: `package static func move(_ name: FileName) {`.
struct Declaration {
  private static let modifiers: Set<Substring> = [
    "package", "public", "open", "internal", "private", "fileprivate", "static", "final", "class", "mutating",
    "override",
    "required", "convenience", "lazy", "weak", "unowned", "nonisolated", "indirect", "consuming", "borrowing",
  ]
  private static let kinds: Set<Substring> = [
    "func", "init", "deinit", "subscript", "var", "let", "struct", "class", "enum", "actor", "protocol", "typealias",
    "extension", "import", "case",
  ]

  /// Whether other targets see it.
  let isShared: Bool
  /// `func`.
  let kind: Substring
  /// `move`; empty for an operator and for what has no name.
  let name: Substring

  /// Whether it has a name of its own: not an initializer, an extension or an operator.
  var isNamed: Bool { kind == "subscript" || name != "" && !["init", "import", "extension", "case"].contains(kind) }

  /// nil for a line that begins no declaration.
  init?(_ line: SourceLine) {
    var rest = line.code.split(separator: " ")[...]
    let shared = ["package", "public", "open"]
    var isShared = false
    while let word = rest.first, word.hasPrefix("@") || Self.modifiers.contains(word.prefix { $0.isPartOfWord }) {
      // A call of open(2) is none, and `class` may be the kind.
      if word.contains("("), !word.hasPrefix("@"), !word.hasSuffix("(set)"), !word.hasSuffix("(unsafe)") { return nil }
      if word == "class", rest.count > 1, !Self.kinds.union(Self.modifiers).contains(rest[rest.startIndex + 1]) {
        break
      }
      isShared = isShared || shared.contains(String(word))
      rest = rest.dropFirst()
    }
    guard let kind = rest.first?.prefix(while: { $0.isPartOfWord }), Self.kinds.contains(kind) else { return nil }
    self.isShared = isShared
    self.kind = kind
    let name = rest.dropFirst().first ?? ""
    self.name = name.prefix { $0.isPartOfWord || $0 == "`" }
  }
}

extension SourceFile {
  /// The names of all functions and properties that the protocols of a file require.
  var requirements: [Substring] {
    lines.indices.filter { Declaration(lines[$0])?.kind == "protocol" }.flatMap { start in
      lines[(start + 1)...].prefix { $0.text == "" || $0.indentation > lines[start].indentation }
        .compactMap { Declaration($0) }.filter { ["func", "var"].contains($0.kind) }.map(\.name)
    }
  }

  /// Whether a comment of three slashes is right above a declaration, attributes aside.
  ///
  /// Properties that stand together without an empty line share what stands above the first of them: a comment, or the head
  /// of their type.
  func isDescribed(_ index: Int, isProperty: Bool) -> Bool {
    for line in lines[..<index].reversed() {
      let text = line.text.dropFirst(line.indentation)
      if text.hasPrefix("///") { return true }
      if text.hasPrefix("@") { continue }
      guard isProperty, !text.isEmpty, text != "}" else { return false }
      if text.hasSuffix("{") || text.hasPrefix("//") { return true }
    }
    return false
  }

  /// How many lines are between the braces of the function, initializer, subscript or property that begins at a line.
  func bodyLength(_ start: Int) -> Int? {
    guard let kind = Declaration(lines[start])?.kind, ["func", "init", "deinit", "subscript", "var"].contains(kind)
    else {
      return nil
    }
    let indentation = lines[start].indentation
    // What belongs to the head is further in, or begins so.
    let isHead = { (line: SourceLine) in
      line.indentation > indentation || [")", "where ", "{"].contains { line.code.hasPrefix($0) }
    }
    let below = lines[(start + 1)...]
    let head =
      lines[start].code.hasSuffix("{")
      ? start
      : below.prefix(while: isHead).firstIndex {
        $0.indentation == indentation && $0.code.hasSuffix("{")
      }
    guard let head else { return nil }
    let end = lines[(head + 1)...].firstIndex { $0.text != "" && $0.indentation <= indentation }
    return (end ?? lines.count) - head - 1
  }
}
