internal import CLinux
internal import CSystemd
internal import EventLoop
internal import Glibc

/// Sends notifications to `$NOTIFY_SOCKET` (sd_notify(3), "Notes"): one datagram each, without waiting.
///
/// libsystemd's sd_notify waits while the queue of the socket is full, for example while the service manager hangs, and
/// the daemon would hang with it. Here what does not fit is kept and sent when there is room: only the latest of each
/// kind, in the order in which they came, so that what is kept stays small.
final class NotifySocket {
  /// A later notification replaces an unsent one of the same kind.
  enum Kind: Hashable {
    case reloading, ready, status, stopping, watchdog, watchdogTrigger, extendTimeout
  }

  /// A path or an abstract name; any other address (vsock) is left to libsystemd.
  private enum Address {
    case unix(sockaddr_un, length: socklen_t)
    case foreign
  }

  /// The result of one send.
  private enum Outcome {
    case sent, full
    /// Nobody listens, or not any more.
    case failed
  }

  private let driver: EpollDriver
  private let address: Address
  private var socket: Descriptor?
  private var unsent: [(kind: Kind, text: String)] = []
  private var isWaiting = false

  /// nil if there is no `$NOTIFY_SOCKET`.
  init?(driver: EpollDriver) {
    guard let name = ProcessEnvironment.text(of: "NOTIFY_SOCKET"), !name.isEmpty else { return nil }
    self.driver = driver
    self.address = Self.address(of: name)
  }

  deinit {
    stopWaiting()
  }

  /// Sends a notification, now or when there is room. An absent manager is no error.
  func send(_ kind: Kind, _ text: String) {
    guard case .unix = address else {
      _ = unsafe sd_notify(0, text)
      return
    }
    unsent.removeAll { $0.kind == kind }
    unsent.append((kind, text))
    flush()
  }

  private func flush() {
    while let first = unsent.first {
      var outcome = put(first.text)
      // The manager has ended, and another may have taken its place.
      if outcome == .failed {
        disconnect()
        outcome = put(first.text)
      }
      if outcome == .full { return waitForRoom() }
      unsent.removeFirst()
    }
    stopWaiting()
  }

  private func put(_ text: String) -> Outcome {
    guard let socket = connected() else { return .failed }
    var text = text
    let sent = text.withUTF8 { unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    if sent >= 0 { return .sent }
    return errno == EAGAIN || errno == ENOBUFS ? .full : .failed
  }

  /// The connected socket: only for such a socket does the kernel report when the queue of its peer has room (unix(7)).
  private func connected() -> Int32? {
    if let number = socket?.number { return number }
    guard case .unix(var address, let length) = address else { return nil }
    let number = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard number >= 0 else { return nil }
    let made = Descriptor(owning: number)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(number, $0, length) }
    }
    guard result == 0 else { return nil }
    socket = consume made
    return number
  }

  private func disconnect() {
    stopWaiting()
    socket = nil
  }

  private func waitForRoom() {
    guard !isWaiting, let socket = socket?.number else { return }
    // If the socket cannot be watched, the next notification tries again.
    isWaiting = (try? driver.watch(socket, events: EPOLLOUT.rawValue) { [weak self] _ in self?.flush() }) != nil
  }

  private func stopWaiting() {
    guard isWaiting, let socket = socket?.number else { return }
    isWaiting = false
    driver.unwatch(socket)
  }

  /// A path, or a name that begins with `@`, which means the NUL byte of the abstract namespace.
  private static func address(of name: String) -> Address {
    var bytes = Array(name.utf8)
    var address = sockaddr_un()
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard bytes[0] == UInt8(ascii: "/") || bytes[0] == UInt8(ascii: "@"), bytes.count < room else { return .foreign }
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let head = MemoryLayout<sockaddr_un>.size - room
    // A path has a NUL at its end, an abstract name has not.
    let length = head + bytes.count + (bytes[0] == 0 ? 0 : 1)
    return .unix(address, length: socklen_t(length))
  }
}
