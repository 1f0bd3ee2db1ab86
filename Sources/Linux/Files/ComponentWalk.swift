internal import CLinux
internal import EventLoop
internal import Glibc
internal import Rotation

/// Resolves a path itself, for paths with symbolic links and for kernels without openat2(2): component by component,
/// each opened with O_NOFOLLOW relative to the one before.
///
/// A link to a directory is followed only if it is as safe as the directory itself: it and every directory above it
/// belong to root or the daemon's user, and nobody else can write there. Every other link is `Errno.symbolicLink`. So a
/// user who can write to a directory cannot redirect the daemon by a link in it.
struct ComponentWalk {
  /// The greatest number of links in one path, as in the kernel (path_resolution(7)).
  private static let maxLinks = 40

  /// The number of links that were followed.
  private(set) var links = 0

  /// Opens a directory by absolute path and returns its descriptor: for reading, or only to use names in it (O_PATH),
  /// which needs no read permission.
  static func openDirectory(
    _ path: FilePath, forReading: Bool = true
  ) throws(Errno) -> (descriptor: Int32, links: Int) {
    var walk = ComponentWalk()
    let names = components(of: path)
    let root = Descriptor(owning: try plain("/", in: AT_FDCWD, isLast: forReading && names.isEmpty))
    let last = try walk.descend(names, from: root, isLast: forReading)
    return (try check(fcntl(last.number, F_DUPFD_CLOEXEC, 0)), walk.links)
  }

  /// Opens one component of a path: the last for reading, the others to continue from them.
  mutating func open(_ name: FileName, in directory: Int32, isLast: Bool) throws(Errno) -> Int32 {
    do throws(Errno) {
      return try Self.plain(name, in: directory, isLast: isLast)
    } catch .symbolicLink {
      let link = try LinkStatus.read(name, in: directory)
      links += 1
      guard link.isTrusted, links <= Self.maxLinks else { throw .symbolicLink }
      return try follow(link.target, in: directory, isLast: isLast)
    }
  }

  private mutating func follow(_ target: FilePath, in directory: Int32, isLast: Bool) throws(Errno) -> Int32 {
    let isAbsolute = target.isAbsolute
    let names = Self.components(of: target)
    let start = try Self.plain(isAbsolute ? "/" : ".", in: directory, isLast: isLast && names.isEmpty)
    let last = try descend(names, from: Descriptor(owning: start), isLast: isLast, isTarget: true)
    return try check(fcntl(last.number, F_DUPFD_CLOEXEC, 0))
  }

  private mutating func descend(
    _ names: [FileName], from start: consuming Descriptor, isLast: Bool, isTarget: Bool = false
  ) throws(Errno) -> Descriptor {
    var current = start
    for (index, name) in names.enumerated() {
      // Others who can move a directory decide what is above it.
      if isTarget, name == "..", !LinkStatus.isTrusted(current.number, mayBeSticky: true) { throw .symbolicLink }
      current = Descriptor(
        owning: try open(name, in: current.number, isLast: isLast && index == names.count - 1))
    }
    return current
  }

  static func components(of path: FilePath) -> [FileName] { path.components.filter { $0 != "." } }

  /// Opens a component that is no link.
  private static func plain(_ name: FileName, in directory: Int32, isLast: Bool) throws(Errno) -> Int32 {
    // O_PATH needs only search permission, as an open of the whole path does.
    let access = isLast ? O_RDONLY : linux_O_PATH
    do throws(Errno) {
      return try unsafe callWithPath(name) {
        unsafe openat(directory, $0, access | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      }
    } catch .notDirectory {
      // The kernel checks O_DIRECTORY before O_NOFOLLOW, so a link is reported like a file.
      var status = linux_status()
      _ = try unsafe callWithPath(name) { unsafe linux_status_at(directory, $0, &status) }
      throw status.mode & UInt32(S_IFMT) == UInt32(S_IFLNK) ? .symbolicLink : .notDirectory
    }
  }
}

/// A symbolic link, and whether it may be followed.
struct LinkStatus {
  var target: FilePath
  /// Whether only root and the daemon's user can have made it and can change it.
  var isTrusted: Bool

  /// Reads a link. Target and owner are those of one inode, even if the name changes meanwhile.
  static func read(_ name: FileName, in directory: Int32) throws(Errno) -> LinkStatus {
    let link = Descriptor(
      owning: try unsafe callWithName(name) { unsafe openat(directory, $0, linux_O_PATH | O_NOFOLLOW | O_CLOEXEC) })
    var status = stat()
    _ = try check(unsafe fstat(link.number, &status))
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    // ENOENT if it is no link any more (readlinkat(2)).
    let length = try check(unsafe readlinkat(link.number, "", &bytes, bytes.count - 1))
    guard length > 0 else { throw .symbolicLink }
    let target = FilePath(bytes.prefix(length).map { UInt8(bitPattern: $0) })
    return LinkStatus(target: target, isTrusted: isOurs(status.st_uid) && isTrusted(directory))
  }

  /// Whether nobody but root and the daemon's user can change the names in a directory, or replace the directory. A
  /// directory above it may be writable for everybody if it is sticky: nobody else can move what belongs to us in it.
  /// For a link's own directory, sticky is not enough: another user can give a link of root a second name.
  static func isTrusted(_ directory: Int32, mayBeSticky: Bool = false) -> Bool {
    (try? isTrustedUpwards(directory, mayBeSticky)) ?? false
  }

  private static func isTrustedUpwards(_ directory: Int32, _ mayBeSticky: Bool) throws(Errno) -> Bool {
    var current = Descriptor(owning: try check(fcntl(directory, F_DUPFD_CLOEXEC, 0)))
    // A path cannot have more levels than this: somebody is changing it.
    for level in 0..<Int(PATH_MAX) {
      var (status, above) = (stat(), stat())
      _ = try check(unsafe fstat(current.number, &status))
      let isSticky = (level > 0 || mayBeSticky) && status.st_mode & S_ISVTX != 0
      guard isOurs(status.st_uid), status.st_mode & (S_IWGRP | S_IWOTH) == 0 || isSticky else { return false }
      let parent = Descriptor(
        owning: try check(unsafe openat(current.number, "..", linux_O_PATH | O_DIRECTORY | O_CLOEXEC)))
      _ = try check(unsafe fstat(parent.number, &above))
      if above.st_dev == status.st_dev, above.st_ino == status.st_ino { return true }
      current = parent
    }
    return false
  }

  private static func isOurs(_ user: uid_t) -> Bool { user == 0 || user == geteuid() }
}
