internal import Daemon
internal import EventLoop
internal import Rotation
internal import Timekeeping

/// Units, pidfiles and commands of the world: they notify writers, fail, hang, and are absent for hours.
extension World {
  private static let second: Int64 = 1_000_000_000

  /// Whether the target of a hook cannot be reached, which may begin now and last for a while.
  private func isAway(_ hook: Hook) -> Bool {
    guard scenario.hasBadHooks, !isCalm else { return false }
    if let end = away[hook], driver.now().nanoseconds < end { return true }
    if random(0...19) == 0 { away[hook] = driver.now().nanoseconds + random(60...6 * 3600) * Self.second }
    return random(0...5) == 0
  }

  /// What systemctl does for a unit.
  func playUnit(_ hook: Hook) throws(Errno) -> SimulatedProcesses.Play {
    let round = ledger.begin(hook)
    if isAway(hook) {
      // There is no systemctl, or no systemd; or the job fails, or does not end, although the writers may have been
      // notified.
      switch random(0...5) {
      case 0: throw .noEntry
      case 1: return .failure("no bus")
      default: break
      }
      let hangs = random(0...1) == 0
      let delay = hangs ? Limits.unitLimit.nanoseconds : random(0...30) * Self.second
      if random(0...1) == 0 { driver.schedule(after: delay) { [unowned self] in hear(hook) } }
      return hangs ? .init(takes: nil) : .failure("Job for app.service failed.", after: delay)
    }
    let delays: [Int64] = [0, random(1...5), random(1...90)]
    let delay = (isCalm ? delays[0] : delays.randomElement(using: &generator) ?? 0) * Self.second
    driver.schedule(after: delay) { [unowned self] in
      hear(hook)
      ledger.end(round, succeeded: true)
    }
    return .init(takes: delay)
  }

  /// The process of a pidfile gets a signal, if it exists.
  func signal(_ path: FilePath, _ number: Int32) -> SignalFailure? {
    let hook = Hook.pidFile(path: path, signal: number)
    let round = ledger.begin(hook)
    if isAway(hook) {
      return [SignalFailure.system(.noEntry), .system(.noProcess), .noNumber].randomElement(using: &generator)
    }
    driver.schedule(after: 0) { [unowned self] in hear(hook) }
    ledger.end(round, succeeded: true)
    return nil
  }

  /// What a command of `before` or `notify` does.
  func playCommand(_ request: ChildRequest) throws(Errno) -> SimulatedProcesses.Play {
    if request.arguments.first == "flush" { return try playFlush(request.arguments.last?.printable ?? "") }
    let hook = Hook.run(.shell(request.arguments.last ?? ""), limit: request.limit ?? .zero)
    let round = ledger.begin(hook)
    if isAway(hook) {
      switch random(0...2) {
      case 0: throw .again
      case 1: return SimulatedProcesses.Play(takes: nil)
      default: return SimulatedProcesses.Play(takes: Self.second * random(0...5), end: .exited(1), lines: ["not there"])
      }
    }
    let takes = isCalm ? 1 : random(0...9)
    return SimulatedProcesses.Play(takes: Self.second * takes) { [unowned self] in
      hear(hook)
      ledger.end(round, succeeded: true)
    }
  }

  private func playFlush(_ job: String) throws(Errno) -> SimulatedProcesses.Play {
    ledger.notePrepared(job, succeeded: false)
    if scenario.hasBadHooks, !isCalm {
      switch random(0...11) {
      case 0: throw .noEntry
      case 1: return SimulatedProcesses.Play(takes: nil)
      case 2, 3: return SimulatedProcesses.Play(takes: Self.second * random(0...59), end: .exited(1))
      default: break
      }
    }
    return SimulatedProcesses.Play(takes: Self.second * (isCalm ? 1 : random(0...50))) { [unowned self] in
      ledger.notePrepared(job, succeeded: true)
    }
  }

  // MARK: Writers

  /// The writers that a hook reaches open their logs again.
  private func hear(_ hook: Hook) {
    for path in scenario.listeners(of: hook) {
      switch scenario.manners[path] {
      case .prompt: reopen(path)
      case .late:
        driver.schedule(after: random(1...(isCalm ? 600 : 7200)) * Self.second) { [unowned self] in reopen(path) }
      case .watchful, nil: break
      }
    }
  }

  private func reopen(_ path: FilePath) {
    guard let inode = writers[path], disk.inode(of: path) != inode else { return }
    writers[path] = disk.openForWriting(path)
    letGo(of: inode, path)
  }

  /// Closes a file whose log has this path.
  func letGo(of inode: UInt64, _ path: FilePath) {
    disk.close(inode)
    if let job = scenario.logs.first(where: { path.bytes.starts(with: $0.path.bytes) })?.job { ledger.noteLetGo(job) }
  }

  /// Checks at intervals that rotations were notified of.
  func scheduleReckoning() {
    driver.schedule(after: 20 * 60 * Self.second) { [unowned self] in
      if !disk.isDead { ledger.check(quietSince: faultsEnd, isCalm: isCalm && driver.now().nanoseconds > peace + hour) }
      if !isOver { scheduleReckoning() }
    }
  }

  private var hour: Int64 { 3600 * Self.second }

  /// At the end of the days of peace, no writer that reacts to notifications has an old file open.
  func checkWriters() {
    for (path, manner) in scenario.manners where manner != .watchful && !ledger.excuses(path) {
      guard let inode = writers[path], disk.inode(of: path) != inode else { continue }
      checker.warn("\(path): its writer has an old file at the end")
    }
  }
}
