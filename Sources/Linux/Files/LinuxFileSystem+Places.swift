internal import CLinux
package import Daemon
internal import EventLoop
internal import Glibc
package import Rotation

extension LinuxFileSystem {
  package func openArchives(
    _ archives: ArchiveDirectory, of log: OpenDirectory, makes: Bool
  ) throws(Errno) -> OpenDirectory {
    let walk = try ArchiveWalk(archives, of: log)
    let descriptor = try walk.open(makes: makes)
    let path = log.path.resolving(archives.path)
    // A rename from one directory to another works only within one mount (rename(2), EXDEV).
    var (mount, logsMount) = (linux_mount(), linux_mount())
    _ = try check(unsafe linux_mount_of(descriptor.number, &mount))
    _ = try check(unsafe linux_mount_of(log.token, &logsMount))
    let isOther = mount.device != logsMount.device || mount.number != logsMount.number
    let token = try check(fcntl(descriptor.number, F_DUPFD_CLOEXEC, 0))
    let opened = OpenDirectory(
      path: path, token: token, owner: FileRights.owner(of: token), isOnOtherFileSystem: isOther
    ) { _ = close($0) }
    opened.actsAsOwner = log.actsAsOwner
    return opened
  }

  package func rename(
    _ old: FileName, in source: OpenDirectory, to new: FileName, in target: OpenDirectory
  ) throws(Errno) {
    do throws(Errno) {
      try FileRights.of(source, and: target) { () throws(Errno) in
        try unsafe callWithNames(old, new) { unsafe linux_move_noreplace(source.token, $0, target.token, $1) }
      }
    } catch  where error == .notImplemented {
      // As in one directory: one fallback for a kernel and for a file system without the flag.
      throw .invalid
    }
  }

  package func link(
    _ old: FileName, in source: OpenDirectory, to new: FileName, in target: OpenDirectory
  ) throws(Errno) {
    try FileRights.of(source, and: target) { () throws(Errno) in
      try unsafe callWithNames(old, new) { unsafe linkat(source.token, $0, target.token, $1, 0) }
    }
  }
}

extension FileRights {
  /// Calls with the rights of the owner of two directories. If they belong to different users, neither of these may
  /// change both, and the call uses the daemon's own rights.
  static func of<Result>(
    _ source: OpenDirectory, and target: OpenDirectory, _ body: () throws(Errno) -> Result
  ) throws(Errno) -> Result {
    guard source.owner?.user == target.owner?.user else { return try body() }
    return try of(target, body)
  }
}
