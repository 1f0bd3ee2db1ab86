import Config
import EventLoop
import Rotation
import Timekeeping

extension Supervisor {
  /// Logs that are handed to the finisher between two chances for everything else.
  private static let sweepSlice = 256

  /// Hands the logs of a turn on to what comes after the notices: waiting for their writers, compressing, removing.
  func afterHooks(_ logs: [RotatedLog], of runtime: JobRuntime) {
    let policy = runtime.job.policy
    let now = platform.loop.now()
    for log in logs {
      if Self.needsHousekeeping(log, policy) {
        let fresh = Housekeeper.Fresh(log: log, since: now)
        housekeeper.attend(
          Housekeeper.Order(
            job: runtime.job.name, policy: policy, directory: log.directory, name: log.name, fresh: [log.inode: fresh]))
      } else {
        writerChecks.expect(LogFinder.join(log.directory, log.name), after: policy.reopenTimeout)
      }
    }
  }

  /// Whether there is more to do with the archive than to see its writers let go.
  private static func needsHousekeeping(_ log: RotatedLog, _ policy: Policy) -> Bool {
    // Beside the log, though it belongs elsewhere: that is on another file system.
    policy.compression != nil
      || policy.archiveDirectory != nil && !log.archive.bytes.contains(UInt8(ascii: "/"))
  }

  /// Goes on waiting for the writers of logs that an earlier run has rotated. Those that are still to be notified come later,
  /// when they are.
  func resumeWaiting(of names: Set<String>) {
    let now = WallTime(nanoseconds: platform.loop.wallClock())
    for (path, awaited) in state.awaited {
      guard let job = registry.owner(of: path)?.job, names.contains(job.name) else { continue }
      let owed = state.log(path)?.owed ?? []
      let timeout = job.policy.reopenTimeout
      let ages = awaited.filter { !owed.contains($0.inode) }.map { max(.zero, now - $0.since) }
      // One that has waited for long does not wait for the others; they are looked at again then.
      for age in Set([ages.max(), ages.min()].compactMap(\.self)) {
        let rest = timeout.nanoseconds.saturatingSubtract(age.nanoseconds)
        writerChecks.expect(path, after: max(.zero, Span(nanoseconds: rest)))
      }
    }
  }

  func noteReleased(_ path: FilePath, _ inode: UInt64) {
    guard state.log(path)?.awaited.contains(where: { $0.inode == inode }) == true else { return }
    state.record([.released(log: path, inode: inode)])
  }

  /// Shows in the status what holds up the archives of a job; nil when nothing does any more.
  func noteHousekeeping(of job: String, _ problem: String?) {
    status.note(housekeepingOf: job, problem)
    showStatus()
  }

  /// Shows the status at once: the next rotation, which would show it too, may be a day away. A stop has its own status.
  func showStatus() {
    if !isStopping { platform.serviceManager.notify(.status(status.text(zone: zone))) }
  }

  /// Nothing is done with archives any more.
  func endOfHousekeeping(of logs: Int) {
    // What a few have taken is soon taken again.
    if logs > Limits.maxRuns { platform.releaseMemory() }
    endIfDone()
  }

  /// What a rotation leaves to be done; nil when that is nothing more.
  func rotatedLog(_ name: FileName, in directory: FilePath, _ outcome: Outcome, _ job: Job) -> RotatedLog? {
    let order = Housekeeper.Order(job: job.name, policy: job.policy, directory: directory, name: name)
    let rules = job.policy.rules
    switch outcome {
    case .settled:
      // The rotation came to its end at this try; whose writers were told when is not known.
      if rules.compression != nil { housekeeper.attend(order) }
      writerChecks.expect(LogFinder.join(directory, name), after: rules.reopenTimeout)
      return nil
    case .rotated(let rotated):
      guard let inode = rotated.inode else { return nil }
      // What is still to be removed, when its writer lets go or an error is over, does not wait for notices.
      if !rotated.held.isEmpty || !rotated.unremoved.isEmpty { housekeeper.attend(order) }
      let log = RotatedLog(job: job.name, directory: directory, name: name, archive: rotated.archive, inode: inode)
      // A log that was truncated has kept its writers.
      let mayBeHeld = rotated.way == nil
      return mayBeHeld || !rules.hooks.isEmpty || Self.needsHousekeeping(log, job.policy) ? log : nil
    case .skipped, .failed: return nil
    }
  }

  /// Looks at the archives of all logs of these jobs: what a crash, or a config that kept more or compressed nothing, has left
  /// is taken up. Each directory is listed once, however many logs it has, and where nothing is to be done, nothing of the
  /// look stays in memory.
  func sweep(_ runtimes: [JobRuntime]) async {
    let registry = registry
    var groups: [(runtime: JobRuntime, group: LogGroup)] = []
    for runtime in runtimes {
      let found = registry.find(runtime.job, alsoGone: true)
      reportSkipped(found.skipped, runtime)
      groups += found.groups.map { (runtime, $0) }
    }
    groups.sort { $0.group.directory < $1.group.directory }
    var listed: SharedListings?
    var count = 0
    for (runtime, group) in groups {
      let policy = runtime.job.policy
      if listed?.fits(group.directory, policy) != true {
        listed = SharedListings(group.directory, policy, housekeeper.reader, platform.fileSystem)
      }
      guard let listed else { continue }
      for name in group.names where registry.owns(runtime.name, LogFinder.join(group.directory, name)) {
        attend(name, runtime.job, listed)
        count += 1
        if count % Self.sweepSlice == 0 { await platform.loop.yield() }
        if isStopping || runtime.isRetired { return }
      }
    }
  }

  /// Names each candidate of a pattern that is no log, once as long as it is there, with the reason.
  func reportSkipped(_ skipped: [SkippedName], _ runtime: JobRuntime) {
    let former = runtime.skipped
    // Those that rotations have made are archives of a log whose writer has not made it again yet.
    let fresh = skipped.filter { name in
      if former.contains(name) { return false }
      if case .archive(let log) = name.reason { return state.log(log) == nil }
      return true
    }
    runtime.skipped = Set(skipped)
    for name in fresh.prefix(Limits.maxWarnings) { platform.report(RunReport.skipped(name, job: runtime.job.name)) }
    guard fresh.count > Limits.maxWarnings else { return }
    let message =
      "job \(runtime.job.name): \(fresh.count - Limits.maxWarnings) more names match `logs` and are not rotated; "
      + "`rotatectl plan` lists them all"
    platform.report(Report(.note, .warning, message, job: runtime.job.name))
  }

  private func attend(_ name: FileName, _ job: Job, _ listed: SharedListings) {
    let inventory = Inventory(
      name: name, live: nil, versions: listed.listings.versions(of: name), naming: listed.naming, home: listed.home)
    guard Housekeeping.isWanted(inventory, job.policy) else { return }
    housekeeper.attend(Housekeeper.Order(job: job.name, policy: job.policy, directory: listed.directory, name: name))
  }
}
