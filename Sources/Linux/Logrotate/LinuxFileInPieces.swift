internal import Daemon
internal import EventLoop
internal import Glibc
package import Rotation

/// A regular file that is read in pieces, links followed. One that would have to be waited for, as a pipe, is `Errno.invalid`.
package final class LinuxFileInPieces: FileInPieces {
  /// Some hundred lines: what is done with a piece takes no longer than any other piece of work.
  private static let pieceBytes = 16 << 10

  private let file: Descriptor

  /// Opens the file.
  package init(_ path: FilePath) throws(Errno) {
    let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    let opened = Descriptor(owning: try unsafe callWithPath(path) { unsafe open($0, flags) })
    var status = stat()
    _ = try check(unsafe fstat(opened.number, &status))
    guard status.st_mode & S_IFMT == S_IFREG else { throw .invalid }
    guard status.st_size <= Limits.maxLogrotateStateBytes else { throw Errno(EFBIG) }
    file = consume opened
  }

  package func next() throws(Errno) -> [UInt8] {
    while true {
      var (count, code) = (0, Int32(0))
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, used in
        count = unsafe read(file.number, buffer.baseAddress, Self.pieceBytes)
        code = errno
        used = max(count, 0)
      }
      if count >= 0 { return bytes }
      guard code == EINTR else { throw Errno(code) }
    }
  }
}
