/// Says in plain words why a text is no TOML: looks again at the line where the parser stopped, for the slips that people
/// make, and falls back to the parser's own words.
struct SyntaxMessage {
  private let source: SourceText
  private let stop: Position
  /// What the parser was at: "string", "key-value pair".
  private let scope: String
  /// What it says went wrong.
  private let words: String
  /// The line where it stopped.
  private let line: SyntaxLine
  /// The byte of the line where it stopped; past the last one at the end of the line.
  private let index: Int

  init(source: SourceText, error: DocumentParser.SyntaxError) {
    self.source = source
    self.stop = error.place
    let preamble = "Error while parsing "
    // "Error while parsing SCOPE: WORDS"; no scope has a colon.
    if error.message.hasPrefix(preamble), let colon = error.message.firstIndex(of: ":") {
      self.scope = String(error.message[..<colon].dropFirst(preamble.count))
      self.words = String(error.message[colon...].dropFirst(2))
    } else {
      self.scope = ""
      self.words = error.message
    }
    let line = source.line(Int(error.place.line))
    self.line = SyntaxLine(bytes: Array(line))
    self.index = max(0, min(source.offset(of: error.place) - line.startIndex, line.count))
  }

  /// Reports the error, at the place that a person would point to.
  func report(to findings: Findings) {
    let found =
      repeated ?? unclosedString ?? bigNumber ?? bareValue ?? missingPart ?? brokenTable
      ?? Finding(index: nil, message: "this is no TOML: \(Wording.shown(words))", hint: nil)
    let column = found.index.map { Int32(line.bytes[..<$0].count { $0 & 0xC0 != 0x80 } + 1) }
    findings.error(
      found.message, at: Position(file: stop.file, line: stop.line, column: column ?? stop.column), hint: found.hint)
  }

  private struct Finding {
    /// Where in the line; nil for where the parser stopped.
    var index: Int?
    var message: String
    var hint: String?
  }

  // MARK: - The slips

  /// A key or a table that is there twice.
  private var repeated: Finding? {
    guard words.hasPrefix("cannot redefine existing") || words.hasPrefix("cannot insert") else { return nil }
    if scope == "table header" {
      let header = line.trimmed
      let first = (1..<Int(stop.line)).first { SyntaxLine(bytes: Array(source.line($0))).trimmed == header }
      return Finding(
        index: line.firstInk, message: "\(Wording.code(header)) is there twice\(mention(first))",
        hint: "put everything below the first one")
    }
    guard let key = line.key(around: index) else { return nil }
    var first: Int?
    for number in stride(from: Int(stop.line) - 1, to: 0, by: -1) {
      let other = SyntaxLine(bytes: Array(source.line(number)))
      if other.isHeader { break }
      if other.firstKey == key.text { first = number }
    }
    return Finding(
      index: key.index, message: "\(Wording.code(key.text)) is given twice\(mention(first))",
      hint: "leave one of them")
  }

  private func mention(_ number: Int?) -> String { number.map { "; the first is in line \($0)" } ?? "" }

  private var unclosedString: Finding? {
    if words.hasPrefix("unknown escape sequence") || words.hasPrefix("escape sequence") {
      return Finding(
        index: nil, message: "a `\\` in double quotes starts an escape, and this one TOML does not know",
        hint: "write `\\\\` for a backslash, or put the text in single quotes")
    }
    let isControl = words.hasPrefix("control characters") || words.hasPrefix("unescaped control characters")
    if isControl, index < line.bytes.count {
      let code = String(line.bytes[index], radix: 16, uppercase: true)
      let padding = String(repeating: "0", count: 4 - code.utf8.count)
      return Finding(
        index: index, message: "a control character (U+\(padding)\(code)) stands here", hint: "take it out")
    }
    guard isControl || (scope.hasSuffix("string") && words == "encountered end-of-file") else { return nil }
    guard let quote = line.openQuote else {
      return Finding(index: nil, message: "the text ends in a string that has no closing quotes", hint: nil)
    }
    return Finding(index: quote, message: "the string that starts here has no closing quote", hint: nil)
  }

  /// How the parser begins when what it reads is no value of its own.
  private static let valueErrors = [
    "expected digit", "expected decimal digit", "expected expected digit", "leading zeroes",
    "could not determine value",
    "expected 'true'", "expected 'false'", "expected ':'", "expected value-terminator", "expected '-'",
    "expected hour", "expected minute", "expected second", "expected month", "expected day", "expected 'inf'",
    "expected 'nan'", "expected 4-digit", "expected 2-digit", "underscores", "expected hexadecimal", "expected '0'",
    "missing exponent", "expected exponent", "hexadecimal floating", "exceeds length", "expected '.'",
  ]

  private var bigNumber: Finding? {
    guard words.hasSuffix("not representable in 64 bits") else { return nil }
    return Finding(index: line.value(around: index)?.index, message: "a number beyond 64 bits stands here", hint: nil)
  }

