internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// Opens a directory for archives, component by component, none of them through a link that others can have made, and
/// makes missing components.
struct ArchiveWalk {
  private let archives: ArchiveDirectory
  private let log: OpenDirectory
  /// The attributes of a new directory; the config's, or else the owner of the log's directory and mode 0o755.
  private let attributes: Attributes

  init(_ archives: ArchiveDirectory, of log: OpenDirectory) throws(Errno) {
    self.archives = archives
    self.log = log
    var status = stat()
    _ = try check(unsafe fstat(log.token, &status))
    attributes = Attributes(
      mode: archives.mode ?? 0o755, user: archives.user ?? status.st_uid, group: archives.group ?? status.st_gid)
  }

  /// Opens the directory, so that its names can be read.
  func open(makes: Bool) throws(Errno) -> Descriptor {
    var walk = ComponentWalk()
    let names = archives.path.components
    var current = Descriptor(
      owning: try walk.open(archives.path.isAbsolute ? "/" : ".", in: log.token, isLast: names.isEmpty))
    for (index, name) in names.enumerated() {
      let isLast = index == names.count - 1
      do throws(Errno) {
        current = Descriptor(owning: try walk.open(name, in: current.number, isLast: isLast))
      } catch  where error == .noEntry && makes {
        current = try make(name, in: current.number, isLast: isLast)
      }
    }
    return current
  }

  /// Opens a component that was just made, or found: it is no link.
  private func next(_ name: FileName, in directory: Int32, isLast: Bool) throws(Errno) -> Int32 {
    var walk = ComponentWalk()
    return try walk.open(name, in: directory, isLast: isLast)
  }

  /// Makes a directory with the rights of its parent's owner, and sets its attributes by its descriptor. Until then
  /// nobody else can enter it.
  private func make(_ name: FileName, in parent: Int32, isLast: Bool) throws(Errno) -> Descriptor {
    let above = OpenDirectory(path: archives.path, token: parent, owner: FileRights.owner(of: parent)) { _ in }
    above.actsAsOwner = log.actsAsOwner
    do throws(Errno) {
      _ = try FileRights.of(above) { () throws(Errno) in
        try unsafe callWithName(name) { unsafe mkdirat(parent, $0, 0o700) }
      }
    } catch  where error == .exists {
      // Another rotated, or an administrator, has made it first.
      return Descriptor(owning: try next(name, in: parent, isLast: isLast))
    }
    let directory = Descriptor(owning: try next(name, in: parent, isLast: true))
    var status = stat()
    _ = try check(unsafe fstat(directory.number, &status))
    guard status.st_uid == above.rightsUser else { throw .permission }
    if status.st_uid != attributes.user || status.st_gid != attributes.group {
      _ = try check(fchown(directory.number, attributes.user, attributes.group))
    }
    _ = try check(fchmod(directory.number, attributes.mode))
    return directory
  }
}

extension OpenDirectory {
  /// The user to whom new files in the directory belong.
  fileprivate var rightsUser: UInt32 { actsAsOwner ? owner?.user ?? geteuid() : geteuid() }
}
