internal import CLinux
package import Daemon
package import EventLoop
internal import Glibc
package import Rotation
internal import Timekeeping

/// The disk: every call is one system call or a short, fixed sequence of them, relative to an opened directory.
///
/// Nothing here follows a symbolic link except `look`, on which no decision depends, and `ComponentWalk`, which follows
/// links that only root and the daemon's user can have made. The tokens of directories are descriptors.
package final class LinuxFileSystem: FileSystem {
  let driver: EpollDriver?
  private var releases: ReleaseWatch?
  /// Finds the writers without O_APPEND of a log, and the writers of an archive.
  let writers = FileWriters()
  var sizeEvents: LogWatch?
  package var onWatchEvents: (([WatchEvent]) -> Void)?

  /// The disk. Without a driver, closes of archives are not reported.
  package init(driver: EpollDriver? = nil) {
    self.driver = driver
    // A broken lease causes SIGIO; a process without a handler for it must ignore it (fcntl(2)).
    _ = signal(SIGIO, SIG_IGN)
  }

  /// Opened on first use: most daemons compress nothing.
  func releaseWatch() -> ReleaseWatch? {
    if releases == nil, let driver { releases = ReleaseWatch(on: driver) }
    return releases
  }

  /// The status of an open file.
  static func status(of file: Int32) throws(Errno) -> FileStatus {
    var status = linux_status()
    _ = try check(unsafe linux_status_of(file, &status))
    return FileStatus(status)
  }

  package var user: UInt32 { geteuid() }

  package func openDirectory(_ path: FilePath) throws(Errno) -> OpenDirectory {
    guard path.isAbsolute else { throw .invalid }
    let descriptor: Int32
    let links: Int
    do throws(Errno) {
      descriptor = try unsafe callWithPath(path) {
        unsafe linux_openat2_no_symlinks(AT_FDCWD, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      }
      links = 0
    } catch  where error == .symbolicLink || error == .notImplemented || error == .notPermitted {
      // Linux before 5.6 does not have openat2(2), and older seccomp filters refuse it. A link may be a safe one.
      (descriptor, links) = try ComponentWalk.openDirectory(path)
    }
    return OpenDirectory(
      path: path, token: descriptor, owner: FileRights.owner(of: descriptor),
      realPath: links > 0 ? RealPath.of(descriptor) : nil, exchangesFast: FastExchange.isHad(in:)
    ) { descriptor in _ = close(descriptor) }
  }

  package func openListing(of directory: OpenDirectory) throws(Errno) -> OpenDirectory {
    // A duplicate would share its position with other listings.
    let own = try unsafe callWithPath(FilePath(".")) {
      unsafe openat(directory.token, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    return OpenDirectory(path: directory.path, token: own) { _ = close($0) }
  }

  package func nextEntries(in directory: OpenDirectory) throws(Errno) -> [DirectoryEntry] {
    var entries: [DirectoryEntry] = []
    // A piece may have nothing but `.` and `..`.
    while entries.isEmpty, try DirectoryReader.readPiece(of: directory.token, into: &entries) {}
    return entries
  }

  package func status(of name: FileName, in directory: OpenDirectory) throws(Errno) -> FileStatus? {
    var status = linux_status()
    do throws(Errno) {
      _ = try unsafe callWithName(name) { unsafe linux_status_at(directory.token, $0, &status) }
    } catch  where error == .noEntry {
      return nil
    }
    return FileStatus(status)
  }

  package func look(at path: FilePath) throws(Errno) -> FileStatus? {
    var status = linux_status()
    do throws(Errno) {
      _ = try unsafe callWithPath(path) { unsafe linux_status_at(AT_FDCWD, $0, &status) }
    } catch  where error == .noEntry || error == .notDirectory {
      return nil
    }
    return FileStatus(status)
  }

  package func create(
    _ name: FileName, _ attributes: Attributes, like model: FileName?, in directory: OpenDirectory
  ) throws(Errno) {
    try FileCreation.create(name, attributes, like: model, in: directory)
  }

  package func rename(_ old: FileName, to new: FileName, in directory: OpenDirectory) throws(Errno) {
    try withoutFlagMeansInvalid(in: directory) { () throws(Errno) in
      try unsafe callWithNames(old, new) { unsafe linux_rename_noreplace(directory.token, $0, $1) }
    }
  }

  package func exchange(_ one: FileName, _ other: FileName, in directory: OpenDirectory) throws(Errno) {
    try withoutFlagMeansInvalid(in: directory) { () throws(Errno) in
      try unsafe callWithNames(one, other) { unsafe linux_rename_exchange(directory.token, $0, $1) }
    }
  }

  package func replace(_ new: FileName, with old: FileName, in directory: OpenDirectory) throws(Errno) {
    try FileRights.of(directory) { () throws(Errno) in
      try unsafe callWithNames(old, new) { unsafe renameat(directory.token, $0, directory.token, $1) }
    }
  }

  package func link(_ old: FileName, to new: FileName, in directory: OpenDirectory) throws(Errno) {
    try FileRights.of(directory) { () throws(Errno) in
      try unsafe callWithNames(old, new) { unsafe linkat(directory.token, $0, directory.token, $1, 0) }
    }
  }

  package func remove(_ name: FileName, in directory: OpenDirectory) throws(Errno) {
    _ = try FileRights.of(directory) { () throws(Errno) in
      try unsafe callWithName(name) { unsafe unlinkat(directory.token, $0, 0) }
    }
  }

  package func space(of directory: OpenDirectory) throws(Errno) -> Space {
    var volume = statvfs()
    var status = stat()
    _ = try check(unsafe fstatvfs(directory.token, &volume))
    _ = try check(unsafe fstat(directory.token, &status))
    // Space reserved for root is not free: it keeps a full system working.
    return Space(
      free: Int64(clamping: volume.f_bavail).saturatingMultiply(Int64(clamping: volume.f_frsize)),
      total: Int64(clamping: volume.f_blocks).saturatingMultiply(Int64(clamping: volume.f_frsize)),
      volume: UInt64(status.st_dev))
  }

  package func read(_ name: FileName, in directory: OpenDirectory) throws(Errno) -> [UInt8]? {
    try SmallFile.read(name, in: directory.token)
  }

  package func append(_ bytes: [UInt8], to name: FileName, in directory: OpenDirectory) throws(Errno) {
    try SmallFile.append(bytes, to: name, in: directory.token)
  }

  package func write(
    _ bytes: [UInt8], to name: FileName, in directory: OpenDirectory, mode: UInt32
  ) throws(Errno) {
    try SmallFile.write(bytes, to: name, in: directory.token, mode: mode)
  }

  /// A kernel without renameat2(2) returns ENOSYS, a file system without the flag EINVAL: one fallback for both.
  private func withoutFlagMeansInvalid(
    in directory: OpenDirectory, _ body: () throws(Errno) -> Void
  ) throws(Errno) {
    do throws(Errno) {
      try FileRights.of(directory, body)
    } catch  where error == .notImplemented {
      throw .invalid
    }
  }
}

/// Where RENAME_EXCHANGE costs less than a rename (`RenameSupport.fastExchange` has the figures).
private enum FastExchange {
  /// The f_type of statfs(2) of ext4 (and ext2 and ext3), xfs and tmpfs.
  private static let kinds: Set<UInt32> = [0xEF53, 0x5846_5342, 0x0102_1994]

  static func isHad(in directory: Int32) -> Bool {
    kinds.contains(UInt32(truncatingIfNeeded: linux_file_system_type_of(directory)))
  }
}

extension FileStatus {
  /// Translates the result of statx(2).
  init(_ status: linux_status) {
    let kind: Kind =
      switch status.mode & UInt32(S_IFMT) {
      case UInt32(S_IFREG): .regular
      case UInt32(S_IFDIR): .directory
      case UInt32(S_IFLNK): .symbolicLink
      default: .other
      }
    self.init(
      kind: kind, inode: status.inode, size: status.size, mode: status.mode & 0o7777, user: status.user,
      group: status.group, links: status.links,
      modified: WallTime(seconds: status.modified_seconds, nanoseconds: status.modified_nanoseconds),
      born: status.has_born == 0
        ? nil : WallTime(seconds: status.born_seconds, nanoseconds: status.born_nanoseconds),
      allocated: status.blocks.saturatingMultiply(512))
  }
}

extension WallTime {
  /// A timestamp of the kernel; one beyond the range of 64 bits of nanoseconds becomes the nearest in it.
  fileprivate init(seconds: Int64, nanoseconds: UInt32) {
    self = WallTime(seconds: seconds) + Span(nanoseconds: Int64(nanoseconds))
  }

  /// A timestamp of stat(2), in the same way.
  init(_ time: timespec) {
    self = WallTime(seconds: Int64(time.tv_sec)) + Span(nanoseconds: Int64(time.tv_nsec))
  }
}
