internal import Glibc
internal import Rotation

/// Whole files by path, links followed: for what an administrator names on the command line and for zone files.
enum FileContent {
  /// The content; files longer than `limit` bytes are EFBIG.
  static func read(_ path: FilePath, limit: Int) throws(Errno) -> [UInt8] {
    let descriptor = try unsafe callWithPath(path) { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    let chunk = 1 << 16
    while true {
      var code: Int32 = 0
      let start = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: chunk))
      let count = unsafe bytes.withUnsafeMutableBytes { buffer -> Int in
        let count = unsafe Glibc.read(descriptor, buffer.baseAddress! + start, chunk)
        code = errno
        return count
      }
      bytes.removeLast(chunk - max(count, 0))
      if count == 0 { return bytes }
      guard count > 0 || code == EINTR else { throw Errno(code) }
      guard bytes.count <= limit else { throw Errno(EFBIG) }
    }
  }
}
