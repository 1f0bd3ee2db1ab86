package import Rotation

/// A directory that is held open, so that an exchange of names cannot redirect what is done in it.
///
/// The token belongs to the file system that opened it, and is returned to it with the last reference.
package final class OpenDirectory {
  /// The absolute path by which it was opened; for messages.
  package let path: FilePath
  /// The number by which the file system identifies it.
  package let token: Int32
  /// The owner whose rights are used in it; nil for the daemon's own rights.
  package let owner: Owner?
  /// Whether the owner's rights are used, for a job with `use-owner-rights`.
  package var actsAsOwner = true
  /// For a directory of archives: whether no name can be moved to it from the log's directory in one step.
  package let isOnOtherFileSystem: Bool
  /// Its path without symbolic links; nil if its own path has none.
  package let realPath: FilePath?
  /// Whether two names in it are exchanged at less cost than one is changed.
  package private(set) lazy var hasFastExchange = exchangesFast(token)
  private let exchangesFast: (Int32) -> Bool
  private let release: (Int32) -> Void

  package init(
    path: FilePath, token: Int32, owner: Owner? = nil, isOnOtherFileSystem: Bool = false, realPath: FilePath? = nil,
    exchangesFast: @escaping (Int32) -> Bool = { _ in false }, release: @escaping (Int32) -> Void
  ) {
    self.path = path
    self.token = token
    self.owner = owner
    self.isOnOtherFileSystem = isOnOtherFileSystem
    self.realPath = realPath
    self.exchangesFast = exchangesFast
    self.release = release
  }

  deinit {
    release(token)
  }

  /// A user and a group.
  package struct Owner: Hashable, Sendable {
    package var user: UInt32
    package var group: UInt32

    package init(user: UInt32, group: UInt32) {
      self.user = user
      self.group = group
    }
  }
}

/// One entry of a directory listing.
package struct DirectoryEntry: Hashable, Sendable {
  package var name: FileName
  package var inode: UInt64
  /// The kind of the file; nil if the file system does not say it in a listing.
  package var kind: FileStatus.Kind?

  package init(name: FileName, inode: UInt64, kind: FileStatus.Kind?) {
    self.name = name
    self.inode = inode
    self.kind = kind
  }
}

extension FileSystem {
  /// Everything in a directory, however much that is.
  package func entries(in directory: OpenDirectory) throws(Errno) -> [DirectoryEntry] {
    let listing = try openListing(of: directory)
    var entries: [DirectoryEntry] = []
    while case let next = try nextEntries(in: listing), !next.isEmpty { entries += next }
    return entries
  }

  /// The users to whom a log's own files in a directory belong: the daemon's, the directory's owner, the log's owner,
  /// and the one in the config.
  func owners(of live: FileStatus?, in directory: OpenDirectory, _ policy: Policy?) -> Set<UInt32> {
    var owners: Set<UInt32> = [user]
    if let owner = directory.owner { owners.insert(owner.user) }
    if let live { owners.insert(live.user) }
    if case .create(_, let user?, _) = policy?.creation { owners.insert(user) }
    return owners
  }
}

extension DirectoryListing {
  /// The listing of these entries.
  init(_ entries: [DirectoryEntry], naming: ArchiveNaming = .numbered, place: DirectoryRole = .logDirectory) {
    self.init(naming: naming, place: place)
    for entry in entries { add(entry.name, inode: entry.inode) }
  }
}

/// The space of a file system (statvfs(3)).
package struct Space: Hashable, Sendable {
  /// Bytes that a writer without privileges can still use.
  package var free: Int64
  /// The size of the file system in bytes.
  package var total: Int64
  /// The device number of the file system.
  package var volume: UInt64

  package init(free: Int64, total: Int64, volume: UInt64) {
    // A file system may report any number; a negative one counts as 0.
    self.free = max(0, free)
    self.total = max(0, total)
    self.volume = volume
  }
}

