/// Cuts a stream into messages, each of which ends with a NUL. What waits in it is never more than one bound.
package struct VarlinkFramer: Sendable {
  private let limit: Int
  private var buffer: [UInt8] = []
  /// Where the next message begins, and where its end is not before.
  private var start = 0
  private var searched = 0

  /// A framer for messages of at most so many bytes, without the NUL.
  package init(limit: Int) {
    self.limit = limit
  }

  /// How many bytes may be given next; not zero, unless there is a message to take or the one that comes is too long.
  package var room: Int { limit + 1 - (buffer.count - start) }

  /// Takes what was read; no more than there is room for.
  package mutating func append(_ bytes: some Collection<UInt8>) {
    precondition(bytes.count <= room, "more was read than there is room for")
    if start > 0 {
      buffer.removeFirst(start)
      searched -= start
      start = 0
    }
    buffer += bytes
  }

  /// The next message without its NUL; nil when more is to be read.
  package mutating func next() throws(VarlinkFault) -> [UInt8]? {
    guard let end = buffer[searched...].firstIndex(of: 0) else {
      searched = buffer.count
      guard room > 0 else { throw VarlinkFault(reason: "a message has more than \(limit) bytes") }
      return nil
    }
    let message = Array(buffer[start..<end])
    start = end + 1
    searched = start
    // An idle client costs no buffer.
    if start == buffer.count { (buffer, start, searched) = ([], 0, 0) }
    return message
  }
}

/// Why a client cannot be talked to any more: the connection is to be closed.
package struct VarlinkFault: Error, Hashable, Sendable {
  /// What is wrong with what it sent, as a sentence.
  package var reason: String
}
