internal import EventLoop
internal import Rotation
internal import Timekeeping

// Writers are told once a turn, however many logs of however many jobs share a notice. Jobs that are due at one moment are
// tasks of their own: each turn says when it begins which notices it may add to, and when it is over; a notice is sent when
// no turn is left that may add to it.
//
// At least once: the state knows of each rotation whose writers were not told. What a notice owes when the daemon ends, by a
// crash or because the bound of a stop was reached, is told at the next start.

/// Tells writers that their logs were rotated.
final class Notifier {
  let platform: Platform
  let runner: CommandRunner
  /// Each notice about these logs has succeeded.
  var onNotified: ([RotatedLog]) -> Void = { _ in }
  /// Each notice about these logs of a job was tried, with success or not.
  var onEnded: (_ job: String, [RotatedLog]) -> Void = { _, _ in }
  /// How a job handles its logs; nil when there is no such job now.
  var policy: (_ job: String) -> Policy? = { _ in nil }
  /// Nothing is left to tell in a daemon that stops, or its time is over.
  var onIdle: () -> Void = {}
  private(set) var isStopping = false
  /// The time of a stop is over: nothing is told any more.
  private(set) var isOver = false
  private let reader: InventoryReader
  private var works: [Hook: HookWork] = [:]
  private var gathering: Set<Hook> = []

  init(platform: Platform) {
    self.platform = platform
    self.runner = CommandRunner(platform: platform)
    self.reader = InventoryReader(fileSystem: platform.fileSystem)
  }

  // MARK: Turns

  /// A turn begins that may have logs for these notices: they are held back until it is over.
  func expect(_ hooks: [Hook]) {
    for hook in hooks { work(hook).expected += 1 }
  }

  /// The turn is over.
  func settle(_ hooks: [Hook]) {
    for hook in hooks {
      guard let work = works[hook] else { continue }
      work.expected -= 1
      if work.expected == 0 { work.ring() }
      dropIfIdle(work)
    }
  }

  /// More logs for these notices may be found to be due before the watch on sizes sleeps: they are held back until then, so
  /// that they are sent once, however many turns that takes.
  func gather(_ hooks: [Hook]) {
    for hook in hooks where gathering.insert(hook).inserted { expect([hook]) }
  }

  /// All that is due now is known: it was handed to turns, which hold their notices back themselves.
  func endGathering() {
    let gathered = gathering
    gathering = []
    settle(Array(gathered))
  }

  /// Tells these notices of the logs of a turn.
  func tell(_ logs: [RotatedLog], of job: String, hooks: [Hook]) {
    guard !isOver, !logs.isEmpty, !hooks.isEmpty else { return }
    let batch = HookBatch(logs, of: job, hooks: hooks)
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
    if isStopping, isIdle { onIdle() }
  }

  // MARK: The end

  /// Whether nothing is told or to be told.
  var isIdle: Bool { isOver || !works.values.contains { $0.isAtWork } }

  /// Sends what is held back and ends what is tried again; after a bounded time, everything.
  func stop() {
    isStopping = true
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
    onIdle()
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
    guard let policy = policy(log.job),
      let archive = reader.archive(of: log.inode, policy, log.name, in: log.directory)
    else { return log }
    var found = log
    found.archive = archive
    return found
  }
}
