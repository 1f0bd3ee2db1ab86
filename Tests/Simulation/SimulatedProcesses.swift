internal import EventLoop
package import Daemon
package import Rotation

/// Processes that a test plays, in the time of a simulated driver.
package final class SimulatedProcesses: ProcessSpawner {
  /// What a child does.
  package struct Act {
    /// Nanoseconds that it takes; nil is for ever.
    package var duration: Int64?
    package var end: ChildEnd
    package var lines: [String]
    /// Called when it ends by itself.
    package var effect: () -> Void

    package init(
      takes duration: Int64? = 0, end: ChildEnd = .exited(0), lines: [String] = [], effect: @escaping () -> Void = {}
    ) {
      self.duration = duration
      self.end = end
      self.lines = lines
      self.effect = effect
    }
  }

  /// What each child does; without one, every child exits with 0 at once.
  package var script: (ChildRequest) -> Act = { _ in Act() }
  /// What a signal to a pidfile gives; nil is success.
  package var signalScript: (_ pidFile: String, _ signal: Int32) -> Errno? = { _, _ in nil }
  /// What was started, and when: nanoseconds of the monotonic clock.
  package private(set) var started: [(time: Int64, request: ChildRequest)] = []
  /// The signals that were sent.
  package private(set) var signals: [(pidFile: String, signal: Int32)] = []
  /// Children that have not ended.
  package private(set) var running = 0
  /// Children that were killed, by whomever.
  package private(set) var killed = 0
  private let driver: SimulatedDriver?

  package init(driver: SimulatedDriver? = nil) {
    self.driver = driver
  }

  package func start(
    _ request: ChildRequest, onLine: @escaping (String) -> Void, onEnd: @escaping (ChildEnd) -> Void
  ) throws(Errno) -> any ChildProcess {
    guard let driver else { throw .notImplemented }
    let act = script(request)
    started.append((driver.now().nanoseconds, request))
    running += 1
    let child = SimulatedChild { [unowned self] end in
      running -= 1
      if end != act.end { killed += 1 }
      if end == act.end { act.effect() }
      onEnd(end)
    }
    driver.schedule(after: 0) { for line in act.lines where !child.hasEnded { onLine(line) } }
    if let duration = act.duration { driver.schedule(after: duration) { child.end(act.end) } }
    if let limit = request.limit { driver.schedule(after: limit.nanoseconds) { child.end(.timedOut) } }
    child.onKill = { driver.schedule(after: 0) { child.end(.killed(signal: 9)) } }
    return child
  }

  package func signal(pidFile: String, _ signal: Int32) throws(Errno) {
    signals.append((pidFile, signal))
    if let errno = signalScript(pidFile, signal) { throw errno }
  }
}

/// A child that a test plays.
final class SimulatedChild: ChildProcess {
  var onKill: () -> Void = {}
  private(set) var hasEnded = false
  private let onEnd: (ChildEnd) -> Void

  init(onEnd: @escaping (ChildEnd) -> Void) {
    self.onEnd = onEnd
  }

  func kill() { onKill() }

  func end(_ end: ChildEnd) {
    guard !hasEnded else { return }
    hasEnded = true
    onEnd(end)
  }
}
