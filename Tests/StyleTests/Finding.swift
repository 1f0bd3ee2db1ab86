/// A place where a source breaks a house rule.
struct Finding: Hashable, CustomStringConvertible {
  let path: String
  /// First line is 1.
  let line: Int
  let message: String

  init(_ source: SourceText, line: Int, _ message: String) {
    self.path = source.path
    self.line = line
    self.message = message
  }

  var description: String { "\(path):\(line): \(message)" }
}

extension Collection<Finding> {
  /// One finding a line, for the message of an expectation.
  var listed: String { "\n" + map(\.description).joined(separator: "\n") }
}
