/// Writes findings for people: `file:line:column: error: message`, and optionally the line with a caret, and the hint.
package struct DiagnosticRenderer {
  /// Whether to colour with the escape sequences of terminals (ECMA-48).
  package var usesColor: Bool
  private let sources: [String: SourceText]

  /// A renderer for the findings of a config; with its files, each finding shows its line.
  package init(sources: [ConfigSource] = [], usesColor: Bool = false) {
    self.sources = Dictionary(sources.map { ($0.name, SourceText($0.bytes)) }) { first, _ in first }
    self.usesColor = usesColor
  }

  /// One finding, on one line or several, without a line end after the last.
  package func render(_ diagnostic: Diagnostic) -> String {
    let place = "\(Wording.printable(diagnostic.file)):\(diagnostic.line):\(diagnostic.column):"
    let kind = diagnostic.severity == .error ? color("error:", "1;31") : color("warning:", "1;35")
    var text = "\(color(place, "1")) \(kind) \(diagnostic.message)"
    guard let source = sources[diagnostic.file], diagnostic.line <= source.lineCount else {
      return diagnostic.hint.map { "\(text) (\($0))" } ?? text
    }
    text += excerpt(source, diagnostic)
    if let hint = diagnostic.hint { text += "\n  \(color("hint:", "1;36")) \(hint)" }
    return text
  }

  /// All findings, each followed by a line end.
  package func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map { render($0) + "\n" }.joined()
  }

  /// The part of the line around the position, and a caret below the position.
  private func excerpt(_ source: SourceText, _ diagnostic: Diagnostic) -> String {
    let width = 100
    let scalars = Array(String(decoding: source.line(diagnostic.line), as: UTF8.self).unicodeScalars)
    let index = min(max(diagnostic.column - 1, 0), scalars.count)
    let start = index > width - 20 ? index - width / 2 : 0
    let shown = scalars[start..<min(start + width, scalars.count)]
    // Control characters and characters without a width are shown as a blank.
    let line = shown.map { Wording.isPrintable($0) ? String($0) : " " }.joined()
    let number = String(diagnostic.line)
    let margin = String(repeating: " ", count: number.utf8.count)
    // The position of the caret is counted in characters; wide characters are not considered.
    let lead = String(repeating: " ", count: index - start + (start > 0 ? 1 : 0))
    let marks = (before: start > 0 ? "…" : "", after: start + width < scalars.count ? "…" : "")
    return "\n  \(number) | \(marks.before)\(line)\(marks.after)\n  \(margin) | \(lead)\(color("^", "1;32"))"
  }

  private func color(_ text: String, _ code: String) -> String {
    usesColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
