/// A Swift source as the house rules look at it: its lines as written, and its tokens without comments and without
/// the content of string literals, so that a rule about code is not misled by prose.
struct SourceText {
  /// The path below the root of the package, `Sources/Rotation/Job.swift`.
  let path: String
  /// The lines as written.
  let lines: [String]
  /// The words and signs outside of comments and strings, in order.
  let tokens: [Token]

  init(path: String, text: String) {
    let bytes = Array(text.utf8)
    self.path = path
    self.lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    var mask = CodeMask(bytes)
    self.tokens = Token.all(in: mask.masked())
  }

  /// The target below `Sources` or `Tests` that the file belongs to.
  var target: String {
    let parts = path.split(separator: "/")
    return parts.count > 1 ? String(parts[1]) : ""
  }

  /// The name after the last slash.
  var fileName: String { String(path.split(separator: "/").last ?? "") }

  /// How many lines the file has; a last line without its line feed counts.
  var lineCount: Int { lines.last?.isEmpty == true ? lines.count - 1 : lines.count }
}
