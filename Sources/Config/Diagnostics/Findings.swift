/// Collects what is found in a config while it is compiled.
final class Findings {
  /// The config file, as it was named.
  let file: String
  private let bytes: [UInt8]
  private var lines: SourceText?
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var hasErrors = false

  init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  /// The text by lines, split when it is first needed: a config without errors does not need it.
  var source: SourceText {
    if let lines { return lines }
    let made = SourceText(bytes)
    lines = made
    return made
  }

  /// A finding that makes the config unusable.
  func error(_ message: String, at place: Position, hint: String? = nil) {
    hasErrors = true
    add(.error, message, place, hint)
  }

  /// A finding that leaves the config usable.
  func warning(_ message: String, at place: Position, hint: String? = nil) {
    add(.warning, message, place, hint)
  }

  /// Everything found, by place; what was found at one place stays in the order of finding.
  var sorted: [Diagnostic] {
    diagnostics.enumerated().sorted { left, right in
      (left.element.line, left.element.column, left.offset) < (right.element.line, right.element.column, right.offset)
    }.map(\.element)
  }

  private func add(_ severity: Diagnostic.Severity, _ message: String, _ place: Position, _ hint: String?) {
    diagnostics.append(
      Diagnostic(
        severity: severity, file: file, line: Int(place.line), column: Int(place.column), message: message, hint: hint))
  }
}
