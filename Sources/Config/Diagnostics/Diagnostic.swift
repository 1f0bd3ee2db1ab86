/// One finding in a config: where, what was read, what is allowed.
package struct Diagnostic: Hashable, Sendable {
  /// How much a finding weighs.
  package enum Severity: Hashable, Sendable {
    /// The config cannot be used.
    case error
    /// The config works, but perhaps not as meant.
    case warning
  }

  /// Whether the config can be used all the same.
  package var severity: Severity
  /// The config file, as it was named.
  package var file: String
  /// First line is 1.
  package var line: Int
  /// First column is 1; counted in characters.
  package var column: Int
  /// What was read and what is allowed, in one sentence.
  package var message: String
  /// A suggestion: the nearest right name, how to write it instead.
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
