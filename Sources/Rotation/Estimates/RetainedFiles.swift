package import Timekeeping

/// The files that one pattern of `retain` takes in, in one directory: their number, their bytes, and the oldest of them.
///
/// Files are in the order of their times, then of their names. Every file counts once, whatever names a listing shows for
/// it while a program renames its files.
package struct RetainedFiles {
  /// A file that may be removed.
  package struct File: Hashable, Comparable, Sendable {
    package var name: FileName
    package var inode: UInt64
    /// The bytes that it takes on disk.
    package var bytes: Int64
    package var modified: WallTime

    package init(name: FileName, inode: UInt64, bytes: Int64, modified: WallTime) {
      self.name = name
      self.inode = inode
      self.bytes = bytes
      self.modified = modified
    }

    package static func < (one: File, other: File) -> Bool {
      one.modified != other.modified ? one.modified < other.modified : one.name < other.name
    }
  }

  /// The directory and the last component of the pattern, for messages: `/var/log/postgresql/*.log`.
  package let path: FilePath
  /// Files whose time is known: those that count for `keep`.
  package private(set) var count = 0
  /// All files, those with a time in the future among them.
  package private(set) var all = 0
  /// The bytes that all files take on disk.
  package private(set) var bytes: Int64 = 0
  /// The time of the newest file, and of the oldest.
  package private(set) var newest: WallTime?
  package private(set) var earliest: WallTime?
  private let now: WallTime
  private var known: Set<UInt64> = []
  private var oldest: Least<File>

  /// A group without files. A time after `now` says nothing: such a file is neither removed nor does it count for
  /// `keep`. `limit`: how many of the oldest files are kept by name.
  package init(path: FilePath, now: WallTime, limit: Int = Limits.retainedAtOnce) {
    self.path = path
    self.now = now
    oldest = Least(limit: limit)
  }

  /// Adds a file.
  package mutating func add(_ name: FileName, _ status: FileStatus) {
    guard status.kind == .regular, status.links == 1, known.insert(status.inode).inserted else { return }
    all += 1
    bytes = bytes.saturatingAdd(status.allocated)
    guard status.modified <= now else { return }
    count += 1
    newest = max(newest ?? status.modified, status.modified)
    earliest = min(earliest ?? status.modified, status.modified)
    oldest.insert(
      File(name: name, inode: status.inode, bytes: status.allocated, modified: status.modified))
  }

  /// Puts up to so many files in order. Returns whether all are.
  package mutating func settle(_ steps: Int) -> Bool { oldest.settle(steps) }

  /// The oldest files, the oldest first; when all are in order.
  package var files: [File] { oldest.ascending }
}
