/// Rules about how things are named and described.
enum DeclarationRules {
  private static let access: Set = ["package", "public", "open"]
  private static let describable: Set = [
    "func", "var", "let", "subscript", "struct", "class", "enum", "actor", "protocol", "typealias",
  ]
  /// What ends the search for the kind of a declaration: nothing to describe.
  private static let plain: Set = ["init", "import", "extension", "case"]

  /// Everything that another target can see says what it is, in a comment of three slashes right above.
  ///
  /// An initializer is free, as its parameters are the properties, and so is an operator, which means what it
  /// always means, and so is a witness of one of the requirements named, which says it where it is required.
  /// Properties that stand together without an empty line share what stands above the first of them: a comment, or
  /// the head of their type.
  static func docComments(_ source: SourceText, requirements: Set<String> = []) -> [Finding] {
    let tokens = source.tokens
    return tokens.indices.compactMap { index in
      guard access.contains(tokens[index].text), opensDeclaration(index, in: tokens) else { return nil }
      let rest = tokens[(index + 1)...]
      guard let kind = rest.firstIndex(where: { describable.contains($0.text) || plain.contains($0.text) }),
        let name = described(tokens[kind], in: rest[kind...]), !requirements.contains(name.text),
        !isDescribed(tokens[index], name.isProperty, in: source)
      else { return nil }
      return Finding(source, line: tokens[index].line, "\(name.text) has no comment that says what it is")
    }
  }

  /// Whether the word is the access level of a declaration: first on its line, attributes aside.
  private static func opensDeclaration(_ index: Int, in tokens: [Token]) -> Bool {
    let before = tokens[..<index].reversed().prefix { $0.line == tokens[index].line }
    let isCall = tokens[(index + 1)...].first?.text == "(" && tokens.dropFirst(index + 2).first?.text != "set"
    return !isCall && (before.isEmpty || before.last?.text == "@")
  }

  /// The name of a declaration that needs a comment, and whether it is a property; nil for one that needs none.
  private static func described(_ kind: Token, in rest: ArraySlice<Token>) -> (text: String, isProperty: Bool)? {
    guard describable.contains(kind.text) else { return nil }
    // In `class func` and `class var` the second word is the kind.
    guard let name = rest.first(where: { !describable.contains($0.text) }) else { return nil }
    let isNamed = name.text.first.map { $0.isLetter || "_`(".contains($0) } ?? false
    return isNamed ? (name.text, kind.text == "var" || kind.text == "let") : nil
  }

  private static func isDescribed(_ token: Token, _ isProperty: Bool, in source: SourceText) -> Bool {
    for line in source.lines[..<(token.line - 1)].reversed() {
      let text = line.drop { $0 == " " }
      if text.hasPrefix("///") { return true }
      // Attributes stand between the comment and the declaration.
      if text.hasPrefix("@") { continue }
      guard isProperty, !text.isEmpty, text != "}" else { return false }
      if text.hasSuffix("{") || text.hasPrefix("//") { return true }
    }
    return false
  }

  /// The names of all functions and properties that the protocols of a file require.
  static func requirements(_ source: SourceText) -> [String] {
    let tokens = source.tokens
    return tokens.indices.filter { tokens[$0].text == "protocol" }.flatMap { start in
      var depth = 0
      let body = tokens[start...].drop { $0.text != "{" }.prefix { token in
        if token.text == "{" { depth += 1 }
        if token.text == "}" { depth -= 1 }
        return depth > 0
      }
      return zip(body, body.dropFirst()).filter { $0.0.text == "func" || $0.0.text == "var" }.map(\.1.text)
    }
  }

  private static let vague: Set = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Base"]
  /// The port, and what implements it, is named after what it stands for: systemd calls itself a service manager.
  private static let allowed = "ServiceManager"

  /// Names say what a type is; these words say nothing.
  static func vagueNames(_ source: SourceText) -> [Finding] {
    let kinds: Set = ["struct", "class", "enum", "actor", "protocol", "typealias"]
    return zip(source.tokens, source.tokens.dropFirst()).compactMap { kind, name in
      guard kinds.contains(kind.text), !name.text.hasSuffix(allowed),
        let word = words(of: name.text).first(where: vague.contains)
      else { return nil }
      return Finding(source, line: name.line, "\(name.text): '\(word)' says nothing about what it is")
    }
  }

  /// `LinuxFileSystem` as Linux, File, System.
  private static func words(of name: String) -> [String] {
    name.reduce(into: []) { words, letter in
      if letter.isUppercase || words.isEmpty { words.append("") }
      words[words.count - 1].append(letter)
    }
  }
}
