/// Explains why a text is not valid TOML: checks the line where the parser stopped for common errors, and otherwise
/// uses the parser's own message.
struct SyntaxMessage {
  private let source: SourceText
  private let stop: Position
  /// What the parser was reading: "string", "key-value pair".
  private let scope: String
  /// Its message about the error.
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

  /// Reports the error, at the position where a person would search it.
  func report(to findings: Findings) {
    let found =
      repeated ?? unclosedString ?? bigNumber ?? bareValue ?? missingPart ?? brokenTable
      ?? Finding(index: nil, message: "this is not valid TOML: \(Wording.shown(words))", hint: nil)
    let column = found.index.map { Int32(line.bytes[..<$0].count { $0 & 0xC0 != 0x80 } + 1) }
    findings.error(
      found.message, at: Position(file: stop.file, line: stop.line, column: column ?? stop.column), hint: found.hint)
  }

  private struct Finding {
    /// The index in the line; nil for the position where the parser stopped.
    var index: Int?
    var message: String
    var hint: String?
  }

  // MARK: - Common errors

  /// A key or a table that is defined twice.
  private var repeated: Finding? {
    guard words.hasPrefix("cannot redefine existing") || words.hasPrefix("cannot insert") else { return nil }
    if scope == "table header" {
      let header = line.trimmed
      let first = (1..<Int(stop.line)).first { SyntaxLine(bytes: Array(source.line($0))).trimmed == header }
      return Finding(
        index: line.firstInk, message: "\(Wording.code(header)) is defined twice\(mention(first))",
        hint: "put all its keys below the first one")
    }
    guard let key = line.key(around: index) else { return nil }
    var first: Int?
    for number in stride(from: Int(stop.line) - 1, to: 0, by: -1) {
      let other = SyntaxLine(bytes: Array(source.line(number)))
      if other.isHeader { break }
      if other.firstKey == key.text { first = number }
    }
    return Finding(
      index: key.index, message: "\(Wording.code(key.text)) is set twice\(mention(first))",
      hint: "keep one of them")
  }

  private func mention(_ number: Int?) -> String { number.map { "; the first one is in line \($0)" } ?? "" }

  private var unclosedString: Finding? {
    if words.hasPrefix("unknown escape sequence") || words.hasPrefix("escape sequence") {
      return Finding(
        index: nil, message: "unknown escape sequence: in double quotes a `\\` starts one",
        hint: "write `\\\\` for a backslash, or put the text in single quotes")
    }
    let isControl = words.hasPrefix("control characters") || words.hasPrefix("unescaped control characters")
    if isControl, index < line.bytes.count {
      let code = String(line.bytes[index], radix: 16, uppercase: true)
      let padding = String(repeating: "0", count: 4 - code.utf8.count)
      return Finding(
        index: index, message: "the control character U+\(padding)\(code) is not allowed here", hint: "remove it")
    }
    guard isControl || (scope.hasSuffix("string") && words == "encountered end-of-file") else { return nil }
    guard let quote = line.openQuote else {
      return Finding(index: nil, message: "the file ends inside a string that has no closing quotes", hint: nil)
    }
    return Finding(index: quote, message: "the string that starts here has no closing quote", hint: nil)
  }

  /// How the parser's message begins if it cannot read a value.
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
    return Finding(index: line.value(around: index)?.index, message: "the number does not fit into 64 bits", hint: nil)
  }

  /// What the parser may be reading if the file ends in such a value.
  private static let valueScopes: Set = ["boolean", "decimal integer", "floating-point", "date", "time", "date-time"]

  /// A value without its quotes, or one that is nearly valid.
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
      return Finding(index: value.index, message: "\(assigned) is not valid TOML", hint: "write `\(prefix)\(flag)`")
    }
    if ["“", "”", "‘", "’", "„", "«", "»"].contains(where: text.hasPrefix) {
      return Finding(
        index: value.index, message: "these quotes are not valid in TOML", hint: "write straight quotes: `\"` or `'`")
    }
    let isQuotable = text.utf8.count <= 60 && text.utf8.allSatisfy { $0 >= 0x20 && !"\"\\\u{7F}".utf8.contains($0) }
    let hint = isQuotable ? "quote it: `\(prefix)\"\(text)\"`" : "put it in quotes"
    let isOctal = text.utf8.count > 1 && text.utf8.first == UInt8(ascii: "0") && text.utf8.allSatisfy(\.isDigit)
    return Finding(
      index: value.index,
      message: "\(assigned) is not valid TOML: \(isOctal ? "a number cannot start with 0" : "a string needs quotes")",
      hint: hint)
  }

  /// A character or a value that is missing.
  private var missingPart: Finding? {
    let isEnd = words == "encountered end-of-file"
    if words.hasPrefix("expected '='") || (isEnd && !line.bytes.contains(UInt8(ascii: "=")) && !line.isHeader) {
      return Finding(
        index: nil, message: "there is no `=` after \(Wording.code(line.firstWord))",
        hint: "a line is `key = value`, `[table]` or `# comment`")
    }
    if words.hasPrefix("expected value, saw") || (isEnd && line.endsInEquals) {
      return Finding(
        index: nil, message: "\(Wording.code(line.key(around: index)?.text ?? "this key")) has no value",
        hint: "write one after the `=`")
    }
    if words.hasPrefix("expected comma or closing ']'") {
      return Finding(
        index: nil, message: "a `]` or a comma is missing before this", hint: "a list is `[\"a\", \"b\"]`")
    }
    if words.hasPrefix("expected value or closing ']'") {
      return Finding(index: nil, message: "there is no value before this comma", hint: "a list is `[\"a\", \"b\"]`")
    }
    if words.hasPrefix("expected a comment or whitespace") {
      let rest = SyntaxLine(bytes: Array(line.bytes[index...])).trimmed
      return Finding(
        index: nil,
        message: "\(Wording.code(rest)) follows the end of a \(line.isHeader ? "table's name" : "value")",
        hint: "write one key a line, and a string in quotes")
    }
    if isEnd, !line.isHeader {
      return Finding(
        index: nil, message: "the file ends inside a list or an inline table", hint: "add `]` or `}`")
    }
    return nil
  }

  private var brokenTable: Finding? {
    if words.hasPrefix("expected ']'") || (words == "encountered end-of-file" && line.isHeader) {
      return Finding(
        index: nil, message: "a `]` is missing after the name of the table",
        hint: "quote a name that has spaces or dots: `[job.\"my app\"]`")
    }
    if words.hasPrefix("expected bare key") || words.hasPrefix("tables with blank") {
      return Finding(
        index: nil, message: "a name is missing here",
        hint: "use letters, digits, `-` and `_`, or quote the name: `[job.\"my app\"]`")
    }
    if words.hasPrefix("expected key or closing '}'") || words.hasPrefix("expected comma or closing '}'")
      || words.hasPrefix("expected key-value pair")
    {
      return Finding(
        index: nil, message: "the syntax of the inline table is wrong here",
        hint: "write it on one line, without a comma at its end: `{ mode = \"0640\", user = \"root\" }`")
    }
    if words.hasPrefix("expected '\\n' after") {
      return Finding(
        index: nil, message: "a carriage return without a line feed is not allowed here",
        hint: "save the file with Unix line endings")
    }
    if words.hasPrefix("expected keys, tables") {
      return Finding(
        index: nil, message: "a key cannot start with this character",
        hint: "a line is `key = value`, `[table]` or `# comment`")
    }
    return nil
  }
}
