internal import EventLoop
internal import Rotation
internal import Timekeeping

// Writers are notified once, however many logs of however many jobs share a hook. Jobs that are due at the same moment
// are separate tasks: when it wakes, each registers the hooks to which its runs may add logs, and it reports the end of
// the runs. A hook is sent when no run is left that may add logs to it.
//
// Notification happens at least once: the state records each rotation whose writers were not notified yet. What is
// still owed when the daemon ends, by a crash or at the time limit of a stop, is sent at the next start.

/// Notifies writers that their logs were rotated.
final class Notifier {
  let platform: Platform
  let runner: CommandRunner
  let events: Events
  /// The jobs of the config in force.
  var registry: JobRegistry
  private(set) var isStopping = false
  /// Whether a failed hook is tried again; if not, it is owed, and sent at the next start.
  private(set) var triesAgain = true
  /// Hooks that have failed and are not tried again.
  private var failed: [Hook] = []
  private let ended: Alarm
  /// Whether the time limit of a stop has passed: nothing is sent any more.
  private(set) var isOver = false
  private let reader: InventoryReader
  private var works: [Hook: HookWork] = [:]
  private var gathering: Set<Hook> = []

  init(platform: Platform, registry: JobRegistry, events: Events) {
    self.platform = platform
    self.registry = registry
    self.events = events
    self.ended = Alarm(on: platform.loop)
    self.runner = CommandRunner(platform: platform)
    self.reader = InventoryReader(fileSystem: platform.fileSystem)
  }

  // MARK: Runs

  /// A run begins that may add logs to these hooks: they are held back until its end.
  func expect(_ hooks: [Hook]) {
    for hook in hooks { work(hook).expected += 1 }
  }

  /// The run has ended.
  func settle(_ hooks: [Hook]) {
    for hook in hooks {
      guard let work = works[hook] else { continue }
      work.expected -= 1
      if work.expected == 0 { work.ring() }
      dropIfIdle(work)
    }
  }

  /// Holds these hooks back until the watch on sizes sleeps, because it may find more logs due: each hook is then sent
  /// once, however many runs there are.
  func gather(_ hooks: [Hook]) {
    for hook in hooks where gathering.insert(hook).inserted { expect([hook]) }
  }

  /// Everything that is due now was handed to runs, which hold their hooks back themselves.
  func endGathering() {
    let gathered = gathering
    gathering = []
    settle(Array(gathered))
  }

  /// Sends these hooks for the logs of a run. `onEnd` gets the logs when each hook was tried, with or without success.
  func notify(_ logs: [RotatedLog], of job: String, hooks: [Hook], onEnd: @escaping ([RotatedLog]) -> Void) {
    guard !isOver, !logs.isEmpty, !hooks.isEmpty else { return }
    let batch = HookBatch(logs, of: job, hooks: hooks, onEnd: onEnd)
    for hook in Set(hooks) { work(hook).add(batch) }
  }

  /// Notifies the writers of these logs again, because they have not closed the archives.
  func notifyAgain(_ logs: [RotatedLog], hooks: [Hook]) {
    guard !isStopping else { return }
    for hook in Set(hooks) {
      let work = work(hook)
      let unasked = logs.filter { !work.waits(for: $0) }
      guard !unasked.isEmpty, let job = unasked.first?.job else { continue }
      work.add(HookBatch(unasked, of: job, hooks: [hook], isRepeat: true))
    }
  }

  /// Removes a log whose rotation was undone.
  func forget(_ log: RotatedLog) {
    for work in works.values { work.forget(log) }
  }

  /// Sends those of these hooks that have failed, at once. Returns how many.
  func retryNow(_ hooks: Set<Hook>) -> Int { hooks.count { works[$0]?.retryNow() ?? false } }

  private func work(_ hook: Hook) -> HookWork {
    if let known = works[hook] { return known }
    let new = HookWork(hook, self)
    works[hook] = new
    return new
  }

  private func dropIfIdle(_ work: HookWork) {
    if work.expected == 0, !work.isAtWork { works[work.hook] = nil }
  }

  func workHasEnded(_ work: HookWork) {
    dropIfIdle(work)
    if !triesAgain, work.hasFailed { failed.append(work.hook) }
    ended.ring()
    if isStopping, isIdle { events.send(.idle) }
  }

