package import Control
internal import EventLoop
internal import Glibc
package import Rotation
package import Timekeeping

/// Why a daemon could not be asked, or did not answer.
package enum ControlFailure: Error, Hashable {
  /// Nobody listens there.
  case notRunning(FilePath)
  /// The socket may not be used.
  case notPermitted(FilePath)
  /// Another error of the kernel.
  case system(FilePath, Errno)
  /// Nothing has come for so long.
  case silent(Span)
  /// The daemon closed the connection before the last reply.
  case ended
  /// The descriptor given as `interrupt` can be read.
  case interrupted
  /// What came is not a reply.
  case fault(String)
  /// The daemon answered with an error.
  case refused(VarlinkError)
}

/// A connection to the control socket of a daemon, for a program that waits for each answer.
package final class ControlClient {
  /// How long a daemon may take for a reply.
  package static let patience = Span.seconds(30)

  private let path: FilePath
  private let socket: Descriptor
  private let interrupt: Int32?
  private var framer = VarlinkFramer(limit: Limits.maxReplyBytes)

  /// Connects to the socket at a path. Waiting ends as soon as `interrupt` can be read.
  package init(_ path: FilePath, interrupt: Int32? = nil) throws(ControlFailure) {
    self.path = path
    self.interrupt = interrupt
    let number = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard number >= 0 else { throw .system(path, Errno(errno)) }
    socket = Descriptor(owning: number)
    var address = sockaddr_un()
    // A longer one cannot be bound to, either (unix(7)).
    guard path.bytes.count < MemoryLayout.size(ofValue: address.sun_path), !path.bytes.contains(0) else {
      throw .system(path, .nameTooLong)
    }
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.bytes) }
    let deadline = SystemClock.monotonic.advanced(by: Self.patience)
    while true {
      let result = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      guard result != 0 else { return }
      switch errno {
      // A full queue of connections: no descriptor tells when there is room again.
      case EAGAIN:
        guard SystemClock.monotonic < deadline else { throw .silent(Self.patience) }
        try wait(
          number, for: 0, until: min(deadline, SystemClock.monotonic.advanced(by: .milliseconds(20))), mayPass: true)
      case ENOENT, ECONNREFUSED, ENOTDIR: throw .notRunning(path)
      case EACCES, EPERM: throw .notPermitted(path)
      case let code: throw .system(path, Errno(code))
      }
    }
  }

  /// Calls a method and hands over each of its replies, until the last one, or until `each` says that it is enough: then the
  /// connection is of no more use. `patience` is how long to wait for each reply; nil is for ever. Throws ControlFailure.
  package func call(
    _ method: OperatorMethod, _ parameters: Wire.Parameters = Wire.Parameters(), wantsMore: Bool? = nil,
    patience: Span? = ControlClient.patience, each: (Wire.Reply) throws -> Bool = { _ in true }
  ) throws {
    let name = "\(OperatorInterface.name).\(method.rawValue)"
    try send(VarlinkCall.message(name, parameters, wantsMore: wantsMore ?? method.needsMore))
    while true {
      let message = try receive(patience)
      let reply: VarlinkReply
      do throws(VarlinkFault) { reply = try VarlinkReply(message) } catch {
        throw ControlFailure.fault(error.reason)
      }
      if let error = reply.error { throw ControlFailure.refused(error) }
      let value: Wire.Reply
      do throws(WireError) { value = try Wire.Reply.read(reply.parameters) } catch {
        throw ControlFailure.fault("\(error.place) of a reply: \(error.reason)")
      }
      guard try each(value), reply.continues else { return }
    }
  }

  private func send(_ message: [UInt8]) throws(ControlFailure) {
    var sent = 0
    while sent < message.count {
      let count = unsafe message[sent...].withUnsafeBytes {
        unsafe Glibc.send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count > 0 { sent += count } else { try retry(POLLOUT, Self.patience) }
    }
  }

  private func receive(_ patience: Span?) throws(ControlFailure) -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      do throws(VarlinkFault) {
        if let message = try framer.next() { return message }
      } catch {
        throw ControlFailure.fault(error.reason)
      }
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe recv(socket.number, $0.baseAddress, min($0.count, framer.room), 0)
      }
      if count > 0 {
        framer.append(chunk.prefix(count))
      } else if count == 0 {
        throw ControlFailure.ended
      } else {
        try retry(POLLIN, patience)
      }
    }
  }

  /// After a call that has failed: waits until it can be made again.
  private func retry(_ events: Int32, _ patience: Span?) throws(ControlFailure) {
    switch errno {
    case EINTR: break
    case EAGAIN:
      try wait(
        socket.number, for: events, until: patience.map { SystemClock.monotonic.advanced(by: $0) }, mayPass: false)
    case EPIPE, ECONNRESET: throw .ended
    case let code: throw .system(path, Errno(code))
    }
  }

  private func wait(
    _ socket: Int32, for events: Int32, until deadline: MonotonicTime?, mayPass: Bool
  ) throws(ControlFailure) {
    var waited = [pollfd(fd: socket, events: Int16(events), revents: 0)]
    if let interrupt { waited.append(pollfd(fd: interrupt, events: Int16(POLLIN), revents: 0)) }
    // Without an event that is asked for, poll(2) returns at once for a socket that is not connected.
    if events == 0 { waited[0].fd = -1 }
    while true {
      let left = deadline.map { max(0, ($0 - SystemClock.monotonic).nanoseconds / 1_000_000 + 1) } ?? -1
      let count = unsafe poll(&waited, nfds_t(waited.count), Int32(clamping: left))
      if waited.count > 1, count > 0, waited[1].revents != 0 { throw .interrupted }
      if count > 0 { return }
      guard let deadline, SystemClock.monotonic >= deadline else { continue }
      if mayPass { return }
      throw .silent(Self.patience)
    }
  }
}
