internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// A file without a name (open(2), O_TMPFILE), or with a hidden one if the file system has no such files.
final class LinuxStagedFile: LinuxFile, StagedFile {
  private let directory: OpenDirectory
  /// nil for a file without a name.
  private var hidden: FileName?

  private init(_ number: Int32, hidden: FileName?, in directory: OpenDirectory) {
    self.hidden = hidden
    self.directory = directory
    super.init(Descriptor(owning: number))
  }

  /// Makes the file, which only the daemon can read until it is published.
  static func make(for archive: FileName, in directory: OpenDirectory) throws(Errno) -> LinuxStagedFile {
    let number = unsafe openat(directory.token, ".", linux_O_TMPFILE | O_RDWR | O_CLOEXEC, 0o600)
    if number >= 0 { return LinuxStagedFile(number, hidden: nil, in: directory) }
    let code = errno
    guard code == EOPNOTSUPP || code == EISDIR || code == ENOENT || code == EINVAL else { throw Errno(code) }
    return try makeHidden(for: archive, in: directory)
  }

  /// Makes the file under the first free hidden name. Files of others stay; what a crash has left is removed at the
  /// next start.
  static func makeHidden(for archive: FileName, in directory: OpenDirectory) throws(Errno) -> LinuxStagedFile {
    let flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC
    for index in 0..<StagingName.count {
      let name = StagingName.ofOutput(archive, index)
      do throws(Errno) {
        let number = try unsafe callWithName(name) { unsafe openat(directory.token, $0, flags, 0o600) }
        return LinuxStagedFile(number, hidden: name, in: directory)
      } catch .exists {
        continue
      }
    }
    throw .exists
  }

  deinit {
    // Where others can write to the directory, the name may be another file's by now.
    guard let hidden, let own = try? status().inode else { return }
    var found = stat()
    let isOwn = try? unsafe callWithName(hidden) {
      unsafe fstatat(directory.token, $0, &found, AT_SYMLINK_NOFOLLOW) == 0 && found.st_ino == own ? 0 : -1
    }
    guard isOwn != nil else { return }
    _ = try? unsafe callWithName(hidden) { unsafe unlinkat(directory.token, $0, 0) }
  }

  func size() throws(Errno) -> Int64 { try status().size }

  func append(from hold: any LeasedFile, at offset: Int64, atMost count: Int) throws(Errno) -> Int {
    // Not copy_file_range(2): some file systems share blocks then, or refuse to copy to another file system.
    let copy = FileCopy(source: hold.token, target: file.number, isWithinFileSystem: false)
    return Int(try copy.copy(from: offset, to: .max, atMost: Int64(count), at: offset))
  }

  func publish(as name: FileName, like model: any OpenFile, times: Bool) throws(Errno) {
    var status = stat()
    _ = try check(unsafe fstat(model.token, &status))
    // Owner first, since it clears set-id bits; then attributes and mode; times last. Only a change is asked for: on
    // some file systems an unprivileged user cannot even give a file to itself.
    var own = stat()
    _ = try check(unsafe fstat(file.number, &own))
    if own.st_uid != status.st_uid || own.st_gid != status.st_gid {
      _ = try check(fchown(file.number, status.st_uid, status.st_gid))
    }
    try ExtendedAttributes.takeOver(from: model.token, to: file.number)
    _ = try check(fchmod(file.number, status.st_mode & 0o7777))
    if times { _ = try check(unsafe futimens(file.number, [status.st_atim, status.st_mtim])) }
    _ = try check(fsync(file.number))
    if let hidden {
      try FileRights.of(directory) { () throws(Errno) in
        do throws(Errno) {
          try unsafe callWithNames(hidden, name) { unsafe linux_rename_noreplace(directory.token, $0, $1) }
        } catch  where error == .invalid || error == .notImplemented {
          try unsafe callWithNames(hidden, name) { unsafe linkat(directory.token, $0, directory.token, $1, 0) }
          _ = try unsafe callWithName(hidden) { unsafe unlinkat(directory.token, $0, 0) }
        }
      }
      self.hidden = nil
      return
    }
    _ = try unsafe callWithName(name) { name in
      unsafe linkat(AT_FDCWD, "/proc/self/fd/\(file.number)", directory.token, name, AT_SYMLINK_FOLLOW)
    }
  }
}
