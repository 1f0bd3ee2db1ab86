package import Daemon
package import Rotation

/// A control socket without a kernel: a test connects, and has both ends in its hands.
package final class SimulatedControlSocket: ControlSocket {
  package var onClient: (() -> Void)?
  /// Why nobody can be let in at present.
  package var failure: Errno?
  package private(set) var isClosed = false
  /// How often the daemon has asked for a client.
  package private(set) var accepts = 0
  /// Clients that were not let in yet.
  package private(set) var waiting: [SimulatedClient] = []

  package init() {}

  /// A client connects; root or the daemon's user, if it may act.
  package func connect(mayAct: Bool = true) -> SimulatedClient {
    let client = SimulatedClient(mayAct: mayAct)
    waiting.append(client)
    onClient?()
    return client
  }

  package func accept() -> ControlAccept {
    accepts += 1
    if let failure { return .failed(failure) }
    return waiting.isEmpty ? .nobody : .client(waiting.removeFirst())
  }

  package func close() { isClosed = true }
}

/// A client and its connection.
package final class SimulatedClient: ControlConnection {
  package let mayAct: Bool
  package var onChange: (() -> Void)?
  package private(set) var isGone = false
  /// The daemon has closed its end.
  package private(set) var isClosed = false
  /// What the daemon has sent.
  package private(set) var received: [UInt8] = []
  /// How many bytes the kernel takes for the client before it reads; nil for any number.
  package var room: Int?
  private var sent: [UInt8] = []
  private var hasEnded = false

  init(mayAct: Bool) { self.mayAct = mayAct }

  // MARK: The client's end

  /// Sends bytes.
  package func send(_ bytes: some Sequence<UInt8>) {
    sent += bytes
    onChange?()
  }

  /// Sends no more, and still reads.
  package func endSending() {
    hasEnded = true
    onChange?()
  }

  /// Closes the connection.
  package func hangUp() {
    isGone = true
    onChange?()
  }

  /// Reads, so that there is room for more.
  package func read(more count: Int?) {
    room = count
    onChange?()
  }

  // MARK: The daemon's end

  package func read(atMost count: Int) throws(Errno) -> [UInt8]? {
    if sent.isEmpty { return hasEnded ? [] : nil }
    let bytes = Array(sent.prefix(count))
    sent.removeFirst(bytes.count)
    return bytes
  }

  package func write(_ bytes: ArraySlice<UInt8>) throws(Errno) -> Int {
    guard !isGone else { throw Errno(32) }
    let count = min(bytes.count, room ?? bytes.count)
    received += bytes.prefix(count)
    room = room.map { $0 - count }
    return count
  }

  package func close() { isClosed = true }
}
