package import Timekeeping

/// How the content of a live log is taken.
package enum Method: Hashable, Sendable {
  /// The file is renamed and a new one takes its name: for writers that open their log again.
  case move
  /// The content is copied, and removed from the file by what `by` says. The file stays: for writers that cannot open their log
  /// again.
  case truncate(by: TruncationMethod)

  /// The content is copied, and the file stays as it is.
  package static let copy = Self.truncate(by: .leave)

  /// Whether the content is removed from the log's own file.
  package var cutsLog: Bool { self != .move && self != .copy }
}

/// How copied content is removed from a live log (fallocate(2), ftruncate(2)).
package enum TruncationMethod: String, Hashable, Sendable {
  /// The first of collapse, punch and copy that the file system and the writers of the log allow.
  case auto
  /// FALLOC_FL_COLLAPSE_RANGE: lossless and the file shrinks.
  case collapse
  /// FALLOC_FL_PUNCH_HOLE: lossless; the file keeps its length, with a hole at its head.
  case punch
  /// ftruncate(2): loses what is written between the last read and the truncation.
  case copy
  /// Nothing is removed: the file stays as it is.
  case leave

  /// What a config chooses from.
  package static let choices: [Self] = [.auto, .collapse, .punch, .copy]

  /// What happens to a log, in words that follow "is".
  package var effect: String {
    "\(self == .leave ? "copied" : "truncated by \(rawValue)"), which \(risk)"
  }

  /// The effect of the method on writers and readers of the log, in one sentence.
  package var risk: String {
    switch self {
    case .auto: "takes the first of collapse, punch and copy that the file system and the writers allow"
    case .collapse: "loses nothing; a reader that follows the log may see some lines again"
    case .punch: "loses nothing; the log keeps its length, with NUL bytes at its head"
    case .copy: "loses what is written between the last read and the truncation"
    case .leave: "leaves it as it is"
    }
  }
}

/// A directory to which archives are moved.
package struct ArchiveDirectory: Hashable, Sendable {
  /// Absolute, or relative to the directory of the log.
  package var path: FilePath
  /// The mode, owner and group of a missing directory; nil for 0o755 and those of the log's directory.
  package var mode: UInt32?
  package var user: UInt32?
  package var group: UInt32?

  package init(path: FilePath, mode: UInt32? = nil, user: UInt32? = nil, group: UInt32? = nil) {
    self.path = path
    self.mode = mode
    self.user = user
    self.group = group
  }
}

/// How archives are compressed, by a child process that reads standard input and writes standard output.
package struct Compression: Hashable, Sendable {
  /// The program with its arguments; the first is an absolute path, or a name that is searched in `$PATH`.
  package var command: [ExactText]
  /// The suffix of compressed archives, dot included.
  package var suffix: String
  /// The age at which an archive is compressed: the time since its rotation.
  package var after: Span
  /// The newest version that is compressed: 1 for every archive, 2 to leave the newest uncompressed.
  package var from: Int

  package init(command: [ExactText], suffix: String, after: Span = .zero, from: Int = 1) {
    self.command = command
    self.suffix = suffix
    self.after = after
    self.from = from
  }
}
