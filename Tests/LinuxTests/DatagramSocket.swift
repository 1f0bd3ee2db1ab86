import EventLoop
import Glibc
import Rotation

/// The other end of sd_notify(3) and of the journal.
final class DatagramSocket {
  private let socket: Descriptor
  var number: Int32 { socket.number }

  /// A path, or an abstract name that begins with NUL.
  init(at path: String) throws {
    self.socket = Descriptor(owning: Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        // An abstract name has the given length, and a path ends at its NUL.
        let length = MemoryLayout<sa_family_t>.size + path.utf8.count
        return unsafe bind(socket.number, pointer, socklen_t(length + (path.utf8.first == 0 ? 0 : 1)))
      }
    }
    guard result == 0 else { throw Errno(errno) }
  }

  /// The next message; nil when none has come.
  func receive() -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe recv(socket.number, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
  }
}
