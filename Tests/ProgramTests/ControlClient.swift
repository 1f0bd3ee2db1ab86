import Glibc
import Testing

/// A connection to the control socket of a daemon, which speaks Varlink in plain text.
final class ControlClient {
  private let descriptor: Int32
  private var bytes: [UInt8] = []

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0, "cannot connect to \(path): errno \(errno)")
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  deinit { close(descriptor) }

  /// Sends text and a NUL.
  func send(_ text: String) {
    let message = Array(text.utf8) + [0]
    #expect(Glibc.send(descriptor, message, message.count, Int32(MSG_NOSIGNAL)) == message.count)
  }

  /// Calls a method of `org.rotated.Manager`.
  func call(_ method: String, _ parameters: String = "{}", _ flags: String = "") {
    send("{\"method\":\"org.rotated.Manager.\(method)\",\"parameters\":\(parameters)\(flags)}")
  }

  /// What has come so far, a message an entry.
  var messages: [String] {
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      guard count > 0 else { break }
      bytes += chunk.prefix(count)
    }
    return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// Whether the daemon has closed the connection.
  var isClosed: Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, Int32(MSG_PEEK)) == 0
  }
}
