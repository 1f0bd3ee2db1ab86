import Config
internal import EventLoop
internal import Rotation
internal import Timekeeping

extension Supervisor {
  /// Logs that are planned and carried out between two chances for everything else.
  private static let slice = 64

  /// What came of a turn, beyond the reports.
  enum TurnEnd {
    case complete, failed
    /// The daemon stops, or the job is retired: the rest is left to the next start.
    case interrupted
  }

  /// What a job that has woken does before it waits its turn.
  @inline(never)
  func begin(_ runtime: JobRuntime, after wake: Alarm.Wake) {
    if wake == .clockSet { runtime.clock?.lookUpAgain(now: Now(platform.loop), zone: zone) }
    // What many jobs have due at one moment is not missed by that, and what is told of their logs is told once.
    skipMissed(runtime)
    runtime.hooks = runtime.job.policy.hooks
    notifier.expect(runtime.hooks)
  }

  /// The turn is over.
  @inline(never)
  func end(_ runtime: JobRuntime) {
    gate.leave()
    notifier.settle(runtime.hooks)
    runtime.hooks = []
  }

  /// Does what is due now: the schedule or its retry, then the size check. `looksNow`: somebody asked for a look, so
  /// sizes are checked before their time.
  func turn(_ runtime: JobRuntime) async {
    let looksNow = runtime.looksNow
    runtime.looksNow = false
    let job = runtime.job
    let now = Now(platform.loop)
    if let due = runtime.clock?.due(now, zone: zone) {
      // What a former due time has left undone is covered by this one.
      if let missed = runtime.retry { markServed(missed.due, runtime) }
      runtime.clock?.advance(past: due, now: now, zone: zone)
      runtime.retry = nil
      await serve(due, runtime, job, attempts: 0)
    } else if let retry = runtime.retry, looksNow || now.monotonic >= retry.at {
      await serve(retry.due, runtime, job, attempts: retry.attempts)
    }
    guard let limit = job.sizeLimit else { return }
    if let span = limit.check, let check = runtime.nextCheck, looksNow || now.monotonic >= check {
      runtime.nextCheck = platform.loop.now().advanced(by: span)
      _ = await takeTurn(runtime, job, .size(limit))
    }
    if !runtime.dueLogs.isEmpty { await serveDueLogs(of: runtime, job, limit) }
  }

  /// A turn of the schedule: every log of the job.
  private func serve(_ due: WallTime, _ runtime: JobRuntime, _ job: Job, attempts: Int) async {
    guard let schedule = job.schedule else { return }
    switch await takeTurn(runtime, job, .schedule(schedule, due: due)) {
    case .complete:
      markServed(due, runtime)
      runtime.retry = nil
    case .failed:
      let delay = Limits.retryDelay(attempts: attempts)
      runtime.retry = JobRuntime.Retry(
        due: due, attempts: attempts + 1, at: platform.loop.now().advanced(by: delay))
    case .interrupted: break
    }
  }

  private func markServed(_ due: WallTime, _ runtime: JobRuntime) {
    runtime.clock?.markServed(due)
    state.record([.served(job: runtime.job.name, due)])
  }

  /// A turn of all logs of the job, or of those alone that are known to be due.
  @discardableResult
  func takeTurn(
    _ runtime: JobRuntime, _ job: Job, _ cause: Cause, of dueGroups: [LogGroup]? = nil
  ) async -> TurnEnd {
    var rotated: [RotatedLog] = []
    defer { tell(of: rotated, job) }
    var runReport = RunReport(job: job.name, zone: zone, next: runtime.clock?.next, now: Now(platform.loop))
    var takes = true
    if !job.policy.before.isEmpty {
      let isDue = isAnyDue(runtime, job, cause, of: dueGroups, &runReport)
      let isPrepared = isDue == true ? await runBefore(job, &runReport) : isDue != nil
      if isStopping || runtime.isRetired { return .interrupted }
      guard isPrepared else {
        tell(&runReport, runtime)
        return finish(runReport, runtime, isWhole: dueGroups == nil)
      }
      // What becomes due from now on is for the next turn: nothing has run before it.
      takes = isDue == true
    }
    let found = dueGroups.map { FoundLogs(groups: $0, failures: [], skipped: []) } ?? registry.find(job)
    for failure in found.failures { runReport.note(failure) }
    if dueGroups == nil { reportSkipped(found.skipped, runtime) }
    for group in found.groups {
      let names = candidates(group, cause, job.policy.method, &runReport)
      guard !names.isEmpty, let directory = open(group.directory, job.policy, &runReport) else { continue }
      for start in stride(from: 0, to: names.count, by: Self.slice) {
        if start > 0 { await platform.loop.yield() }
        if isStopping || runtime.isRetired { return .interrupted }
        let owned = names[start..<min(start + Self.slice, names.count)].filter {
          registry.owns(job.name, LogFinder.join(group.directory, $0))
        }
        guard let outcomes = await act(on: owned, of: group, in: directory, job, cause, takes) else {
          return .interrupted
        }
        for (name, outcome) in zip(owned, outcomes) {
          runReport.note(outcome, of: LogFinder.join(group.directory, name))
          if let log = rotatedLog(name, in: group.directory, outcome, job) { rotated.append(log) }
        }
        rotated += takeOwed(job, besides: rotated)
        tell(&runReport, runtime)
      }
    }
    tell(&runReport, runtime)
    return finish(runReport, runtime, isWhole: dueGroups == nil)
  }

