/// The rule that a function fits on a screen: less than 60 lines between its braces.
enum FunctionLength {
  private static let limit = 60
  private static let openers: Set = ["(", "[", "{"]
  private static let closers: Set = [")", "]", "}"]
  /// Words that begin the next declaration or statement: what came before had no body (a requirement of a protocol, a
  /// stored property).
  private static let next: Set = [
    "func", "var", "let", "init", "deinit", "subscript", "static", "mutating", "package", "public", "private",
    "fileprivate", "internal", "case", "typealias", "associatedtype", "struct", "class", "enum", "actor", "protocol",
    "extension", "if", "guard", "for", "while", "repeat", "switch", "do", "return", "defer",
  ]

  static func findings(_ source: SourceText) -> [Finding] {
    let tokens = source.tokens
    return tokens.indices.compactMap { index in
      guard let open = body(ofDeclarationAt: index, in: tokens), let close = end(ofBlockAt: open, in: tokens) else {
        return nil
      }
      let length = tokens[close].line - tokens[open].line - 1
      guard length >= limit else { return nil }
      return Finding(source, line: tokens[index].line, "\(length) lines in one body; a function has less than \(limit)")
    }
  }

  /// Where the body of the function, initializer, subscript or computed property that begins here opens.
  private static func body(ofDeclarationAt index: Int, in tokens: [Token]) -> Int? {
    guard ["func", "init", "deinit", "subscript", "var"].contains(tokens[index].text) else { return nil }
    if index > 0, tokens[index - 1].text == "." { return nil }
    var position = index + 1
    if tokens[index].text == "func" {
      // The name, which may be an operator.
      while position < tokens.count, tokens[position].text != "(" { position += 1 }
    }
    var depth = 0
    while position < tokens.count {
      let text = tokens[position].text
      if depth == 0 {
        if text == "{" { return position }
        if text == "=" || text == "}" || text == "," || text == ")" || next.contains(text) { return nil }
      }
      if openers.contains(text) { depth += 1 }
      if closers.contains(text) { depth -= 1 }
      position += 1
    }
    return nil
  }

  private static func end(ofBlockAt open: Int, in tokens: [Token]) -> Int? {
    var depth = 0
    return tokens.indices[open...].first { index in
      if tokens[index].text == "{" { depth += 1 }
      if tokens[index].text == "}" { depth -= 1 }
      return depth == 0
    }
  }
}
