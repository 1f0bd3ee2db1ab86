package import Daemon
internal import EventLoop
internal import Glibc
package import Rotation

/// Locks a state directory for one process, by a record lock (fcntl(2), F_SETLK) on its file `lock`.
///
/// A record lock ends with its process, however that ends, and shows which process holds it. It also ends when the
/// process closes *any* descriptor of the file: no other code may open `lock`.
package final class StateLock {
  /// Why a lock was not taken.
  package enum Failure: Error, Hashable, Sendable {
    /// Another process has it; its pid, unless that is not visible here.
    case held(pid: Int32?)
    /// The file cannot be opened or locked.
    case system(Errno)
  }

  private static let name: FileName = "lock"

  private var file: Descriptor?

  private init(file: consuming Descriptor) {
    self.file = consume file
  }

  /// Takes the lock of a directory that a `LinuxFileSystem` has opened; does not wait for it. A shared lock keeps those out who
  /// take the whole one, and no others.
  package static func take(in directory: OpenDirectory, isShared: Bool = false) throws(Failure) -> StateLock {
    let file: Descriptor
    do throws(Errno) {
      let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC
      file = Descriptor(
        owning: try unsafe callWithName(name) { unsafe openat(directory.token, $0, flags, 0o600) })
    } catch {
      throw .system(error)
    }
    while true {
      var wanted = wholeFile
      if isShared { wanted.l_type = Int16(F_RDLCK) }
      if unsafe fcntl(file.number, F_SETLK, &wanted) == 0 { return StateLock(file: file) }
      guard errno == EACCES || errno == EAGAIN else { throw .system(Errno(errno)) }
      var holder = wanted
      guard unsafe fcntl(file.number, F_GETLK, &holder) == 0 else { throw .system(Errno(errno)) }
      // Between the two calls the holder may have ended: then try again.
      guard holder.l_type == Int16(F_UNLCK) else { throw .held(pid: holder.l_pid > 0 ? holder.l_pid : nil) }
    }
  }

  /// Releases the lock, as the end of the process does.
  package func release() {
    file = nil
  }

  private static var wholeFile: flock {
    var record = flock()
    record.l_type = Int16(F_WRLCK)
    record.l_whence = Int16(SEEK_SET)
    return record
  }
}
