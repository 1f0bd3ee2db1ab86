import Config
internal import EventLoop
internal import Rotation
internal import Timekeeping

// What a job does when it has woken: it sees what is due, and makes the runs.

extension Supervisor {
  /// What a job that has woken does before it waits for its runs.
  @inline(never)
  func begin(_ runtime: JobRuntime, after wake: Alarm.Wake) {
    if wake == .clockSet { runtime.clock?.lookUpAgain(now: Now(platform.loop), zone: zone) }
    // What many jobs have due at one moment is not missed by that, and hooks that they share are sent once.
    skipMissed(runtime)
    runtime.hooks = runtime.job.policy.hooks
    notifier.expect(runtime.hooks)
    runtime.isRunning = true
  }

  /// The runs are over.
  @inline(never)
  func end(_ runtime: JobRuntime) {
    runs.gate.leave()
    notifier.settle(runtime.hooks)
    runtime.hooks = []
    runtime.isRunning = false
  }

  /// Makes the runs that are due now: the schedule or its retry, then the size check, then what somebody asks for.
  /// `looksNow`: sizes are checked before their time.
  func serve(_ runtime: JobRuntime) async {
    let results = DueResults(runtime.asked)
    let looksNow = runtime.looksNow || results != nil
    runtime.looksNow = false
    let now = Now(platform.loop)
    let isDue = runtime.clock?.due(now, zone: zone) != nil || runtime.retry != nil
    if let due = runtime.clock?.due(now, zone: zone) {
      // What a former due time has left undone is covered by this one.
      if let missed = runtime.retry { markServed(missed.due, runtime) }
      runtime.clock?.advance(past: due, now: now, zone: zone)
      runtime.retry = nil
      await serve(.init(due: due), runtime, results)
    } else if let retry = runtime.retry, looksNow || retry.backoff.wait(at: now.monotonic) == nil {
      await serve(retry, runtime, results)
    }
    if looksNow, !isDue, runtime.job.policy.retained != nil { await announceRetention(of: runtime) }
    await serveSizes(of: runtime, now, looksNow: looksNow, results)
    await serveAsked(of: runtime, results)
  }

  private func serveSizes(of runtime: JobRuntime, _ now: Now, looksNow: Bool, _ results: DueResults?) async {
    guard let limit = runtime.job.sizeLimit else { return }
    if let check = runtime.nextCheck, let span = limit.check, looksNow || now.monotonic >= check {
      runtime.nextCheck = platform.loop.now().advanced(by: span)
      await make(Run(of: runtime, for: .size(limit))) { results?.note($0, $1) }
    } else if let results {
      // The watch on sizes may not have seen it yet.
      await make(Run(of: runtime, for: .size(limit))) { results.note($0, $1) }
    }
    if !runtime.dueLogs.isEmpty { await serveDueLogs(of: runtime, limit) }
  }

  /// A run of the schedule: every log of the job.
  private func serve(_ attempt: JobRuntime.Retry, _ runtime: JobRuntime, _ results: DueResults?) async {
    guard let schedule = runtime.job.schedule else { return }
    let end = await make(Run(of: runtime, for: .schedule(schedule, due: attempt.due))) { results?.note($0, $1) }
    if end.isInterrupted { return }
    if end.failure == nil {
      markServed(attempt.due, runtime)
      runtime.retry = nil
    } else {
      var next = attempt
      next.backoff.postpone(Limits.retryDelays, from: platform.loop.now())
      runtime.retry = next
      for concern in [.directory, .rotation, .before] as [Problems.Concern] {
        platform.problems.retry(Problems.Topic(concern, of: runtime.name), at: next.backoff.next)
      }
    }
  }

  private func markServed(_ due: WallTime, _ runtime: JobRuntime) {
    runtime.clock?.markServed(due)
    state.record([.served(job: runtime.job.name, due)])
  }

  /// A run of the logs that have reached their limit.
  private func serveDueLogs(of runtime: JobRuntime, _ limit: SizeLimit) async {
    let logs = sizes.takeDue(of: runtime)
    var groups: [LogGroup] = []
    var positions: [FilePath: Int] = [:]
    for log in logs {
      let (directory, name) = LogFinder.split(log.path)
      let position = positions[directory] ?? groups.count
      positions[directory] = position
      if position == groups.count { groups.append(LogGroup(directory: directory, names: [])) }
      groups[position].names.append(name)
    }
    var rotated: Set<FilePath> = []
    if !groups.isEmpty {
      await make(Run(of: runtime, for: .size(limit), logs: groups)) { path, result in
        if !result.ended.isEmpty { rotated.insert(path) }
      }
    }
    for log in logs { sizes.settle(log.number, wasRotated: rotated.contains(log.path)) }
  }

