package import Rotation
package import Timekeeping

/// What a run has come to for one log.
package struct LogResult {
  package var outcome: Outcome
  /// Inodes of the archives whose rotation has come to its end by this, the oldest first. One that was begun in an earlier run,
  /// and is finished on the way, is among them, though the outcome may be about what follows it.
  package var ended: [UInt64]

  init(_ outcome: Outcome, ended: [UInt64] = []) {
    self.outcome = outcome
    self.ended = ended
  }

  /// This result, where other rotations of the log have come to their end before.
  func after(_ earlier: [UInt64]) -> LogResult { LogResult(outcome, ended: earlier + ended) }

  /// Whether it is an error.
  var isFailure: Bool { if case .failed = outcome { true } else { false } }

  /// The archive of a rotation that has come to its end, as seen from the log's directory; nil where the outcome is about
  /// another.
  func archive(of inode: UInt64) -> FilePath? {
    guard inode == ended.last else { return nil }
    return switch outcome {
    case .rotated(let rotated): rotated.archive
    case .settled(let archive): archive
    case .skipped, .cleared, .failed: nil
    }
  }
}

/// What came of a run that somebody has asked for.
package struct RunResult {
  /// The outcome of each log, in the order of the run.
  package var logs: [(path: FilePath, outcome: Outcome)] = []
  /// Whether all logs could be looked at, and nothing has failed. What has failed was reported.
  package var isComplete = false
}

/// What became of one log in a run.
package enum Outcome {
  case rotated(Rotated)
  /// A former rotation's leftovers were settled; the log itself was not due or not there.
  case settled(archive: FilePath?)
  case skipped(Skip)
  /// Files of a group of `retain` were removed.
  case cleared(files: Int, bytes: Int64)
  case failed(Failure)

  /// A rotation that happened.
  package struct Rotated {
    package var archive: FilePath
    /// The archive's inode; nil when the log was gone from under its name before anything was looked at.
    package var inode: UInt64?
    /// Bytes of the log when it was taken away.
    package var bytes: Int64
    package var reason: String
    /// From the first look to the last step.
    package var took: Span
    /// Files that were removed because they are more than the policy keeps.
    package var pruned: [FilePath]
    /// The bytes that they took on disk.
    package var prunedBytes: Int64 = 0
    /// Files that are to be removed as well, when these processes let go of them.
    package var held: [(archive: FilePath, writers: [String])] = []
    /// Files that were set aside, since two had one version number.
    package var setAside: [FilePath]
    /// Surplus versions that could not be removed.
    package var unremoved: [Failure]
    /// What others have put under our hidden names.
    package var foreign: [Foreign] = []
    /// What will not be done with the archive, since its name is too long.
    package var impossible: String?
    /// How the content was cut off, where the log was not moved.
    package var way: TruncationMethod?
  }

  /// An operating error, with all that is needed to act on it.
  package struct Failure: Error, Hashable {
    /// What was being done: a step of the plan, a look.
    package var step: String
    /// The path that it was done to.
    package var path: FilePath
    package var errno: Errno
    /// What stands in the way, where that is known.
    package var obstacle: String?

    package init(step: String, path: FilePath, errno: Errno, obstacle: String? = nil) {
      self.step = step
      self.path = path
      self.errno = errno
      self.obstacle = obstacle
    }

    /// Error and obstacle in words.
    package var reason: String { errno.description + (obstacle.map { ": \($0.printable)" } ?? "") }
  }
}
