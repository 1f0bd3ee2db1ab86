internal import EventLoop
internal import Glibc
package import Rotation

/// Writes a file that must not exist.
package enum NewFile {
  /// Writes a file with mode 0644, less the umask; `Errno.exists` if the name is taken. What cannot be written whole is
  /// removed again.
  package static func write(_ bytes: [UInt8], to path: FilePath) throws(Errno) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = Descriptor(owning: try unsafe callWithPath(path) { unsafe open($0, flags, 0o644) })
    do throws(Errno) {
      try SmallFile.writeAll(bytes, to: file.number)
      _ = try check(fsync(file.number))
    } catch {
      _ = try? unsafe callWithPath(path) { unsafe unlink($0) }
      throw error
    }
  }
}
