internal import CSystemd
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation
internal import Timekeeping

/// Asks systemd to reload units and to signal them (org.freedesktop.systemd1(5)).
///
/// It connects when there is something to ask, and lets go as soon as everything is answered: a daemon that told a unit
/// an hour ago is not woken by what systemd does with others. Used on the loop's thread alone.
final class UnitBus {
  /// Something that a unit is to be told.
  @safe private final class Request {
    let unit: String
    let action: UnitAction
    let done: (UnitFailure?) -> Void
    let deadline: MonotonicTime
    var isSent = false
    var slot: OpaquePointer?
    /// The manager's job whose end is waited for.
    var job: String?
    /// How it has ended; nil as long as it has not.
    var outcome: Outcome?
    unowned let bus: UnitBus

    init(
      _ unit: String, _ action: UnitAction, until deadline: MonotonicTime, bus: UnitBus,
      done: @escaping (UnitFailure?) -> Void
    ) {
      self.unit = unit
      self.action = action
      self.deadline = deadline
      self.bus = bus
      self.done = done
    }
  }

  private enum Outcome {
    case success
    case failure(String)
  }

  private let driver: EpollDriver
  private let loop: LoopExecutor
  private let limit: Span
  private let alarm: Alarm
  private var connection: BusConnection?
  private var requests: [Request] = []
  private var isAtWork = false
  /// Ends of jobs that came before the answer that says which job is ours.
  private var endedEarly: [String: String] = [:]

  /// Nothing is opened before the first request. What is not answered within the limit has failed.
  init(driver: EpollDriver, loop: LoopExecutor, limit: Span = Limits.unitLimit) {
    self.driver = driver
    self.loop = loop
    self.limit = limit
    self.alarm = Alarm(on: loop)
  }

  /// Whether there is a connection now.
  var isConnected: Bool { connection != nil }

  /// As `ServiceManager.tell`.
  func tell(unit: String, _ action: UnitAction, done: @escaping (UnitFailure?) -> Void) {
    let deadline = loop.now().advanced(by: limit)
    requests.append(Request(unit, action, until: deadline, bus: self, done: done))
    if isAtWork { return alarm.ring() }
    isAtWork = true
    loop.start(self) { await $0.work() }
  }

  // MARK: Work

  private func work() async {
    while !requests.isEmpty {
      let wake = advance()
      handOutEnds()
      if requests.isEmpty { break }
      _ = await alarm.wait(until: .monotonic(wake))
    }
    connection = nil
    endedEarly = [:]
    isAtWork = false
  }

  /// Sends, receives and looks at the time; returns when to do so again, if the connection does not ring before.
  private func advance() -> MonotonicTime {
    do throws(BusConnection.Failure) {
      let connection = try connect()
      for request in requests where !request.isSent { send(request, on: connection) }
      try connection.process()
      expire()
      let nanoseconds = try connection.watch()
      let deadlines = requests.filter { $0.outcome == nil }.map(\.deadline)
      let timeout = nanoseconds.map { loop.now().advanced(by: Span(nanoseconds: $0)) }
      return (deadlines + [timeout].compactMap(\.self)).min() ?? loop.now()
    } catch {
      for request in requests where request.outcome == nil { request.outcome = .failure(error.message) }
      connection = nil
      return loop.now()
    }
  }

  private func connect() throws(BusConnection.Failure) -> BusConnection {
    if let connection { return connection }
    let made = try BusConnection(driver: driver) { [weak self] in self?.alarm.ring() }
    made.onJobRemoved = { [weak self] job, result in self?.noteEnd(of: job, result) }
    connection = made
    return made
  }

  private func send(_ request: Request, on connection: BusConnection) {
    request.isSent = true
    let userdata = unsafe Unmanaged.passUnretained(request).toOpaque()
    let timeout = UInt64(max(1, (request.deadline - loop.now()).nanoseconds / 1000))
    let answer: sd_bus_message_handler_t = { message, userdata, _ in
      unsafe UnitBus.takeAnswer(message, userdata)
    }
    let (slot, code) =
      switch request.action {
      case .reload:
        unsafe connection.call("ReloadUnit", timeout: timeout, answer, userdata) { message in
          let code = unsafe BusText.append(request.unit, to: message)
          return unsafe code < 0 ? code : BusText.append("replace", to: message)
        }
      case .signal(var number):
        unsafe connection.call("KillUnit", timeout: timeout, answer, userdata) { message in
          var code = unsafe BusText.append(request.unit, to: message)
          if code >= 0 { code = unsafe BusText.append("main", to: message) }
          return unsafe code < 0 ? code : sd_bus_message_append_basic(message, CChar(UInt8(ascii: "i")), &number)
        }
      }
    unsafe request.slot = slot
    if code < 0 { request.outcome = .failure("the service manager cannot be asked: \(BusConnection.words(code))") }
  }

  private func expire() {
    let now = loop.now()
    for request in requests where request.outcome == nil && request.deadline <= now {
      request.outcome = .failure("no answer within \(TimeSpan.describe(limit))")
    }
  }

  /// Calls those whose request has ended; they may come with new ones.
  private func handOutEnds() {
    let ended = requests.filter { $0.outcome != nil }
    requests.removeAll { $0.outcome != nil }
    for request in ended {
      // From here on sd-bus does not know the request.
      _ = unsafe sd_bus_slot_unref(request.slot)
      switch request.outcome {
      case .success, nil: request.done(nil)
      case .failure(let message): request.done(UnitFailure(message: message))
      }
    }
  }

  // MARK: Answers

  private static func takeAnswer(_ message: OpaquePointer?, _ userdata: UnsafeMutableRawPointer?) -> Int32 {
    guard let message = unsafe message, let userdata = unsafe userdata else { return 0 }
    let request = unsafe Unmanaged<Request>.fromOpaque(userdata).takeUnretainedValue()
    if let error = unsafe BusText.error(of: message) {
      request.outcome = .failure(error)
      return 1
    }
    guard case .reload = request.action else {
      request.outcome = .success
      return 1
    }
    guard let job = unsafe BusText.read("o", from: message) else {
      request.outcome = .failure("an answer that names no job")
      return 1
    }
    request.job = job
    if let result = request.bus.endedEarly[job] { request.bus.noteEnd(of: job, result) }
    return 1
  }

  /// The results are those of systemd(1): `done`, `canceled`, `timeout`, `failed`, `dependency`, `skipped` and more.
  private func noteEnd(of job: String, _ result: String) {
    let own = requests.filter { $0.job == job && $0.outcome == nil }
    for request in own {
      request.outcome = result == "done" ? .success : .failure("the reload ended with '\(result)'")
    }
    // While an answer is still to come, this may be the end of its job.
    if own.isEmpty, requests.contains(where: { $0.isSent && $0.job == nil }), endedEarly.count < 1000 {
      endedEarly[job] = result
    }
  }
}
