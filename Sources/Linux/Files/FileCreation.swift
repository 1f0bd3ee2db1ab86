internal import CLinux
internal import Config
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// Makes the file that will take a live log's name: no other file has the name before, and it is complete on return.
enum FileCreation {
  /// See `FileSystem.create`.
  ///
  /// The file begins with mode 0600, so that it is never more accessible than its final owner and mode allow. Then
  /// follow owner, extended attributes and mode. The mode comes last, because the model's ACL sets the permission bits
  /// (acl(5)), and fchmod(2) restores them, through the mask of an ACL if there is one. With the model's own mode, both
  /// ACL and mode are exact.
  static func create(
    _ name: FileName, _ attributes: Attributes, like model: FileName?, in directory: OpenDirectory
  ) throws(Errno) {
    let flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC
    // The name is made with the rights of the directory's owner. The rest concerns only the new file, and may need more
    // rights than that owner has, for the log of another user.
    let file = Descriptor(
      owning: try FileRights.of(directory) { () throws(Errno) in
        try unsafe callWithName(name) { unsafe openat(directory.token, $0, flags, 0o600) }
      })
    do throws(Errno) {
      try setOwner(attributes, of: file.number)
      if let model {
        let modelFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let source = Descriptor(
          owning: try unsafe callWithName(model) { unsafe openat(directory.token, $0, modelFlags) })
        try ExtendedAttributes.takeOver(from: source.number, to: file.number)
      }
      _ = try check(fchmod(file.number, attributes.mode & 0o7777))
    } catch {
      _ = try? FileRights.of(directory) { () throws(Errno) in
        try unsafe callWithName(name) { unsafe unlinkat(directory.token, $0, 0) }
      }
      throw error
    }
  }

  /// Only asks for a change: on some file systems an unprivileged owner cannot even give a file to itself.
  private static func setOwner(_ attributes: Attributes, of file: Int32) throws(Errno) {
    var status = stat()
    _ = try check(unsafe fstat(file, &status))
    let accounts = SystemAccounts.accounts(noting: LookUpFailure())
    let user = attributes.names.user.flatMap { accounts.user($0) } ?? attributes.user
    let group = attributes.names.group.flatMap { accounts.group($0) } ?? attributes.group
    guard status.st_uid != user || status.st_gid != group else { return }
    _ = try check(fchown(file, user, group))
  }
}
