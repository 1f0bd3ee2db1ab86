/// Collects the findings in a config while it is compiled.
final class Findings {
  private var sources: [ConfigSource]
  /// The files whose errors leave the config usable: what is wrong there is left out.
  private var forgiving: Set<Int32> = []
  private var texts: [Int32: SourceText] = [:]
  private var found: [(place: Position, diagnostic: Diagnostic)] = []
  private(set) var hasErrors = false

  init(_ sources: [ConfigSource]) {
    self.sources = sources
  }

  /// Adds a file that is read while the config is compiled, and returns its place among the files. Errors in a file that
  /// `isForgiving` do not make the config unusable.
  func add(_ source: ConfigSource, isForgiving: Bool) -> Int32 {
    sources.append(source)
    let file = Int32(sources.count - 1)
    if isForgiving { forgiving.insert(file) }
    return file
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
    if !forgiving.contains(place.file) { hasErrors = true }
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