  // MARK: Requests

  /// Has the job itself make a run that is asked for: so no two runs of a job are under way at once. The reply comes when
  /// the run is over.
  func ask(for target: RunTarget, _ entry: ControlQueue.Entry) {
    guard let runtime = runtime(of: target) else { return entry.answer(.unknown) }
    if let index = runtime.asked.firstIndex(where: { $0.request == entry.request }) {
      runtime.asked[index].join(entry)
    } else {
      runtime.asked.append(entry)
    }
    runtime.alarm.ring()
  }

  /// The job that has the logs of a target now.
  private func runtime(of target: RunTarget) -> JobRuntime? {
    switch target {
    case .job(let name): registry[name]
    case .log(let path): registry.owner(of: path)
    }
  }

  /// Answers those whose run is not made any more: the daemon stops, or the config has the job no longer.
  @inline(never)
  func dropAsked(of runtime: JobRuntime) {
    for entry in runtime.asked { entry.answer(isStopping ? .stopping : .unknown) }
    runtime.asked = []
  }

  private func serveAsked(of runtime: JobRuntime, _ due: DueResults?) async {
    let asked = runtime.asked
    runtime.asked = []
    for entry in asked {
      guard case .run(let target, let onlyDue) = entry.request else { continue }
      var logs: [LogGroup]?
      if case .log(let path) = target {
        // Only what the job itself finds: a path from outside may lead anywhere.
        logs = await registry.find(runtime.job, on: platform.loop).groups.compactMap { $0.only(path) }
      }
      guard logs?.isEmpty != true else {
        entry.answer(.unknown)
        continue
      }
      if onlyDue {
        let groups = if let logs { logs } else { await registry.find(runtime.job, on: platform.loop).groups }
        entry.answer(.ran((due ?? DueResults()).result(for: groups)))
      } else {
        entry.answer(.ran(await result(of: Run(of: runtime, for: .byHand, logs: logs))))
      }
    }
  }

  /// Makes a run and keeps what came of each log.
  func result(of run: Run) async -> RunResult {
    var result = RunResult()
    result.isComplete = await make(run) { result.logs.append(($0, $1.outcome)) }.isComplete
    return result
  }

  /// Makes a run, and takes in how it has ended.
  @discardableResult
  func make(_ run: Run, _ each: (FilePath, LogResult) -> Void = { _, _ in }) async -> Run.End {
    let end =
      run.job.policy.retained == nil
      ? await runs.carryOut(run) { path, result in
        activity.note(result.outcome, run.cause, path, job: run.job.name)
        each(path, result)
      } : await retain(run, each)
    activity.note(end, job: run.job.name)
    if end.isInterrupted { return end }
    reportStateFailure()
    if end.rotations > 0 { showStatus() }
    return end
  }

  /// Begins to watch the logs of jobs that say a size and not how often to look, and returns when each was looked at.
  func watchSizes() async {
    sizes.adopt(registry, rescans: true)
    if isStopping { return }
    await sizes.settled()
  }

  /// Looks at everything now.
  func lookNow() {
    for runtime in registry.runtimes {
      runtime.looksNow = true
      runtime.alarm.ring()
    }
    sizes.lookAgain()
  }
}

/// What the runs of what is due have come to, for those who have asked for it.
private final class DueResults {
  private var outcomes: [FilePath: Outcome] = [:]
  private var hasFailed = false

  init() {}

  /// nil where nobody has asked.
  init?(_ asked: [ControlQueue.Entry]) {
    let isWanted = asked.contains { if case .run(_, onlyDue: true) = $0.request { true } else { false } }
    guard isWanted else { return nil }
  }

  /// Takes in what came of a log; that it was rotated is not forgotten when a later run finds nothing to do.
  func note(_ path: FilePath, _ result: LogResult) {
    if case .skipped = result.outcome, outcomes[path] != nil { return }
    outcomes[path] = result.outcome
    hasFailed = hasFailed || result.isFailure
  }

  /// What came of these logs; what no run was about is not due.
  func result(for groups: [LogGroup]) -> RunResult {
    var result = RunResult()
    result.isComplete = !hasFailed
    for group in groups {
      for name in group.names {
        let path = LogFinder.join(group.directory, name)
        result.logs.append((path, outcomes[path] ?? .skipped(.nothingToDo)))
      }
    }
    return result
  }
}
