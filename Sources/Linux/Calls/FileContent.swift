internal import EventLoop
internal import Glibc
internal import Rotation

/// Reads whole files by path, links followed: files that an administrator names on the command line, and zone files.
enum FileContent {
  /// The content; `EFBIG` for files longer than `limit` bytes. A pending one of `signals`, which are blocked, ends the
  /// wait for a pipe or a terminal with EINTR.
  static func read(_ path: FilePath, limit: Int, unlessPending signals: [Int32] = []) throws(Errno) -> [UInt8] {
    let flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (signals.isEmpty ? 0 : O_NONBLOCK)
    let file = Descriptor(owning: try unsafe callWithPath(path) { unsafe open($0, flags) })
    return try read(file.number, limit: limit, unlessPending: signals)
  }

  /// The content of an open file, from its current position.
  static func read(_ descriptor: Int32, limit: Int, unlessPending signals: [Int32] = []) throws(Errno) -> [UInt8] {
    let pending = signals.isEmpty ? nil : try SignalSource.descriptor(of: signals)
    var bytes: [UInt8] = []
    let chunk = 1 << 16
    while true {
      switch pending {
      case let pending?: try wait(for: descriptor, unless: pending.number)
      case nil: break
      }
      do throws(Errno) {
        let piece = try next(of: descriptor, most: chunk)
        if piece.isEmpty { return bytes }
        bytes += piece
      } catch  where error == Errno(EAGAIN) && !signals.isEmpty {}
      guard bytes.count <= limit else { throw Errno(EFBIG) }
    }
  }

  /// The next bytes of an open file, `most` at most; none at its end.
  static func next(of descriptor: Int32, most: Int) throws(Errno) -> [UInt8] {
    while true {
      var (count, code) = (0, Int32(0))
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: most) { buffer, used in
        count = unsafe Glibc.read(descriptor, buffer.baseAddress, most)
        code = errno
        used = max(count, 0)
      }
      if count >= 0 { return bytes }
      guard code == EINTR else { throw Errno(code) }
    }
  }

  /// Waits until there is something to read. If there is, it is read, even if a signal is pending.
  private static func wait(for descriptor: Int32, unless pending: Int32) throws(Errno) {
    var requests = [descriptor, pending].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    while unsafe poll(&requests, 2, -1) < 0 {
      guard errno == EINTR else { throw Errno(errno) }
    }
    if requests[0].revents == 0 { throw Errno(EINTR) }
  }
}
