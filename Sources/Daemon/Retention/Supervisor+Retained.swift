import Config
import EventLoop
import Rotation
import Timekeeping

// A job with `retain`: at its due times, and when somebody asks, it removes files of another program. A look at the start and
// after a reload only reports what the next due time will remove.

extension Supervisor {
  /// A run of a job with `retain`: it removes what the rules say, if the job is confirmed. `each` gets what came of each
  /// group of files.
  func retain(_ run: Run, _ each: (FilePath, LogResult) -> Void) async -> Run.End {
    guard run.job.policy.retained?.isConfirmed == true else {
      return await survey(run) { sums in RunReport.unconfirmed(sums, job: run.job.name) }
    }
    var report = RunReport(job: run.job.name, zone: zone, next: run.runtime.clock?.next, now: Now(platform.loop))
    var pass = RemovalPass(registry)
    var removed: [FilePath: RemovalTally.Count] = [:]
    let sums = RetainedSums()
    while !isOver(run.runtime) {
      let before = pass.removed.archives
      guard var plan = RetainedPlan(run.job, now: Now(platform.loop).wall) else { break }
      let isWhole = await go(through: run, &plan, &report, &pass, &removed)
      (sums.files, sums.bytes) = (Int64(plan.left), plan.total)
      // What was found is removed; what it has left no room for is found by another search.
      guard isWhole, plan.isPartial, pass.removed.archives > before else { break }
    }
    for (path, count) in removed.sorted(by: { $0.key < $1.key }) {
      each(path, LogResult(.cleared(files: count.archives, bytes: count.bytes)))
    }
    if isOver(run.runtime) { return Run.End(isInterrupted: true) }
    run.runtime.retained = sums
    return finish(run, &report, pass)
  }

  private func isOver(_ runtime: JobRuntime) -> Bool { isStopping || runtime.isRetired }

  /// One search, with the removals that come of it. Returns whether it has come to its end.
  private func go(
    through run: Run, _ plan: inout RetainedPlan, _ report: inout RunReport, _ pass: inout RemovalPass,
    _ removed: inout [FilePath: RemovalTally.Count]
  ) async -> Bool {
    var walk = RetainedWalk(run.job, platform.fileSystem, pass.registry.claims, now: Now(platform.loop).wall)
    while let step = walk.next() {
      switch step {
      case .working: break
      case .failed(let failure): report.note(failure)
      case .group(let group, let directory):
        for (count, removal) in plan.add(group).enumerated() {
          if count % Limits.removalSlice == Limits.removalSlice - 1 { await platform.loop.yield() }
          if isOver(run.runtime) { return false }
          if remove(removal, in: LogDirectories(directory), &pass) { note(removal, &plan, &removed) }
        }
      }
      await platform.loop.yield()
      if isOver(run.runtime) { return false }
    }
    while !plan.settle(Limits.retainedSlice) { await platform.loop.yield() }
    var opened: LogDirectories?
    var count = 0
    while let removal = plan.next() {
      count += 1
      if count % Limits.removalSlice == 0 { await platform.loop.yield() }
      if isOver(run.runtime) { return false }
      let path = removal.archive.log.split.directory
      if opened?.log.path != path { opened = open(path, for: run.job) }
      guard let opened else { continue }
      if remove(removal, in: opened, &pass) { note(removal, &plan, &removed) }
    }
    return true
  }

  private func note(
    _ removal: Retention.Removal, _ plan: inout RetainedPlan, _ removed: inout [FilePath: RemovalTally.Count]
  ) {
    plan.note(gone: removal)
    removed[removal.archive.log, default: .init()].archives += 1
    let bytes = removed[removal.archive.log, default: .init()].bytes
    removed[removal.archive.log]?.bytes = bytes.saturatingAdd(removal.archive.bytes)
  }

  private func finish(_ run: Run, _ report: inout RunReport, _ pass: RemovalPass) -> Run.End {
    let job = run.job.name
    runs.tell(&report, of: job)
    platform.problems.clear(Problems.Topic(.directory, of: job), except: report.unseen) {
      RunReport.worksAgain($0, job: job)
    }
    tell(pass, of: job, nextTry: nil)
    if let summary = RunReport.cleared(pass.removed, job: job) { platform.report(summary) }
    let failed = pass.problems.values.first { $0.errno != nil }
    return Run.End(failure: report.firstFailure ?? failed?.message, unseen: report.unseen)
  }

  // MARK: What would be removed

  /// Reports, before a job with `retain` is due, what it will remove then.
  func announceRetention(of runtime: JobRuntime) async {
    let run = Run(of: runtime, for: .byHand)
    let isConfirmed = run.job.policy.retained?.isConfirmed == true
    let next = runtime.clock?.next.wall(now: Now(platform.loop)).map { zone.dateAndTime(at: $0) }
    _ = await survey(run) { sums in
      isConfirmed
        ? RunReport.willClear(sums, at: next, job: run.job.name) : RunReport.unconfirmed(sums, job: run.job.name)
    }
  }

  /// Looks at the files of a job with `retain`, and reports what it would remove, if anything.
  private func survey(_ run: Run, _ words: (RetainedSums) -> Report) async -> Run.End {
    var report = RunReport(job: run.job.name, zone: zone, next: nil, now: Now(platform.loop))
    let sums = await lookAtRetained(of: run.job, { _ in }) { report.note($0) }
    guard let sums, !isOver(run.runtime) else { return Run.End(isInterrupted: true) }
    run.runtime.retained = sums
    if sums.surplus.archives > 0 { platform.report(words(sums)) }
    return finish(run, &report, RemovalPass(registry))
  }

  /// Searches for the files of a job with `retain`, and changes nothing. `each` gets what a due time would remove, at most
  /// `Limits.retainedAtOnce` files of a group. nil if the daemon stops meanwhile.
  func lookAtRetained(
    of job: Job, _ each: (Retention.Removal) -> Void, failed: (LookFailure) -> Void = { _ in }
  ) async -> RetainedSums? {
    let now = Now(platform.loop).wall
    let sums = RetainedSums()
    guard var plan = RetainedPlan(job, now: now) else { return sums }
    func note(_ removal: Retention.Removal) {
      plan.note(gone: removal)
      sums.surplus.archives += 1
      sums.surplus.bytes = sums.surplus.bytes.saturatingAdd(removal.archive.bytes)
      each(removal)
    }
    var walk = RetainedWalk(job, platform.fileSystem, registry.claims, now: now)
    while let step = walk.next() {
      if case .failed(let failure) = step { failed(failure) }
      if case .group(let group, _) = step { for removal in plan.add(group) { note(removal) } }
      await platform.loop.yield()
      if isStopping { return nil }
    }
    while !plan.settle(Limits.retainedSlice) { await platform.loop.yield() }
    while let removal = plan.next() { note(removal) }
    sums.files = Int64(plan.left + sums.surplus.archives)
    sums.bytes = plan.total.saturatingAdd(sums.surplus.bytes)
    return sums
  }
}
