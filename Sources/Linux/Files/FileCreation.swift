internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// Makes the file that will take a live log's name: nobody else's before, final when it returns.
enum FileCreation {
  /// See `FileSystem.create`.
  ///
  /// The file begins with mode 0600, so that it is never more open than its final owner and mode make it. Then owner,
  /// extended attributes, mode. The mode comes last, and wins: the model's ACL sets the permission bits (acl(5)), and
  /// fchmod(2) puts them where they were asked to be, on a file with an ACL by its mask. With the model's own mode
  /// both hold exactly.
  static func create(
    _ name: FileName, _ attributes: Attributes, like model: FileName?, in directory: OpenDirectory
  ) throws(Errno) {
    let flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC
    // The name is made with the rights of the directory's owner; what follows is about the new file alone, and may be
    // more than that owner can do: the log of another user in it.
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

  /// Asks only for a change: an unprivileged owner may not even give a file to itself on every file system.
  private static func setOwner(_ attributes: Attributes, of file: Int32) throws(Errno) {
    var status = stat()
    _ = try check(unsafe fstat(file, &status))
    guard status.st_uid != attributes.user || status.st_gid != attributes.group else { return }
    _ = try check(fchown(file, attributes.user, attributes.group))
  }
}
