internal import CLinux
internal import EventLoop
internal import Glibc
internal import Rotation

/// What openat2(2) with RESOLVE_NO_SYMLINKS does, for kernels that do not have it: one component after the other, each
/// opened with O_NOFOLLOW relative to the one before. Slower, and as safe.
enum ComponentWalk {
  /// Opens a directory by absolute path and gives its descriptor; a symbolic link anywhere is `Errno.symbolicLink`.
  static func openDirectory(_ path: FilePath) throws(Errno) -> Int32 {
    let names = path.components.filter { $0 != "." }
    var current = Descriptor(owning: try open("/", in: AT_FDCWD, isLast: names.isEmpty))
    for (index, name) in names.enumerated() {
      current = Descriptor(owning: try open(name, in: current.number, isLast: index == names.count - 1))
    }
    return try check(fcntl(current.number, F_DUPFD_CLOEXEC, 0))
  }

  /// Opens one component of a path, the last for reading and the others for the way on.
  static func open(_ name: FileName, in directory: Int32, isLast: Bool) throws(Errno) -> Int32 {
    // O_PATH needs only search permission on the way, as a plain open of the whole path does.
    let access = isLast ? O_RDONLY : linux_O_PATH
    do throws(Errno) {
      return try unsafe callWithPath(name) {
        unsafe openat(directory, $0, access | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      }
    } catch  where error == .notDirectory {
      // O_DIRECTORY is judged before O_NOFOLLOW, so that a link looks like a file.
      var status = linux_status()
      _ = try unsafe callWithPath(name) { unsafe linux_status_at(directory, $0, &status) }
      throw status.mode & UInt32(S_IFMT) == UInt32(S_IFLNK) ? .symbolicLink : .notDirectory
    }
  }
}