  /// What the parser may be at when the text ends in the middle of such a value.
  private static let valueScopes: Set = ["boolean", "decimal integer", "floating-point", "date", "time", "date-time"]

  /// A value that lacks its quotes, or is almost one of TOML's own.
  private var bareValue: Finding? {
    let isCutShort = words == "encountered end-of-file" && Self.valueScopes.contains(scope)
    guard isCutShort || Self.valueErrors.contains(where: words.hasPrefix), let value = line.value(around: index) else {
      return nil
    }
    let text = value.text
    let prefix = value.key.map { "\($0) = " } ?? ""
    let assigned = Wording.code(prefix + text)
    if ["yes", "on", "true", "no", "off", "false"].contains(text.lowercased()) {
      let flag = ["yes", "on", "true"].contains(text.lowercased())
      return Finding(index: value.index, message: "\(assigned) is no TOML", hint: "write `\(prefix)\(flag)`")
    }
    if ["“", "”", "‘", "’", "„", "«", "»"].contains(where: text.hasPrefix) {
      return Finding(
        index: value.index, message: "these quotes are not those of TOML", hint: "write straight quotes: `\"` or `'`")
    }
    let isQuotable = text.utf8.count <= 60 && text.utf8.allSatisfy { $0 >= 0x20 && !"\"\\\u{7F}".utf8.contains($0) }
    let hint = isQuotable ? "quote it: `\(prefix)\"\(text)\"`" : "put it in quotes"
    let isOctal = text.utf8.count > 1 && text.utf8.first == UInt8(ascii: "0") && text.utf8.allSatisfy(\.isDigit)
    return Finding(
      index: value.index,
      message: "\(assigned) is no TOML: \(isOctal ? "a number does not start with 0" : "a text stands in quotes")",
      hint: hint)
  }

  /// A sign or a value that is not there.
  private var missingPart: Finding? {
    let isEnd = words == "encountered end-of-file"
    if words.hasPrefix("expected '='") || (isEnd && !line.bytes.contains(UInt8(ascii: "=")) && !line.isHeader) {
      return Finding(
        index: nil, message: "\(Wording.code(line.firstWord)) is followed by no `=`",
        hint: "a line is `key = value`, `[table]` or `# comment`")
    }
    if words.hasPrefix("expected value, saw") || (isEnd && line.endsInEquals) {
      return Finding(
        index: nil, message: "\(Wording.code(line.key(around: index)?.text ?? "this key")) has no value",
        hint: "write one behind the `=`")
    }
    if words.hasPrefix("expected comma or closing ']'") {
      return Finding(
        index: nil, message: "the list before this lacks its `]`, or a comma", hint: "a list is `[\"a\", \"b\"]`")
    }
    if words.hasPrefix("expected value or closing ']'") {
      return Finding(index: nil, message: "this comma follows no value", hint: "a list is `[\"a\", \"b\"]`")
    }
    if words.hasPrefix("expected a comment or whitespace") {
      let rest = SyntaxLine(bytes: Array(line.bytes[index...])).trimmed
      return Finding(
        index: nil,
        message: "\(Wording.code(rest)) stands behind the end of a \(line.isHeader ? "table's name" : "value")",
        hint: "one key to a line; a text stands in quotes")
    }
    if isEnd, !line.isHeader {
      return Finding(
        index: nil, message: "the text ends where a list or a table in braces is still open", hint: "add `]` or `}`")
    }
    return nil
  }

  private var brokenTable: Finding? {
    if words.hasPrefix("expected ']'") || (words == "encountered end-of-file" && line.isHeader) {
      return Finding(
        index: nil, message: "the name of the table is not closed by `]` here",
        hint: "a name with blanks or dots is quoted: `[job.\"my app\"]`")
    }
    if words.hasPrefix("expected bare key") || words.hasPrefix("tables with blank") {
      return Finding(
        index: nil, message: "a name belongs here",
        hint: "letters, digits, `-` and `_`; anything else is quoted: `[job.\"my app\"]`")
    }
    if words.hasPrefix("expected key or closing '}'") || words.hasPrefix("expected comma or closing '}'")
      || words.hasPrefix("expected key-value pair")
    {
      return Finding(
        index: nil, message: "the table in braces goes wrong here",
        hint: "it stands on one line, without a comma at its end: `{ mode = \"0640\", user = \"root\" }`")
    }
    if words.hasPrefix("expected '\\n' after") {
      return Finding(
        index: nil, message: "a carriage return stands here without a line feed",
        hint: "save the file with the line ends of Unix")
    }
    if words.hasPrefix("expected keys, tables") {
      return Finding(
        index: nil, message: "no key starts with this sign",
        hint: "a line is `key = value`, `[table]` or `# comment`")
    }
    return nil
  }
}
