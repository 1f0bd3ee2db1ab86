internal import CLinux
internal import Daemon
internal import Glibc
internal import Rotation

/// The file rights of another user, which root takes for one call (setfsuid(2)).
///
/// In a user's directory, that user could make root do what the user may not do: by exchanged names, by links, by
/// prepared files. A call with the user's rights can do no more than the user could. It also drops the capabilities
/// over files, on this thread only.
enum FileRights {
  /// The daemon keeps the user that it was started as.
  private static let isRoot = geteuid() == 0

  /// Calls with the rights of a directory's owner, where it has one to act as.
  static func of<Result>(
    _ directory: OpenDirectory, _ body: () throws(Errno) -> Result
  ) throws(Errno) -> Result {
    guard directory.actsAsOwner, let owner = directory.owner else { return try body() }
    let group = setfsgid(owner.group)
    let user = setfsuid(owner.user)
    defer {
      setfsuid(uid_t(bitPattern: user))
      setfsgid(gid_t(bitPattern: group))
    }
    // Neither call reports an error, except that it changes nothing. Without both changes nothing is done, so that
    // root's own rights are not used here.
    guard setfsuid(.max) == Int32(bitPattern: owner.user), setfsgid(.max) == Int32(bitPattern: owner.group) else {
      throw .notPermitted
    }
    return try body()
  }

  /// The owner of an open directory, if the daemon is root and the owner is not.
  static func owner(of descriptor: Int32) -> OpenDirectory.Owner? {
    var status = stat()
    guard isRoot, unsafe fstat(descriptor, &status) == 0, status.st_uid != 0 else { return nil }
    return OpenDirectory.Owner(user: status.st_uid, group: status.st_gid)
  }
}
