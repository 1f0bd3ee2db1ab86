internal import EventLoop
internal import Rotation
internal import Timekeeping

/// One notice, with all who wait for it to be told. Its task ends when nobody does.
final class HookWork {
  let hook: Hook
  /// Turns under way that may add logs to it.
  var expected = 0
  private unowned let notifier: Notifier
  private let alarm: Alarm
  private var waiting: [HookBatch] = []
  private(set) var isAtWork = false
  /// Since when the notice is held back for others to join.
  private var heldSince: MonotonicTime?
  private var notBefore: MonotonicTime?
  private var failures = 0
  private var problem: String?

  init(_ hook: Hook, _ notifier: Notifier) {
    self.hook = hook
    self.notifier = notifier
    self.alarm = Alarm(on: notifier.platform.loop)
  }

  /// Adds logs: told with the next round, which new logs begin at once even where the last one has failed.
  func add(_ batch: HookBatch) {
    let now = notifier.platform.loop.now()
    if !batch.isRepeat {
      notBefore = nil
    } else if waiting.isEmpty {
      notBefore = max(notBefore ?? now, now.advanced(by: Limits.notifyAgainGathering))
    }
    waiting.append(batch)
    if isAtWork { return alarm.ring() }
    isAtWork = true
    notifier.platform.loop.start(self) { await $0.run() }
  }

  /// Looks again at whether it is to be told.
  func ring() {
    if isAtWork { alarm.ring() }
  }

  /// Whether a log waits to be told of.
  func waits(for log: RotatedLog) -> Bool {
    waiting.contains { $0.logs.contains { $0.inode == log.inode && $0.name == log.name } }
  }

  /// Takes out a log whose rotation was undone.
  func forget(_ log: RotatedLog) {
    for batch in waiting { batch.logs.removeAll { $0 == log } }
  }

  // MARK: Rounds

  private func run() async {
    while !waiting.isEmpty, !notifier.isOver {
      await letOthersJoin()
      while let time = holdTime(), !notifier.isOver {
        _ = await alarm.wait(until: .monotonic(time))
        await letOthersJoin()
      }
      if notifier.isOver { break }
      // What fails now would fail again: it is owed, and told at the next start.
      if notifier.isStopping, failures > 0 { break }
      await tell()
    }
    waiting = []
    isAtWork = false
    if problem != nil, !notifier.isStopping { notifier.onProblem(hook, nil) }
    notifier.workHasEnded(self)
  }

  /// Runs that have woken in this moment have not yet said that they may add to the notice. A task that is woken goes on two
  /// passes of the loop later: in the first it returns from its alarm, in the second to what it does.
  private func letOthersJoin() async {
    for _ in 0..<3 { await notifier.platform.loop.yield() }
  }

  /// Until when the notice is held back; nil when it is to be told now.
  private func holdTime() -> MonotonicTime? {
    let now = notifier.platform.loop.now()
    if expected > 0 {
      let since = heldSince ?? now
      heldSince = since
      let end = since.advanced(by: Limits.hookHold)
      if now < end { return end }
    }
    if let notBefore, now < notBefore, !notifier.isStopping { return notBefore }
    return nil
  }

  private func tell() async {
    let round = waiting
    waiting = []
    heldSince = nil
    notBefore = nil
    let logs = round.flatMap(\.logs)
    guard !logs.isEmpty else { return }
    let failure = await notifier.send(hook, logs, isLate: failures > 0 || round.contains { $0.isRepeat })
    if notifier.isOver { return }
    if let failure {
      let delay = Limits.retryDelay(attempts: failures)
      failures += 1
      if waiting.isEmpty { notBefore = notifier.platform.loop.now().advanced(by: delay) }
      warn(failure, logs)
      waiting = trimmed(round.filter { !$0.isRepeat }) + waiting
    } else {
      report(logs)
    }
    for batch in round where !batch.isRepeat {
      let (isEnded, isNotified) = batch.end(hook, succeeded: failure == nil)
      if isNotified { notifier.onNotified(batch.logs) }
      if isEnded { notifier.onEnded(batch.job, batch.logs) }
    }
  }

  /// A notice that fails for months does not fill the memory: of each log the newest rotations stay.
  private func trimmed(_ batches: [HookBatch]) -> [HookBatch] {
    guard batches.count > Limits.maxOwed else { return batches }
    var counts: [FilePath: Int] = [:]
    for batch in batches.reversed() {
      batch.logs = batch.logs.filter { log in
        counts[LogFinder.join(log.directory, log.name), default: 0] += 1
        return counts[LogFinder.join(log.directory, log.name), default: 0] <= Limits.maxOwed
      }
    }
    return batches.filter { !$0.logs.isEmpty }
  }

  // MARK: Words

  private func warn(_ failure: String, _ logs: [RotatedLog]) {
    guard problem != failure else { return }
    problem = failure
    let jobs = Self.jobs(of: logs)
    let message =
      "\(CommandRunner.subject(jobs)): cannot notify \(hook) of \(Self.count(logs)): \(failure); "
      + (notifier.isStopping ? "it is notified at the next start" : "trying again")
    notifier.onProblem(hook, failure)
    notifier.platform.report(
      Report(
        .hookFailed, .error, message, job: jobs.first, log: logs.first.map { LogFinder.join($0.directory, $0.name) }))
  }

  private func report(_ logs: [RotatedLog]) {
    let jobs = Self.jobs(of: logs)
    let tries = failures == 0 ? "" : ", at attempt \(failures + 1)"
    let wasProblem = problem != nil
    failures = 0
    problem = nil
    if wasProblem { notifier.onProblem(hook, nil) }
    notifier.platform.report(
      Report(
        .notified, wasProblem ? .notice : .info,
        "\(CommandRunner.subject(jobs)): notified \(hook) of \(Self.count(logs))\(tries)", job: jobs.first))
  }

  /// The jobs of the logs, each once, in their order.
  static func jobs(of logs: [RotatedLog]) -> [String] {
    var seen: Set<String> = []
    return logs.map(\.job).filter { seen.insert($0).inserted }
  }

  private static func count(_ logs: [RotatedLog]) -> String {
    logs.count == 1 ? LogFinder.join(logs[0].directory, logs[0].name).printable : "\(logs.count) logs"
  }
}
