internal import EventLoop
internal import Rotation
internal import Timekeeping

/// One hook, with the logs that wait for it. Its task ends when none waits.
final class HookWork {
  let hook: Hook
  /// The number of unfinished runs that may add logs to it.
  var expected = 0
  private unowned let notifier: Notifier
  private let worker: Worker
  private var waiting: [HookBatch] = []
  /// Since when the hook is held back for more runs to join.
  private var heldSince: MonotonicTime?
  /// Until when logs are gathered whose writers are to be notified again.
  private var gathersUntil: MonotonicTime?
  private var retry = Backoff()

  init(_ hook: Hook, _ notifier: Notifier) {
    self.hook = hook
    self.notifier = notifier
    self.worker = Worker(on: notifier.platform.loop)
  }

  /// Adds logs, which the next round sends. New logs begin that round at once, even if the last one has failed.
  func add(_ batch: HookBatch) {
    let now = notifier.platform.loop.now()
    if !batch.isRepeat {
      gathersUntil = nil
      retry.hold(until: nil)
    } else if waiting.isEmpty {
      gathersUntil = now.advanced(by: Limits.notifyAgainGathering)
    }
    waiting.append(batch)
    worker.start(self, atEnd: { $0.end() }) { await $0.pass() }
  }

  /// Whether its last round has failed.
  var hasFailed: Bool { problems[subject] != nil }

  /// Whether logs wait for it.
  var isAtWork: Bool { worker.isRunning }

  /// Sends the hook at once if it has failed. Returns whether it had.
  func retryNow() -> Bool {
    guard isAtWork, retry.next != nil else { return false }
    retry.hold(until: nil)
    worker.wake()
    return true
  }

  /// Wakes the task, so that it checks again whether to send the hook.
  func ring() {
    worker.wake()
  }

  /// Whether a log waits for this hook.
  func waits(for log: RotatedLog) -> Bool {
    waiting.contains { $0.logs.contains { $0.inode == log.inode && $0.name == log.name } }
  }

  /// Removes a log whose rotation was undone.
  func forget(_ log: RotatedLog) {
    for batch in waiting { batch.logs.removeAll { $0 == log } }
  }

  // MARK: Rounds

  private func pass() async -> Worker.Next {
    guard !waiting.isEmpty else { return .end }
    await letOthersJoin()
    if notifier.isOver { return .end }
    if let time = holdTime() { return .sleep(until: .monotonic(time)) }
    // A hook that fails now would fail again: it stays owed, and is sent at the next start.
    if !notifier.triesAgain, retry.attempts > 0 { return .end }
    await tell()
    return .again
  }

  private func end() {
    waiting = []
    if notifier.triesAgain { problems.clear(subject) }
    notifier.workHasEnded(self)
  }

  /// Waits for runs that wake in this moment: they have not registered yet. A task that was woken continues two passes
  /// of the loop later: in the first it returns from its alarm, in the second it acts.
  private func letOthersJoin() async {
    for _ in 0..<3 { await notifier.platform.loop.yield() }
  }

  /// Until when the hook is held back; nil if it is to be sent now.
  private func holdTime() -> MonotonicTime? {
    let now = notifier.platform.loop.now()
    if expected > 0 {
      let since = heldSince ?? now
      heldSince = since
      let end = since.advanced(by: Limits.hookHold)
      if now < end { return end }
    }
    guard !notifier.isStopping else { return nil }
    return [gathersUntil, retry.next].compactMap(\.self).max().flatMap { now < $0 ? $0 : nil }
  }

  private func tell() async {
    let round = waiting
    waiting = []
    heldSince = nil
    gathersUntil = nil
    retry.hold(until: nil)
    let logs = round.flatMap(\.logs)
    guard !logs.isEmpty else { return }
    var failure = await notifier.send(hook, logs, isLate: retry.attempts > 0 || round.contains { $0.isRepeat })
    if let reason = failure, case .script = hook, await notifier.areReleased(logs) {
      note(reason, logs)
      failure = nil
    }
    if notifier.isOver { return }
    if let failure {
      retry.postpone(Limits.retryDelays, from: notifier.platform.loop.now())
      // Logs that were added meanwhile do not wait.
      if !waiting.isEmpty { retry.hold(until: nil) }
      warn(failure, logs)
      waiting = trimmed(round.filter { !$0.isRepeat }) + waiting
    } else {
      report(logs)
    }
    for batch in round where !batch.isRepeat {
      let (isEnded, isNotified) = batch.end(hook, succeeded: failure == nil)
      if isNotified { notifier.events.send(.notified(batch.logs)) }
      if isEnded { batch.onEnd(batch.logs) }
    }
  }

  /// Limits the memory of a hook that fails for months: only the newest rotations of each log stay.
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

  // MARK: Messages

  private var problems: Problems { notifier.platform.problems }
  private var subject: Problems.Subject { Problems.Subject(.hook, of: "\(hook)") }

  private func warn(_ failure: String, _ logs: [RotatedLog]) {
    let jobs = Self.jobs(of: logs)
    let message =
      "\(CommandRunner.subject(jobs)): cannot notify \(hook) of \(Self.count(logs)): \(failure); "
      + (notifier.triesAgain ? "trying again" : "it is notified at the next start")
    let report = Report(
      .hookFailed, .error, message, job: jobs.first, log: logs.first.map { LogFinder.join($0.directory, $0.name) })
    problems.note(subject, report, key: failure, nextTry: retry.next)
  }

  /// Says that a script has failed and is not repeated.
  private func note(_ failure: String, _ logs: [RotatedLog]) {
    let jobs = Self.jobs(of: logs)
    notifier.platform.report(
      Report(
        .note, .notice,
        "\(CommandRunner.subject(jobs)): \(hook) has failed: \(failure); no process has the old log open, so it is not repeated",
        job: jobs.first))
  }

  private func report(_ logs: [RotatedLog]) {
    let jobs = Self.jobs(of: logs)
    let tries = retry.attempts == 0 ? "" : ", at attempt \(retry.attempts + 1)"
    let wasProblem = problems.clear(subject)
    retry.reset()
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
