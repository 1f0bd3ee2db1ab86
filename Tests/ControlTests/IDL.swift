/// Varlink's interface language, read by its grammar (varlink.org/Interface-Definition), as a check of the program's
/// text. As in systemd, a name has one meaning: no type has the name of a method.
struct IDL {
  private var rest: Substring
  private(set) var members: [String: Set<String>] = [:]
  private(set) var used: Set<String> = []

  struct Misfit: Error { let rest: String }

  init(_ text: String) throws {
    rest = text[...]
    blanks()
    try take("interface")
    let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, name.first?.isLetter == true, !parts.contains(""),
      !parts.contains(where: { $0.hasPrefix("-") || $0.hasSuffix("-") })
    else { throw misfit }
    rest = rest.dropFirst(name.count)
    blanks()
    while !rest.isEmpty { try member() }
  }

  private var misfit: Misfit { Misfit(rest: String(rest.prefix(60))) }

  private mutating func member() throws {
    let keyword = ["type", "method", "error"].first { rest.hasPrefix($0 + " ") }
    guard let keyword else { throw misfit }
    try take(keyword)
    let name = word()
    guard name.first?.isUppercase == true, !name.contains("_"), !members.values.joined().contains(name) else {
      throw misfit
    }
    members[keyword, default: []].insert(name)
    try structure(canBeWords: keyword == "type")
    if keyword == "method" {
      try take("->")
      try structure(canBeWords: false)
    }
  }

  private mutating func structure(canBeWords: Bool) throws {
    try take("(")
    if optional(")") { return }
    var names: Set<String> = []
    var kinds: Set<Bool> = []
    repeat {
      let name = word()
      guard let first = name.first, first.isLetter, !name.hasSuffix("_"), names.insert(name).inserted else {
        throw misfit
      }
      kinds.insert(optional(":"))
      if kinds == [true] { try type() }
    } while optional(",")
    guard kinds.count == 1, kinds == [true] || canBeWords else { throw misfit }
    try take(")")
  }

  private mutating func type(isMaybe: Bool = false) throws {
    if optional("?") {
      guard !isMaybe else { throw misfit }
      return try type(isMaybe: true)
    }
    if optional("[]") || optional("[string]") { return try type() }
    if rest.hasPrefix("(") { return try structure(canBeWords: true) }
    let name = word()
    guard !name.isEmpty else { throw misfit }
    if !["bool", "int", "float", "string", "object"].contains(name) { used.insert(name) }
  }

  private mutating func word() -> String {
    let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    rest = rest.dropFirst(word.count)
    blanks()
    return String(word)
  }

  private mutating func optional(_ sign: String) -> Bool {
    guard rest.hasPrefix(sign) else { return false }
    rest = rest.dropFirst(sign.count)
    blanks()
    return true
  }

  private mutating func take(_ sign: String) throws { guard optional(sign) else { throw misfit } }

  /// Blanks, ends of lines and comments.
  private mutating func blanks() {
    while let first = rest.first, first.isWhitespace || first == "#" {
      rest = first == "#" ? rest.drop { !$0.isNewline } : rest.dropFirst()
    }
  }
}
