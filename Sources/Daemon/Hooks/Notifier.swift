internal import EventLoop
internal import Rotation
internal import Timekeeping

// Writers are notified once, however many logs of however many jobs share a hook. Jobs that are due at one moment are
// tasks of their own: each says when it wakes which hooks its runs may add to, and when they are over; a hook is sent when
// no run is left that may add to it.
//
// At least once: the state knows of each rotation whose writers were not told. What a notice owes when the daemon ends, by a
// crash or because the bound of a stop was reached, is told at the next start.

/// Tells writers that their logs were rotated.
final class Notifier {
  let platform: Platform
  let runner: CommandRunner
  let events: Events
  /// The jobs of the config in force.
  var registry: JobRegistry
  private(set) var isStopping = false
  /// Whether a hook that fails is tried again; if not, it is owed, and sent at the next start.
  private(set) var triesAgain = true
  /// Hooks that have failed, and are not tried again.
  private var failed: [Hook] = []
  private let ended: Alarm
  /// The time of a stop is over: nothing is told any more.
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

  /// A run begins that may have logs for these hooks: they are held back until it is over.
  func expect(_ hooks: [Hook]) {
    for hook in hooks { work(hook).expected += 1 }
  }

  /// The run is over.
  func settle(_ hooks: [Hook]) {
    for hook in hooks {
      guard let work = works[hook] else { continue }
      work.expected -= 1
      if work.expected == 0 { work.ring() }
      dropIfIdle(work)
    }
  }

  /// More logs for these notices may be found to be due before the watch on sizes sleeps: they are held back until then, so
  /// that they are sent once, however many runs that takes.
  func gather(_ hooks: [Hook]) {
    for hook in hooks where gathering.insert(hook).inserted { expect([hook]) }
  }

  /// All that is due now is known: it was handed to runs, which hold their hooks back themselves.
  func endGathering() {
    let gathered = gathering
    gathering = []
    settle(Array(gathered))
  }

  /// Sends these hooks for the logs of a run; `onEnd` gets the logs when each was tried, with success or not.
  func notify(_ logs: [RotatedLog], of job: String, hooks: [Hook], onEnd: @escaping ([RotatedLog]) -> Void) {
    guard !isOver, !logs.isEmpty, !hooks.isEmpty else { return }
    let batch = HookBatch(logs, of: job, hooks: hooks, onEnd: onEnd)
    for hook in Set(hooks) { work(hook).add(batch) }
  }

  /// Tells the writers of these logs again, as they do not let go.
  func notifyAgain(_ logs: [RotatedLog], hooks: [Hook]) {
    guard !isStopping else { return }
    for hook in Set(hooks) {
      let work = work(hook)
      let unasked = logs.filter { !work.waits(for: $0) }
      guard !unasked.isEmpty, let job = unasked.first?.job else { continue }
      work.add(HookBatch(unasked, of: job, hooks: [hook], isRepeat: true))
    }
  }

  /// Takes out a log whose rotation was undone.
  func forget(_ log: RotatedLog) {
    for work in works.values { work.forget(log) }
  }

  /// Sends those of these hooks at once that have failed; returns how many.
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

  /// Whether nothing is told or to be told.
  var isIdle: Bool { isOver || !works.values.contains { $0.isAtWork } }

  /// Sends what is held back and ends what is tried again; after a bounded time, everything.
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

  /// Sends each hook of these runs once, when all of them are over; returns those that have failed: they are owed.
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

  /// Sends a notice and waits for its end; returns what went wrong. Archives of a late one may have been moved on meanwhile.
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
    case .run(let command, let limit):
      let logs = isLate ? logs.map(current) : logs
      return await runner.run(
        command, limit: limit, environment: HookEnvironment.variables(of: logs), jobs: HookWork.jobs(of: logs))
    }
  }

  /// The users who own the logs now. The owner of the archive stands for that of a log that its writer has not made again.
  private func owners(of logs: [RotatedLog]) -> Set<UInt32> {
    func owner(of path: FilePath) -> UInt32? { (try? platform.fileSystem.look(at: path))?.user }
    return Set(logs.compactMap { owner(of: $0.directory.appending($0.name)) ?? owner(of: current($0).archivePath) })
  }

  /// The log with the name that its archive has now, if it is to be found.
  private func current(_ log: RotatedLog) -> RotatedLog {
    guard let policy = registry[log.job]?.job.policy,
      let archive = reader.archive(of: log.inode, policy, log.name, in: log.directory)
    else { return log }
    var found = log
    found.archive = archive
    return found
  }
}
