/// One finding in a config: its position, what was read, what is expected.
package struct Diagnostic: Hashable, Sendable {
  /// The severity of a finding.
  package enum Severity: Hashable, Sendable {
    /// The config cannot be used.
    case error
    /// The config works, but perhaps not as meant.
    case warning
  }

  /// Whether the config can still be used.
  package var severity: Severity
  /// The config file, as it was named.
  package var file: String
  /// First line is 1.
  package var line: Int
  /// First column is 1; counted in characters.
  package var column: Int
  /// What was read and what is expected, in one sentence.
  package var message: String
  /// A suggestion: the nearest valid name, or how to write the value instead.
  package var hint: String?

  package init(
    severity: Severity = .error, file: String, line: Int, column: Int, message: String, hint: String? = nil
  ) {
    self.severity = severity
    self.file = file
    self.line = line
    self.column = column
    self.message = message
    self.hint = hint
  }
}
