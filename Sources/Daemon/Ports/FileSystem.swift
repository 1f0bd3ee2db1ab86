package import Rotation

/// A directory that is held open, so that what is done in it cannot be led elsewhere by a swap of names.
///
/// The token belongs to the file system that opened it; it is given back when the last reference goes.
package final class OpenDirectory {
  /// The absolute path it was opened by; for messages.
  package let path: FilePath
  /// What the file system knows it by.
  package let token: Int32
  /// Whose rights are used in it; nil for the daemon's own.
  package let owner: Owner?
  /// Whether they are, for a job that says so.
  package var actsAsOwner = true
  /// For a directory of archives: whether no name can be moved to it from the log's directory in one step.
  package let isOnOtherFileSystem: Bool
  /// Its path without symbolic links, where its own has some; nil where both are the same.
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
  /// nil where the file system does not say in its listing.
  package var kind: FileStatus.Kind?

  package init(name: FileName, inode: UInt64, kind: FileStatus.Kind?) {
    self.name = name
    self.inode = inode
    self.kind = kind
  }
}

extension FileSystem {
  /// The users that a log's own files in a directory belong to: the daemon's, that of the directory, that of the log, and the
  /// one that the config says.
  func owners(of live: FileStatus?, in directory: OpenDirectory, _ policy: Policy?) -> Set<UInt32> {
    var owners: Set<UInt32> = [user]
    if let owner = directory.owner { owners.insert(owner.user) }
    if let live { owners.insert(live.user) }
    if case .create(_, let user?, _) = policy?.creation { owners.insert(user) }
    return owners
  }
}

extension DirectoryListing {
  /// What a directory was found to hold.
  init(_ entries: [DirectoryEntry], naming: ArchiveNaming = .numbered, place: DirectoryRole = .logDirectory) {
    self.init(naming: naming, place: place)
    for entry in entries { add(entry.name, inode: entry.inode) }
  }
}

/// The room of a file system (statvfs(3)).
package struct Space: Hashable, Sendable {
  /// Bytes that a writer without privileges could still use.
  package var free: Int64
  /// Bytes in all.
  package var total: Int64
  /// Which file system it is: its device number.
  package var volume: UInt64

  package init(free: Int64, total: Int64, volume: UInt64) {
    // A file system may say anything; a negative number of bytes is none.
    self.free = max(0, free)
    self.total = max(0, total)
    self.volume = volume
  }
}

/// The port to the disk: synchronous, relative to an opened directory, never through a symbolic link that anybody but root
/// and the daemon's user can have made.
///
/// Names are single components. Every call may throw whatever errno its system call gives.
package protocol FileSystem: ArchiveFiles, TruncateFiles, LogWatching {
  /// The user whose rights the daemon has.
  var user: UInt32 { get }

  /// Opens a directory by absolute path. A symbolic link in the path is `Errno.symbolicLink`, unless the link and every
  /// directory above it belong to root or to the daemon's user and nobody else can write there: a disk may follow such a one.
  func openDirectory(_ path: FilePath) throws(Errno) -> OpenDirectory

  /// What stands in the way of whoever got this error at an absolute path, in words that follow the error's; nil when
  /// nothing is known. For messages: it decides nothing.
  func obstacle(_ errno: Errno, at path: FilePath) -> String?

  /// Opens the directory that archives of logs go to, relative to that of the logs or absolute; symbolic links on the way
  /// are as in `openDirectory`. If `makes`, what is missing is made, with the mode and owner that the config says: else those
  /// of the log's directory, and 0o755.
  func openArchives(
    _ archives: ArchiveDirectory, of log: OpenDirectory, makes: Bool
  ) throws(Errno) -> OpenDirectory

  /// Everything in the directory but `.` and `..`, in no particular order.
  func entries(in directory: OpenDirectory) throws(Errno) -> [DirectoryEntry]

  /// What the name stands for, links not followed; nil when there is nothing of that name.
  func status(of name: FileName, in directory: OpenDirectory) throws(Errno) -> FileStatus?

  /// The same by absolute path, for a look that costs one call and decides nothing but whether to look closer:
  /// links in the parent directories are followed. nil when the name or its directory does not exist.
  func look(at path: FilePath) throws(Errno) -> FileStatus?

  /// The room of the file system that the directory is on.
  func space(of directory: OpenDirectory) throws(Errno) -> Space

  /// Makes an empty regular file that did not exist, with its final owner and mode (in that order) before return.
  /// `like` names a file of the same directory whose ACL and other extended attributes are taken over where
  /// the file system has them. On an error after creation the file is removed again.
  func create(
    _ name: FileName, _ attributes: Attributes, like model: FileName?, in directory: OpenDirectory) throws(Errno)

  /// renameat2(2) with RENAME_NOREPLACE: `Errno.exists` when the new name is taken, `Errno.invalid` where the
  /// file system does not know the flag.
  func rename(_ old: FileName, to new: FileName, in directory: OpenDirectory) throws(Errno)

  /// The same from one directory to another; `Errno.crossDevice` where that takes more than one step.
  func rename(
    _ old: FileName, in source: OpenDirectory, to new: FileName, in target: OpenDirectory) throws(Errno)

  /// renameat2(2) with RENAME_EXCHANGE: both names exist before and after; `Errno.invalid` where the file system
  /// does not know the flag.
  func exchange(_ one: FileName, _ other: FileName, in directory: OpenDirectory) throws(Errno)

  /// rename(2): the new name is replaced if it exists.
  func replace(_ new: FileName, with old: FileName, in directory: OpenDirectory) throws(Errno)

  /// link(2) of a name within the directory: `Errno.exists` when the new name is taken.
  func link(_ old: FileName, to new: FileName, in directory: OpenDirectory) throws(Errno)

  /// The same from one directory to another; `Errno.crossDevice` between file systems.
  func link(
    _ old: FileName, in source: OpenDirectory, to new: FileName, in target: OpenDirectory) throws(Errno)

  /// unlink(2).
  func remove(_ name: FileName, in directory: OpenDirectory) throws(Errno)

  /// The whole content of a regular file; nil when there is none.
  func read(_ name: FileName, in directory: OpenDirectory) throws(Errno) -> [UInt8]?

  /// Appends in one write to a file, made with mode 0600 if missing. An error after a part was written cuts the
  /// file back to what it was, so far as that is possible.
  func append(_ bytes: [UInt8], to name: FileName, in directory: OpenDirectory) throws(Errno)

  /// Writes a new file beside, fsyncs it and renames it over the name: readers see the old content or the new.
  func write(_ bytes: [UInt8], to name: FileName, in directory: OpenDirectory) throws(Errno)
}
