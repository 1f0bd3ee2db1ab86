package import Rotation

/// The port to the clients of the control server: where they connect.
package protocol ControlSocket: AnyObject {
  /// Called on the loop's thread when somebody may have connected since `accept` had nobody.
  var onClient: (() -> Void)? { get set }
  /// The next client that has connected; does not wait.
  func accept() -> ControlAccept
  /// Takes the socket away, so that nobody can connect any more. Clients that have stay connected.
  func close()
}

/// What `ControlSocket.accept` has come to.
package enum ControlAccept {
  case client(any ControlConnection)
  case nobody
  /// Nobody can be let in at the moment, such as for want of descriptors.
  case failed(Errno)
}

/// The connection of one client, which never waits.
package protocol ControlConnection: AnyObject {
  /// Whether the client may change anything: root and the daemon's own user.
  var mayAct: Bool { get }
  /// Whether the client has closed its end, so that nothing can be sent to it.
  var isGone: Bool { get }
  /// Called on the loop's thread when there may be more to read or more room to write, or when the client has gone.
  var onChange: (() -> Void)? { get set }
  /// At most so many bytes; nil when there are none at present, and none at all when the client sends no more.
  func read(atMost count: Int) throws(Errno) -> [UInt8]?
  /// Sends what there is room for, and returns how many bytes that was.
  func write(_ bytes: ArraySlice<UInt8>) throws(Errno) -> Int
  /// Ends the connection.
  func close()
}
