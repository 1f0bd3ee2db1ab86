/// Collects what is found in a config while it is compiled.
final class Findings {
  private let sources: [ConfigSource]
  private var texts: [Int32: SourceText] = [:]
  private var found: [(place: Position, diagnostic: Diagnostic)] = []
  private(set) var hasErrors = false

  init(_ sources: [ConfigSource]) {
    self.sources = sources
  }

  /// The text of the file that a place is in, by lines, taken apart at the first question: a config without errors never asks.
  func source(of place: Position) -> SourceText {
    if let text = texts[place.file] { return text }
    let made = SourceText(sources[Int(place.file)].bytes, file: place.file)
    texts[place.file] = made
    return made
  }

  /// The name of the file that a place is in.
  func file(of place: Position) -> String { sources[Int(place.file)].name }

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
    found.enumerated().sorted { left, right in
      (left.element.place, left.offset) < (right.element.place, right.offset)
    }.map(\.element.diagnostic)
  }

  /// How a message at one place names another: by its line, and by its file where that is another.
  func mention(_ other: Position, at place: Position) -> String {
    other.file == place.file ? "line \(other.line)" : "\(file(of: other)):\(other.line)"
  }

  private func add(_ severity: Diagnostic.Severity, _ message: String, _ place: Position, _ hint: String?) {
    let diagnostic = Diagnostic(
      severity: severity, file: file(of: place), line: Int(place.line), column: Int(place.column), message: message,
      hint: hint)
    found.append((place, diagnostic))
  }
}

/// One file of a config: its name in messages, and what it holds.
package struct ConfigSource {
  package var name: String
  package var bytes: [UInt8]
  /// Whether it stands for itself among others: its `[defaults]` are those of its own jobs alone, and it includes no file.
  package var isFragment: Bool

  package init(name: String, bytes: [UInt8], isFragment: Bool = false) {
    self.name = name
    self.bytes = bytes
    self.isFragment = isFragment
  }
}
