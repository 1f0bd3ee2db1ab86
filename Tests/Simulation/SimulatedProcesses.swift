internal import EventLoop
package import Daemon
package import Rotation
internal import Timekeeping

/// Processes that a test plays, in virtual time.
///
/// A child that compresses copies its input after a mark if it succeeds: it has read what the input was at its end.
package final class SimulatedProcesses: ProcessSpawner {
  /// The line with which a compressed file begins; the rest of it is the uncompressed file.
  package static let mark = "zip\n"

  /// What a child does.
  package struct Play {
    /// Nanoseconds until it ends; nil if it hangs.
    package var takes: Int64?
    package var end = ChildEnd.exited(0)
    /// Whether it writes half of its output before it ends.
    package var tears = false
    package var lines: [String] = []
    /// Whether it reads and writes nothing until its end; a child that hangs never does.
    package var isStill: Bool
    /// Bytes of output that exist a second after its start.
    package var soon: Int
    /// Called when it ends without being killed.
    package var effect: () -> Void

    package init(
      takes: Int64? = 0, end: ChildEnd = .exited(0), tears: Bool = false, lines: [String] = [],
      isStill: Bool = false, soon: Int = 0, effect: @escaping () -> Void = {}
    ) {
      self.takes = takes
      self.end = end
      self.tears = tears
      self.lines = lines
      self.isStill = isStill
      self.soon = soon
      self.effect = effect
    }

    /// It writes this line and fails.
    package static func failure(_ words: String, after nanoseconds: Int64 = 0) -> Play {
      Play(takes: nanoseconds, end: .exited(1), lines: [words])
    }
  }

  /// What systemctl does with a unit; by default, it succeeds at once.
  package var units: (Hook) throws(Errno) -> Play = { _ throws(Errno) in Play() }
  /// The notifications of units, with their times in nanoseconds of the monotonic clock.
  package private(set) var notified: [(time: Int64, hook: Hook)] = []
  /// What each other child does; without it nothing can be started.
  package var play: ((ChildRequest) throws(Errno) -> Play)?
  /// The result of a signal to a pidfile; nil is success.
  package var signalScript: (_ pidFile: FilePath, _ signal: Int32) -> SignalFailure? = { _, _ in nil }
  /// The other children that were started, with their times in nanoseconds of the monotonic clock.
  package private(set) var started: [(time: Int64, request: ChildRequest)] = []
  /// The signals that were sent, with the owners of the logs.
  package private(set) var signals: [(pidFile: FilePath, signal: Int32, users: Set<UInt32>)] = []
  /// The children that run now, and the most that ever ran at a time.
  package private(set) var running = 0
  package private(set) var mostRunning = 0
  /// The children that were killed, by anybody.
  package private(set) var killed = 0
  /// Counts the starts of the daemon: the end of an earlier one's children is reported to nobody.
  private var life = 0
  private let driver: SimulatedDriver
  private let disk: SimulatedFileSystem

  package init(driver: SimulatedDriver, disk: SimulatedFileSystem) {
    self.driver = driver
    self.disk = disk
  }

  /// The daemon is dead.
  package func endLife() { life += 1 }

  package func start(
    _ request: ChildRequest, onLine: @escaping (String) -> Void, onEnd: @escaping (ChildEnd) -> Void
  ) throws(Errno) -> any ChildProcess {
    let part = try part(of: request)
    if let input = request.input {
      disk.positions[input] = { [driver] in part.isStill || part.takes == nil ? 0 : driver.now().nanoseconds }
    }
    if part.soon > 0, case .file(let token) = request.output {
      driver.schedule(after: 1_000_000_000) { [self] in
        if disk.outputs[token] != nil { disk.outputs[token] = [UInt8](repeating: 0, count: part.soon) }
      }
    }
    running += 1
    mostRunning = max(mostRunning, running)
    let child = SimulatedChild { [self, life] end in
      running -= 1
      if let input = request.input { disk.positions[input] = nil }
      if end != part.end { killed += 1 }
      if life == self.life { onEnd(end) }
    }
    driver.schedule(after: 0) { [self, life] in
      for line in part.lines where life == self.life && !child.hasEnded { onLine(line) }
    }
    let limit = request.limit?.nanoseconds ?? .max
    let takes = part.takes ?? .max
    if min(takes, limit) < .max {
      driver.schedule(after: min(takes, limit)) { [self] in
        guard !child.hasEnded else { return }
        write(request, isTorn: part.tears || takes > limit)
        if takes <= limit { part.effect() }
        child.end(takes <= limit ? part.end : .timedOut)
      }
    }
    child.onKill = { [self] in
      driver.schedule(after: 1_000_000) { [self] in
        guard !child.hasEnded else { return }
        write(request, isTorn: true)
        child.end(.killed(signal: 9))
      }
    }
    return child
  }

  private func part(of request: ChildRequest) throws(Errno) -> Play {
    if request.arguments.first == "systemctl" {
      let hook = Self.unitHook(of: request)
      notified.append((driver.now().nanoseconds, hook))
      return try units(hook)
    }
    guard let play else { throw .notImplemented }
    let part = try play(request)
    started.append((driver.now().nanoseconds, request))
    return part
  }

  /// The hook of a systemctl command.
  private static func unitHook(of request: ChildRequest) -> Hook {
    let words = request.arguments.dropFirst().map(\.printable)
    precondition(request.limit == Limits.unitLimit && request.environment["SYSTEMD_OFFLINE"] == "0")
    precondition(words.first == "--no-ask-password" && words.dropLast().last == "--", "\(words)")
    let unit = words.last ?? ""
    let action = Array(words.dropFirst().dropLast(2))
    if action == ["reload"] { return .reload(unit: unit) }
    guard action.count == 3, action[0...1] == ["kill", "--kill-whom=main"], action[2].hasPrefix("--signal="),
      let number = Int32(action[2].dropFirst(9))
    else { preconditionFailure("No such command of systemctl: \(words)") }
    return .signal(unit: unit, number)
  }

  private func write(_ request: ChildRequest, isTorn: Bool) {
    guard case .file(let token) = request.output, disk.outputs[token] != nil else { return }
    let whole = Array(Self.mark.utf8) + disk.input(request.input)
    disk.outputs[token] = isTorn ? Array(whole.prefix(whole.count / 2)) : whole
  }

  package func signal(
    pidFile: FilePath, _ signal: Int32, ofOwners users: Set<UInt32>
  ) throws(SignalFailure) {
    signals.append((pidFile, signal, users))
    if let failure = signalScript(pidFile, signal) { throw failure }
  }
}

/// A child that ends once.
final class SimulatedChild: ChildProcess {
  private(set) var hasEnded = false
  var onKill: () -> Void = {}
  private let onEnd: (ChildEnd) -> Void

  init(_ onEnd: @escaping (ChildEnd) -> Void) {
    self.onEnd = onEnd
  }

  func kill() { onKill() }

  func end(_ end: ChildEnd) {
    guard !hasEnded else { return }
    hasEnded = true
    onEnd(end)
  }
}
