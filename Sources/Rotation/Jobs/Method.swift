package import Timekeeping

/// How the content is taken from a live log.
package enum Method: Hashable, Sendable {
  /// The file is renamed and a new one takes its name: for writers that open their log again.
  case move
  /// The content is copied and cut off the file, which stays: for writers that cannot open their log again.
  case truncate(by: TruncationMethod)
}

/// How copied content is cut off a live log (fallocate(2), ftruncate(2)).
package enum TruncationMethod: String, Hashable, Sendable, CaseIterable {
  /// The best that the file system has: collapse, else punch.
  case auto
  /// FALLOC_FL_COLLAPSE_RANGE: lossless and the file shrinks.
  case collapse
  /// FALLOC_FL_PUNCH_HOLE: lossless; the file keeps its length, with a hole at its head.
  case punch
  /// ftruncate(2): loses what is written between the last read and the cut.
  case copy

  /// What the way may do to those who write and read the log, in one sentence.
  package var risk: String {
    switch self {
    case .auto: "takes the first of collapse, punch and copy that the file system and the writers allow"
    case .collapse: "loses nothing; a reader that follows the log may see some lines again"
    case .punch: "loses nothing; the log keeps its length, with NUL bytes at its head"
    case .copy: "loses what is written between the last read and the truncation"
    }
  }
}

/// A directory that archives are moved to.
package struct ArchiveDirectory: Hashable, Sendable {
  /// Absolute, or relative to the directory of the log.
  package var path: FilePath
  /// Mode, owner and group it is made with when it is not there; nil is 0o755 or those of the log's directory.
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
  /// The program with its arguments; the first is an absolute path or a name that is looked up in the path.
  package var command: [ExactText]
  /// What is put behind the archive's name, dot included.
  package var suffix: String
  /// How old an archive is when it is compressed: the time since it was rotated.
  package var after: Span
  /// The newest version that is compressed: 1 is every archive, 2 leaves the newest plain.
  package var from: Int

  package init(command: [ExactText], suffix: String, after: Span = .zero, from: Int = 1) {
    self.command = command
    self.suffix = suffix
    self.after = after
    self.from = from
  }
}
