/// Rules that a few words in a row decide.
enum WordRules {
  /// Modules that start threads or add megabytes.
  private static let heavyModules: Set = ["Foundation", "FoundationEssentials", "Dispatch", "Subprocess"]

  /// Imports that neither the daemon nor its tests may have. `rotatectl` is free: swift-argument-parser brings
  /// Foundation along anyhow.
  static func heavyImports(_ source: SourceText) -> [Finding] {
    guard !source.path.hasPrefix("Sources/rotatectl/") else { return [] }
    return source.imports.filter { heavyModules.contains($0.text) }
      .map { Finding(source, line: $0.line, "\($0.text) is not for the daemon: it starts threads or adds megabytes") }
  }

  /// Tasks that leave the loop: every task starts with `Task(executorPreference: loop)`.
  static func strayTasks(_ source: SourceText) -> [Finding] {
    let tokens = source.tokens
    return tokens.indices.compactMap { index in
      guard tokens[index].text == "Task", startsStrayTask(tokens[(index + 1)...]) else { return nil }
      return Finding(
        source, line: tokens[index].line, "a task that leaves the loop; Task(executorPreference: loop) stays")
    }
  }

  private static func startsStrayTask(_ following: ArraySlice<Token>) -> Bool {
    var rest = following
    if rest.first?.text == "<" {
      // Result types of a task are simple: no comparison and no arrow is among them.
      rest = rest.drop { $0.text != ">" }.dropFirst()
    }
    switch rest.first?.text {
    case "{":
      return true
    case ".":
      return ["detached", "sleep", "immediate", "immediateDetached", "init"].contains(rest.dropFirst().first?.text)
    case "(":
      // The argument comes first or after a name.
      return !rest.prefix(8).contains { $0.text == "executorPreference" }
    default:
      return false
    }
  }

  /// `try!` and `as!`, unless the line above says why it cannot fail.
  static func forced(_ source: SourceText) -> [Finding] {
    zip(source.tokens, source.tokens.dropFirst()).compactMap { word, sign in
      guard ["try", "as"].contains(word.text), sign.text == "!", word.line == sign.line else { return nil }
      let above = word.line >= 2 ? source.lines[word.line - 2].drop { $0 == " " } : ""
      if above.hasPrefix("// ") { return nil }
      return Finding(source, line: word.line, "\(word.text)! without a reason on the line above")
    }
  }

  /// What was left for later, in code or in a comment.
  static func leftOpen(_ source: SourceText) -> [Finding] {
    let marks = source.lines.enumerated().filter { $1.contains("TODO") || $1.contains("FIXME") }
      .map { Finding(source, line: $0.offset + 1, "left open") }
    let tokens = source.tokens
    let traps = tokens.indices.dropLast(2).filter {
      tokens[$0].text == "fatalError" && tokens[$0 + 1].text == "(" && tokens[$0 + 2].text == ")"
    }
    return marks + traps.map { Finding(source, line: tokens[$0].line, "a trap that does not say what went wrong") }
  }

  /// A file is read in one sitting: 300 lines at most.
  static func fileLength(_ source: SourceText) -> [Finding] {
    guard source.lineCount > 300 else { return [] }
    return [Finding(source, line: 301, "\(source.lineCount) lines; a file has 300 at most")]
  }
}

extension SourceText {
  /// The names of the modules that the file imports, whatever the access level and attributes.
  var imports: [Token] {
    tokens.indices.dropLast().compactMap { index in
      guard tokens[index].text == "import" else { return nil }
      // `import struct Module.Name` names the kind of declaration first.
      let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      return tokens[(index + 1)...].first { !kinds.contains($0.text) }
    }
  }
}
