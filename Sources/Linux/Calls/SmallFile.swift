internal import EventLoop
internal import Glibc
internal import Rotation

/// Reads and writes small files whole: the state, never a log.
enum SmallFile {
  /// The name under which `write` makes new content. One name is enough: the state directory is locked, and the daemon
  /// does one write at a time. A file that a crash has left here is removed.
  private static let stagingName: FileName = ".rotated-new"

  /// The size of a state of some millions of logs; a longer file is not ours.
  private static let limit = 1 << 30

  /// See `FileSystem.read`. `Errno.invalid` if it is no regular file.
  static func read(_ name: FileName, in directory: Int32) throws(Errno) -> [UInt8]? {
    let number: Int32
    do throws(Errno) {
      number = try unsafe callWithName(name) {
        unsafe openat(directory, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      }
    } catch  where error == .noEntry {
      return nil
    }
    let file = Descriptor(owning: number)
    guard try regularSize(file.number) <= limit else { throw Errno(EFBIG) }
    return try FileContent.read(file.number, limit: limit)
  }

  /// See `FileSystem.append`.
  static func append(_ bytes: [UInt8], to name: FileName, in directory: Int32) throws(Errno) {
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let file = Descriptor(owning: try unsafe callWithName(name) { unsafe openat(directory, $0, flags, 0o600) })
    let before = try regularSize(file.number)
    do throws(Errno) {
      try writeAll(bytes, to: file.number)
    } catch {
      // The next record would follow half a record on the same line.
      _ = ftruncate(file.number, before)
      throw error
    }
  }

  /// See `FileSystem.write`; the directory is fsynced too, so that the new content survives a power cut.
  static func write(
    _ bytes: [UInt8], to name: FileName, in directory: Int32, mode: mode_t, owner: (user: uid_t, group: gid_t)? = nil
  ) throws(Errno) {
    do throws(Errno) {
      _ = try unsafe callWithName(stagingName) { unsafe unlinkat(directory, $0, 0) }
    } catch  where error == .noEntry {}
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = Descriptor(owning: try unsafe callWithName(stagingName) { unsafe openat(directory, $0, flags, 0o600) })
    do throws(Errno) {
      try writeAll(bytes, to: file.number)
      if let owner { _ = try check(fchown(file.number, owner.user, owner.group)) }
      // The umask of a service keeps others from reading.
      _ = try check(fchmod(file.number, mode))
      _ = try check(fsync(file.number))
      try unsafe callWithNames(stagingName, name) { unsafe renameat(directory, $0, directory, $1) }
    } catch {
      _ = try? unsafe callWithName(stagingName) { unsafe unlinkat(directory, $0, 0) }
      throw error
    }
    do throws(Errno) {
      _ = try check(fsync(directory))
    } catch  where error == .invalid {
      // Some file systems cannot sync a directory, and report that.
    }
  }

  /// The same at a path, whose directory exists.
  static func write(
    _ bytes: [UInt8], to path: FilePath, mode: mode_t, owner: (user: uid_t, group: gid_t)? = nil
  ) throws(Errno) {
    let (directory, name) = path.split
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    let opened = Descriptor(owning: try unsafe callWithPath(directory) { unsafe open($0, flags) })
    try write(bytes, to: name, in: opened.number, mode: mode, owner: owner)
  }

  /// The size of a regular file; `Errno.invalid` if it is another kind.
  static func regularSize(_ file: Int32) throws(Errno) -> Int {
    var status = stat()
    _ = try check(unsafe fstat(file, &status))
    guard status.st_mode & S_IFMT == S_IFREG else { throw .invalid }
    return status.st_size
  }

  /// Writes all bytes to an open file.
  static func writeAll(_ bytes: [UInt8], to file: Int32) throws(Errno) {
    var done = 0
    while done < bytes.count {
      let (count, code) = unsafe bytes.withUnsafeBytes { buffer in
        let count = unsafe Glibc.write(file, buffer.baseAddress?.advanced(by: done), buffer.count - done)
        return (count, errno)
      }
      if count >= 0 {
        done += count
      } else if code != EINTR {
        throw Errno(code)
      }
    }
  }
}