  /// Rotates a slice of logs; nil when the daemon stops meanwhile.
  private func act(
    on names: [FileName], of group: LogGroup, in directory: OpenDirectory, _ job: Job, _ cause: Cause, _ takes: Bool
  ) async -> [Outcome]? {
    guard case .truncate = job.policy.method else {
      // What the job has begun to truncate under its former config is not moved before that is done: it is archived.
      var untruncated: [FileName: Outcome] = [:]
      for name in names where state.log(LogFinder.join(group.directory, name))?.cut != nil {
        let outcome = await truncator.recover(name, in: directory, policy: job.policy)
        if case .failed = outcome { untruncated[name] = outcome }
      }
      let rest = names.filter { untruncated[$0] == nil }
      var outcomes = rotator.rotate(
        rest, in: directory, listing: group.listing, policy: job.policy, cause: cause, takes: takes)
      for (index, name) in names.enumerated() {
        if let outcome = untruncated[name] { outcomes.insert(outcome, at: index) }
      }
      return outcomes
    }
    var outcomes: [Outcome] = []
    for name in names {
      guard let outcome = await truncator.rotate(name, in: directory, policy: job.policy, cause: cause, takes: takes)
      else {
        return nil
      }
      outcomes.append(outcome)
    }
    return outcomes
  }

  /// The names that are worth opening the directory for: by size, a plain path costs one look if it is not due.
  private func candidates(
    _ group: LogGroup, _ cause: Cause, _ method: Method, _ runReport: inout RunReport
  ) -> [FileName] {
    guard case .size(let limit) = cause else { return group.names }
    let names = group.names.filter { pause(of: LogFinder.join(group.directory, $0), limit) == nil }
    guard group.listing == nil else { return names }
    var due: [FileName] = []
    for name in names {
      let path = LogFinder.join(group.directory, name)
      do throws(Errno) {
        let size = try platform.fileSystem.look(at: path).map { rotator.heads.size(of: path, $0, method) } ?? 0
        let isHalfDone = state.log(path)?.intent != nil || state.log(path)?.cut != nil
        if size >= limit.bytes || isHalfDone {
          due.append(name)
        } else {
          runReport.note(.skipped(.nothingToDo), of: path)
        }
      } catch {
        runReport.note(.failed(Outcome.Failure(step: "stat", path: path, errno: error)), of: path)
      }
    }
    return due
  }

  /// nil when the directory cannot be opened; one that is not there has no logs, which is no error.
  func open(_ path: FilePath, _ policy: Policy, _ runReport: inout RunReport) -> OpenDirectory? {
    do throws(Errno) {
      let directory = try platform.fileSystem.openDirectory(path)
      directory.actsAsOwner = policy.actsAsOwner
      return directory
    } catch {
      runReport.note(LookFailure(path: path, errno: error, on: platform.fileSystem))
      return nil
    }
  }

  /// Reports what is new since the last call, and what has come right again.
  func tell(_ runReport: inout RunReport, _ runtime: JobRuntime) {
    for event in runReport.takeEvents() {
      switch event {
      case .rotated(let report):
        status.noteRotation(of: report.log ?? "", at: WallTime(nanoseconds: platform.loop.wallClock()))
        platform.report(report)
      case .problem(let path, let report):
        guard runtime.problems.updateValue(report.message, forKey: path) != report.message else { continue }
        platform.report(report)
      case .fine(let path):
        guard runtime.problems.removeValue(forKey: path) != nil else { continue }
        platform.report(runReport.worksAgain(path))
      }
    }
  }

  private func finish(_ runReport: RunReport, _ runtime: JobRuntime, isWhole: Bool) -> TurnEnd {
    for path in runtime.unseen.subtracting(runReport.unseen).sorted()
    where isWhole && runtime.problems.removeValue(forKey: path) != nil {
      platform.report(runReport.worksAgain(path))
    }
    if runReport.rotations > 0 { archivesChanged(of: runtime) }
    runtime.unseen = isWhole ? runReport.unseen : runtime.unseen.union(runReport.unseen)
    // A turn of some logs says nothing of the others.
    if isWhole || runReport.firstFailure != nil || runtime.problems.isEmpty {
      status.note(job: runtime.job.name, failure: runReport.firstFailure)
    }
    reportStateFailure()
    if runReport.rotations > 0 || runReport.firstFailure != nil {
      platform.serviceManager.notify(.status(status.text(zone: zone)))
    }
    return runReport.firstFailure == nil ? .complete : .failed
  }

  /// Says once that the state cannot be written, and once that it can again.
  func reportStateFailure() {
    guard state.failure != status.stateFailure else { return }
    status.stateFailure = state.failure
    if let errno = state.failure {
      platform.report(
        Report(
          .failed, .warning,
          "cannot write the state: \(errno); rotation goes on, but a restart now may repeat or skip a rotation",
          errno: errno))
    } else {
      platform.report(Report(.note, .notice, "the state can be written again"))
    }
  }
}
