internal import Rotation

/// One client's connection without the connection: what was read goes in, calls and what is to be written come out. Calls are
/// answered one by one, in their order.
package struct VarlinkSession: Sendable {
  private var framer = VarlinkFramer(limit: Limits.maxCallBytes)
  private var writer = JSONWriter()
  /// The call that is being answered.
  private var current: VarlinkCall?

  /// A client that has said nothing yet.
  package init() {}

  /// How many bytes may be read for it now; zero while it has calls to be answered, or does not read what it is sent: nothing is
  /// taken in for a client that does not keep up.
  package var room: Int { current != nil || isBehind ? 0 : framer.room }

  /// Whether the client leaves so much unread that no reply should be made before it reads.
  package var isBehind: Bool { writer.bytes.count >= Limits.maxUnreadBytes }

  /// Whether something is to be written.
  package var hasOutput: Bool { !writer.bytes.isEmpty }

  /// Takes what was read, at most `room` bytes.
  package mutating func receive(_ bytes: some Collection<UInt8>) { framer.append(bytes) }

  /// Takes what is to be written.
  package mutating func takeOutput() -> [UInt8] { writer.take() }

  /// The next call; nil while one is being answered, and when more is to be read. Calls with a flag that is not known are
  /// answered here.
  package mutating func nextCall() throws(VarlinkFault) -> VarlinkCall? {
    guard current == nil else { return nil }
    while !isBehind, let message = try framer.next() {
      let call = try VarlinkCall(message)
      current = call
      guard let flag = call.unknownFlag else { return call }
      fail(.invalidParameter(flag))
    }
    return nil
  }

  /// Answers the call. It is done with, unless another reply follows.
  package mutating func reply(_ value: some WireValue, continues: Bool = false) {
    guard let call = current else { preconditionFailure("there is no call to be answered") }
    precondition(!continues || call.wantsMore || call.isOneway, "the client takes one reply")
    if !call.isOneway {
      VarlinkEnvelope(parameters: value, continues: continues ? true : nil).append(to: &writer)
    }
    if !continues { current = nil }
  }

  /// Answers the call with an error, and is done with it.
  package mutating func fail(_ error: VarlinkError) {
    guard let call = current else { preconditionFailure("there is no call to be answered") }
    if !call.isOneway {
      VarlinkEnvelope(error: error.name, parameters: error.parameters).append(to: &writer)
    }
    current = nil
  }
}
