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
    guard try SmallFile.regularSize(opened.number) <= Limits.maxLogrotateStateBytes else { throw Errno(EFBIG) }
    file = consume opened
  }

  package func next() throws(Errno) -> [UInt8] { try FileContent.next(of: file.number, most: Self.pieceBytes) }
}