  // MARK: The end

  /// Whether no hook is being sent or waits to be sent.
  var isIdle: Bool { isOver || !works.values.contains { $0.isAtWork } }

  /// Sends the hooks that are held back and ends retries; after a time limit, ends everything.
  func stop() {
    (isStopping, triesAgain) = (true, false)
    for work in works.values { work.ring() }
    let patience = Limits.stopPatience
    if !isIdle {
      platform.serviceManager.notify(.extendTimeout(microseconds: UInt64(2 * patience.nanoseconds / 1000)))
    }
    let alarm = Alarm(on: platform.loop)
    let end = platform.loop.now().advanced(by: patience)
    platform.loop.start(self) { notifier in
      _ = await alarm.wait(until: .monotonic(end))
      notifier.giveUp()
    }
  }

  /// Sends each hook of these runs once, when all of them are over. Returns the hooks that have failed, which stay
  /// owed.
  func sendOnce(_ hooks: Set<Hook>, for runs: () async -> Void) async -> [Hook] {
    triesAgain = false
    expect(Array(hooks))
    await runs()
    settle(Array(hooks))
    while !isIdle { _ = await ended.wait(until: .never) }
    return failed
  }

  private func giveUp() {
    let owed = works.values.filter(\.isAtWork).map { "\($0.hook)" }.sorted()
    isOver = true
    runner.stop()
    if !owed.isEmpty {
      platform.report(
        Report(
          .hookFailed, .warning,
          "not notified within \(TimeSpan.describe(Limits.stopPatience)): \(owed.joined(separator: ", ")); "
            + "they are notified at the next start"))
    }
    events.send(.idle)
  }

  // MARK: Sending

  /// Sends a hook and waits for its end. Returns what went wrong. If it is late, archives may have been renamed since.
  func send(_ hook: Hook, _ logs: [RotatedLog], isLate: Bool) async -> String? {
    switch hook {
    case .reload(let unit): return await runner.systemctl(["reload"], unit: unit)
    case .signal(let unit, let number):
      return await runner.systemctl(["kill", "--kill-whom=main", "--signal=\(number)"], unit: unit)
    case .pidFile(let path, let number):
      do throws(SignalFailure) {
        try platform.processes.signal(pidFile: path, number, ofOwners: owners(of: logs))
        return nil
      } catch {
        return "\(error)"
      }
    case .run(let command, let limit), .script(let command, let limit):
      let logs = isLate ? logs.map(current) : logs
      return await runner.run(
        command, limit: limit, environment: HookEnvironment.variables(of: logs), jobs: HookWork.jobs(of: logs))
    }
  }

  /// Whether no process has any of these archives open for writing; what is gone is open nowhere that counts.
  func areReleased(_ logs: [RotatedLog]) async -> Bool {
    for (index, log) in logs.enumerated() {
      if index % Limits.removalSlice == Limits.removalSlice - 1 { await platform.loop.yield() }
      guard isReleased(current(log).archivePath) else { return false }
    }
    return true
  }

  private func isReleased(_ path: FilePath) -> Bool {
    let (parent, name) = path.split
    do throws(Errno) {
      let file = try platform.fileSystem.hold(name, in: try platform.fileSystem.openDirectory(parent))
      defer { file.release() }
      do throws(Errno) { return try file.takeLease() } catch  where error.meansNoLeases {
        return file.writers().isEmpty
      }
    } catch {
      return error == .noEntry
    }
  }

  /// The users who own the logs now. For a log that its writer has not created again, the owner of its archive.
  private func owners(of logs: [RotatedLog]) -> Set<UInt32> {
    func owner(of path: FilePath) -> UInt32? { (try? platform.fileSystem.look(at: path))?.user }
    return Set(logs.compactMap { owner(of: $0.directory.appending($0.name)) ?? owner(of: current($0).archivePath) })
  }

  /// The log with the current name of its archive, if that is found.
  private func current(_ log: RotatedLog) -> RotatedLog {
    guard let policy = registry[log.job]?.job.policy,
      let archive = reader.archive(of: log.inode, policy, log.name, in: log.directory)
    else { return log }
    var found = log
    found.archive = archive
    return found
  }
}
