/// Collects the findings in a config while it is compiled.
final class Findings {
  private let sources: [ConfigSource]
  private var texts: [Int32: SourceText] = [:]
  private var found: [(place: Position, diagnostic: Diagnostic)] = []
  private(set) var hasErrors = false

  init(_ sources: [ConfigSource]) {
    self.sources = sources
  }

  /// The text of the file of a position, by lines. It is split on first use, so a config without errors does not need
  /// it.
  func source(of place: Position) -> SourceText {
    if let text = texts[place.file] { return text }
    let made = SourceText(sources[Int(place.file)].bytes, file: place.file)
    texts[place.file] = made
    return made
  }

  /// The name of the file of a position.
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

  /// All findings, by position; those at one position stay in the order in which they were found.
  var sorted: [Diagnostic] {
    found.enumerated().sorted { left, right in
      (left.element.place, left.offset) < (right.element.place, right.offset)
    }.map(\.element.diagnostic)
  }

  /// How a message at one position names another: by its line, and by its file if that is a different one.
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

/// One file of a config: its name in messages, and its content.
package struct ConfigSource {
  package var name: String
  package var bytes: [UInt8]
  /// Whether it is independent of the other files: its `[defaults]` hold only for its own jobs, and it includes no
  /// file.
  package var isFragment: Bool

  package init(name: String, bytes: [UInt8], isFragment: Bool = false) {
    self.name = name
    self.bytes = bytes
    self.isFragment = isFragment
  }
}
