package import Rotation

/// The port to the clients of the control server: the socket to which they connect.
package protocol ControlSocket: AnyObject {
  /// Called on the loop's thread when a client may have connected since `accept` returned `nobody`.
  var onClient: (() -> Void)? { get set }
  /// Accepts the next client that has connected; does not wait.
  func accept() -> ControlAccept
  /// Removes the socket, so that no client can connect any more. Connected clients stay.
  func close()
}

/// The result of `ControlSocket.accept`.
package enum ControlAccept {
  case client(any ControlConnection)
  case nobody
  /// No client can be accepted at the moment, for example because there is no free descriptor.
  case failed(Errno)
}

/// The connection of one client, which never waits.
package protocol ControlConnection: AnyObject {
  /// Whether the client may change anything: only root and the daemon's own user may.
  var mayAct: Bool { get }
  /// Whether the client has closed its end, so that nothing can be sent to it.
  var isGone: Bool { get }
  /// Called on the loop's thread when there may be more to read or more room to write, or when the client has closed.
  var onChange: (() -> Void)? { get set }
  /// Reads at most `count` bytes; nil if there are none at present, and none at all if the client sends no more.
  func read(atMost count: Int) throws(Errno) -> [UInt8]?
  /// Sends as many bytes as there is room for, and returns their number.
  func write(_ bytes: ArraySlice<UInt8>) throws(Errno) -> Int
  /// Ends the connection.
  func close()
}
