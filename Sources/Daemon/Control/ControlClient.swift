package import Control
internal import EventLoop
internal import Rotation
internal import Timekeeping

/// Where the replies to a call go.
package protocol ReplySink: AnyObject {
  /// Sends a reply, with `continues` one of several; returns when the next may be made. False when nobody takes it any more.
  func send(_ reply: Wire.Reply, continues: Bool) async -> Bool
  /// Waits until `wake` is called or something has changed for the client; false when it has gone.
  func wait() async -> Bool
  /// Ends a `wait`, on the loop's thread.
  func wake()
}

/// One client of the control server. It has a task only while it has a call that is to be answered, or does not read its replies.
final class ControlClient: ReplySink {
  /// Why a connection is closed.
  private enum Ending: Error {
    case gone, slow, garbage
  }

  private let connection: any ControlConnection
  private unowned let server: ControlServer
  private let loop: LoopExecutor
  private let alarm: Alarm
  private var session = VarlinkSession()
  /// Replies that the kernel has no room for.
  private var unsent: ArraySlice<UInt8> = []
  /// When the client has read nothing for too long.
  private var patienceEnds: MonotonicTime?
  private var isServed = false
  private var isOver = false
  /// The client sends no more; what it has asked is still answered.
  private var isSilent = false

  init(_ connection: any ControlConnection, of server: ControlServer, on loop: LoopExecutor) {
    self.connection = connection
    self.server = server
    self.loop = loop
    alarm = Alarm(on: loop)
  }

  func start() {
    connection.onChange = { [weak self] in self?.wake() }
    wake()
  }

  /// Answers what is under way, sends what there is room for, and closes the connection.
  func stop() {
    if isServed { alarm.ring() } else { close() }
  }

  func wake() {
    guard !isOver else { return }
    if isServed { return alarm.ring() }
    isServed = true
    loop.start(self) { await $0.serve() }
  }

  private func close() {
    guard !isOver else { return }
    isOver = true
    connection.onChange = nil
    connection.close()
    (session, unsent) = (VarlinkSession(), [])
    server.forget(self)
  }

  private func serve() async {
    do throws(Ending) {
      while !isOver {
        try flush()
        if server.isStopping { throw .gone }
        if let call = try nextCall() {
          await answer(call)
          await loop.yield()
        } else if try receive() {
          continue
        } else if unsent.isEmpty, !session.hasOutput {
          if isSilent { throw .gone }
          break
        } else {
          try await waitForRoom()
        }
      }
    } catch {
      if error == .garbage { try? flush() }
      close()
    }
    isServed = false
  }

  private func answer(_ call: VarlinkCall) async {
    do throws(VarlinkError) {
      if call.interface == VarlinkService.name { return session.reply(try server.service.answer(call)) }
      let order = try OperatorCall(call, mayAct: connection.mayAct)
      guard !server.isStopping else { throw OperatorError.stopping.with() }
      try await server.operators.answer(order, takesMany: call.wantsMore || call.isOneway, to: self)
    } catch {
      if !isOver { session.fail(error) }
    }
  }

  // MARK: ReplySink

  func send(_ reply: Wire.Reply, continues: Bool) async -> Bool {
    guard !isOver else { return false }
    session.reply(reply, continues: continues)
    // Each reply is a piece of work: everything else gets its chance before the next.
    await loop.yield()
    do throws(Ending) {
      while !isOver {
        try flush()
        guard session.isBehind, !server.isStopping else { return true }
        try await waitForRoom()
      }
    } catch {
      close()
    }
    return false
  }

  func wait() async -> Bool {
    do throws(Ending) {
      try flush()
      if isOver { return false }
      if unsent.isEmpty { _ = await alarm.wait(until: .never) } else { try await waitForRoom() }
      try flush()
    } catch {
      close()
    }
    return !isOver
  }

  // MARK: Bytes

  private func nextCall() throws(Ending) -> VarlinkCall? {
    do throws(VarlinkFault) { return try session.nextCall() } catch { throw .garbage }
  }

  /// Reads what there is room for; false when there is nothing.
  private func receive() throws(Ending) -> Bool {
    guard !isSilent, session.room > 0 else { return false }
    do throws(Errno) {
      guard let bytes = try connection.read(atMost: session.room) else { return false }
      isSilent = bytes.isEmpty
      session.receive(bytes)
      return true
    } catch {
      throw .gone
    }
  }

  /// Writes what there is room for.
  private func flush() throws(Ending) {
    guard !connection.isGone else { throw .gone }
    while true {
      if unsent.isEmpty {
        (patienceEnds, unsent) = (nil, [])
        guard session.hasOutput else { return }
        unsent = session.takeOutput()[...]
      }
      let count: Int
      do throws(Errno) { count = try connection.write(unsent) } catch { throw .gone }
      guard count > 0 else {
        patienceEnds = patienceEnds ?? loop.now().advanced(by: Limits.clientPatience)
        return
      }
      unsent.removeFirst(count)
      patienceEnds = nil
    }
  }

  /// Waits until the client has read something; it is given up when it does not for long.
  private func waitForRoom() async throws(Ending) {
    let deadline = patienceEnds.map { Alarm.Deadline.monotonic($0) } ?? .never
    let wake = await alarm.wait(until: deadline)
    if wake == .due { throw .slow }
  }
}
