package import Rotation
package import Timekeeping

/// What became of one log in a turn.
package enum Outcome {
  case rotated(Rotated)
  /// A former rotation's leftovers were settled; the log itself was not due or not there.
  case settled(archive: FilePath?)
  case skipped(Skip)
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
