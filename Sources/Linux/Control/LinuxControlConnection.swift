internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// The connection of one client (unix(7)).
final class LinuxControlConnection: ControlConnection {
  /// The most bytes of one read.
  private static let readBytes = 16 << 10

  var onChange: (() -> Void)?
  let mayAct: Bool
  private(set) var isGone = false
  private let driver: EpollDriver
  private let number: Int32
  /// nil after it was closed.
  private var socket: Descriptor?

  /// Takes ownership of a connected socket. The kernel says which user its client is (SO_PEERCRED).
  init(_ socket: consuming Descriptor, on driver: EpollDriver) throws(SystemCallError) {
    self.driver = driver
    number = socket.number
    self.socket = consume socket
    let user = linux_peer_user(number)
    mayAct = user == 0 || user == Int64(geteuid())
    // Edge-triggered: input that cannot be taken yet, and room that is not used, is reported once.
    let events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
    try driver.watch(number, events: events) { [weak self] in self?.take($0) }
  }

  deinit { close() }

  private func take(_ events: UInt32) {
    if events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { isGone = true }
    onChange?()
  }

  func read(atMost count: Int) throws(Errno) -> [UInt8]? {
    guard socket != nil else { return [] }
    let room = min(count, Self.readBytes)
    var code: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, used in
      let result = unsafe recv(number, buffer.baseAddress, room, 0)
      code = result < 0 ? errno : 0
      used = max(0, result)
    }
    if code == EAGAIN || code == EINTR { return nil }
    guard code == 0 else { throw Errno(code) }
    return bytes
  }

  func write(_ bytes: ArraySlice<UInt8>) throws(Errno) -> Int {
    guard socket != nil else { return 0 }
    let result = unsafe bytes.withUnsafeBytes { buffer in
      unsafe send(number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
    }
    if result >= 0 { return result }
    guard errno == EAGAIN || errno == EINTR else { throw Errno(errno) }
    return 0
  }

  func close() {
    guard socket != nil else { return }
    driver.unwatch(number)
    socket = nil
  }
}
