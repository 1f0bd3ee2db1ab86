import CLinux
import Glibc
import Testing

/// Stands in for the service manager's end of sd_notify(3).
final class NotifySocket {
  let path: String
  private let descriptor: Int32
  private(set) var messages: [[String]] = []

  init(_ path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    try #require(descriptor >= 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    try #require(bytes.count < 108)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    // That of a daemon before this one.
    unlink(path)
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
    }
    try #require(code == 0, "cannot bind \(path): errno \(errno)")
  }

  deinit { close(descriptor) }

  /// Every message so far, each as its lines.
  @discardableResult
  func receive() -> [[String]] {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return messages }
      messages.append(
        String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: "\n").map(String.init))
    }
  }
}