/// The port to the disk: synchronous, relative to an opened directory, never through a symbolic link that anybody but
/// root and the daemon's user can have made.
///
/// Names are single components. Every call may throw the errno of its system call.
package protocol FileSystem: ArchiveFiles, TruncateFiles, LogWatching {
  /// The user whose rights the daemon has.
  var user: UInt32 { get }

  /// Opens a directory by absolute path. A symbolic link in the path is `Errno.symbolicLink`, unless the link and every
  /// directory above it belong to root or the daemon's user and nobody else can write there: such a link is followed.
  func openDirectory(_ path: FilePath) throws(Errno) -> OpenDirectory

  /// The cause of this error at an absolute path, in words that follow the error's; nil if nothing is known. For
  /// messages only: no decision depends on it.
  func obstacle(_ errno: Errno, at path: FilePath) -> String?

  /// Opens the directory for archives of logs, relative to the logs' directory or absolute; for symbolic links on the
  /// way, see `openDirectory`. With `makes`, missing directories are made, with the mode and owner in the config, or
  /// else with the owner of the log's directory and mode 0o755.
  func openArchives(
    _ archives: ArchiveDirectory, of log: OpenDirectory, makes: Bool
  ) throws(Errno) -> OpenDirectory

  /// The same directory, opened once more to be listed by `nextEntries`.
  func openListing(of directory: OpenDirectory) throws(Errno) -> OpenDirectory

  /// The next entries of a directory that was opened for this, and is listed once, but `.` and `..`, in no particular order; none
  /// at its end. Reads a bounded number. A name that is changed meanwhile may be there once, twice or not at all.
  func nextEntries(in directory: OpenDirectory) throws(Errno) -> [DirectoryEntry]

  /// The status of the file with this name, links not followed; nil if no such name exists.
  func status(of name: FileName, in directory: OpenDirectory) throws(Errno) -> FileStatus?

  /// The status by absolute path, in one call. It only decides whether a closer check follows: links in the parent
  /// directories are followed. nil if the name or its directory does not exist.
  func look(at path: FilePath) throws(Errno) -> FileStatus?

  /// The space of the directory's file system.
  func space(of directory: OpenDirectory) throws(Errno) -> Space

  /// Makes an empty regular file that did not exist, with its final owner and mode (set in that order) on return.
  /// `like` names a file of the same directory whose ACL and other extended attributes are copied where the file system
  /// has them. On an error after creation the file is removed again.
  func create(
    _ name: FileName, _ attributes: Attributes, like model: FileName?, in directory: OpenDirectory) throws(Errno)

  /// renameat2(2) with RENAME_NOREPLACE: `Errno.exists` if the new name is taken, `Errno.invalid` if the file system
  /// does not know the flag.
  func rename(_ old: FileName, to new: FileName, in directory: OpenDirectory) throws(Errno)

  /// The same from one directory to another; `Errno.crossDevice` if that takes more than one step.
  func rename(
    _ old: FileName, in source: OpenDirectory, to new: FileName, in target: OpenDirectory) throws(Errno)

  /// renameat2(2) with RENAME_EXCHANGE: both names exist before and after; `Errno.invalid` if the file system does not
  /// know the flag.
  func exchange(_ one: FileName, _ other: FileName, in directory: OpenDirectory) throws(Errno)

  /// rename(2): the new name is replaced if it exists.
  func replace(_ new: FileName, with old: FileName, in directory: OpenDirectory) throws(Errno)

  /// link(2) of a name within the directory: `Errno.exists` if the new name is taken.
  func link(_ old: FileName, to new: FileName, in directory: OpenDirectory) throws(Errno)

  /// The same from one directory to another; `Errno.crossDevice` between file systems.
  func link(
    _ old: FileName, in source: OpenDirectory, to new: FileName, in target: OpenDirectory) throws(Errno)

  /// unlink(2).
  func remove(_ name: FileName, in directory: OpenDirectory) throws(Errno)

  /// The whole content of a regular file; nil if there is none.
  func read(_ name: FileName, in directory: OpenDirectory) throws(Errno) -> [UInt8]?

  /// Appends in one write to a file, which is made with mode 0600 if missing. On an error after a partial write, the
  /// file is truncated to its old size, as far as possible.
  func append(_ bytes: [UInt8], to name: FileName, in directory: OpenDirectory) throws(Errno)

  /// Writes a new file of this mode beside, fsyncs it and renames it over the name: readers see the old content or the new.
  func write(_ bytes: [UInt8], to name: FileName, in directory: OpenDirectory, mode: UInt32) throws(Errno)
}

extension FileSystem {
  /// The same with mode 0600.
  package func write(_ bytes: [UInt8], to name: FileName, in directory: OpenDirectory) throws(Errno) {
    try write(bytes, to: name, in: directory, mode: 0o600)
  }
}
