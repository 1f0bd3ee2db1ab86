package import Daemon
package import Rotation

/// Processes that a test plays, in virtual time.
///
/// A child copies its input behind a mark when it ends well: what it has read is what its input was when it ended.
package final class SimulatedProcesses: ProcessSpawner {
  /// The line that a compressed file begins with; the rest of it is the plain one.
  package static let mark = "zip\n"

  /// What a child does.
  package struct Play {
    /// Nanoseconds until it ends; nil when it hangs.
    package var takes: Int64?
    package var end = ChildEnd.exited(0)
    /// Whether it writes half of its output before it ends.
    package var tears = false
    package var line: String?

    package init(takes: Int64?, end: ChildEnd = .exited(0), tears: Bool = false, line: String? = nil) {
      self.takes = takes
      self.end = end
      self.tears = tears
      self.line = line
    }
  }

  /// How each child is played; without it nothing can be started.
  package var play: ((ChildRequest) throws(Errno) -> Play)?
  package private(set) var started: [ChildRequest] = []
  /// Children that run now, and the most that ever ran at a time.
  package private(set) var running = 0
  package private(set) var mostRunning = 0
  /// Set when the daemon is dead: nobody is told of an end any more.
  package var isDead = false
  private let driver: SimulatedDriver?
  private let disk: SimulatedFileSystem?

  package init(driver: SimulatedDriver? = nil, disk: SimulatedFileSystem? = nil) {
    self.driver = driver
    self.disk = disk
  }

  package func start(
    _ request: ChildRequest, onLine: @escaping (String) -> Void, onEnd: @escaping (ChildEnd) -> Void
  ) throws(Errno) -> any ChildProcess {
    guard let driver, let play else { throw .notImplemented }
    let part = try play(request)
    started.append(request)
    running += 1
    mostRunning = max(mostRunning, running)
    let child = SimulatedChild { [self] end in
      running -= 1
      guard !isDead else { return }
      if let line = part.line { onLine(line) }
      onEnd(end)
    }
    let limit = request.limit?.nanoseconds ?? .max
    let takes = part.takes ?? .max
    if min(takes, limit) < .max {
      driver.schedule(after: min(takes, limit)) { [self] in
        guard !child.hasEnded else { return }
        write(request, isTorn: part.tears || takes > limit)
        child.end(takes <= limit ? part.end : .timedOut)
      }
    }
    child.onKill = { [self] in
      driver.schedule(after: 1_000_000) {
        guard !child.hasEnded else { return }
        self.write(request, isTorn: true)
        child.end(.killed(signal: 9))
      }
    }
    return child
  }

  private func write(_ request: ChildRequest, isTorn: Bool) {
    guard let disk, case .file(let token) = request.output, disk.outputs[token] != nil else { return }
    let whole = Array(Self.mark.utf8) + disk.input(request.input)
    disk.outputs[token] = isTorn ? Array(whole.prefix(whole.count / 2)) : whole
  }

  package func signal(pidFile: String, _ signal: Int32) throws(Errno) {
    throw .notImplemented
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
    hasEnded = true
    onEnd(end)
  }
}
