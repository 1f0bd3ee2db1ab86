import Config
import EventLoop
import Rotation
import Timekeeping

extension Supervisor {
  /// Takes in what becomes of notices and archives from now on.
  func listenToHousekeeping() {
    housekeeper.onProblem = { [weak self] job, problem in self?.noteHousekeeping(of: job, problem) }
    housekeeper.onReleased = { [weak self] path, inode in self?.noteReleased(path, inode) }
    writerChecks.job = { [weak self] path in self?.registry.owner(of: path)?.job }
    housekeeper.notifyAgain = { [notifier] logs, policy in notifier.notifyAgain(logs, hooks: policy.hooks) }
    housekeeper.onUndoing = { [weak self] log in self?.noteUndoing(log) }
    housekeeper.onEmptying = { [weak self] path, inode in
      // What a crash leaves is known by this, and is no archive.
      self?.state.record([.undoing(log: path, inode: inode)], durably: true)
    }
    housekeeper.emptied = { [weak self] path in self?.state.log(path)?.emptied }
    housekeeper.onUndone = { [weak self] log in self?.noteUndone(log) }
    notifier.onProblem = { [weak self] hook, problem in self?.note(problem, of: hook) }
    notifier.onNotified = { [weak self] logs in self?.noteNotified(logs) }
    notifier.onEnded = { [weak self] job, logs in
      if let self, let runtime = registry[job] { afterHooks(logs, of: runtime) }
    }
    notifier.policy = { [weak self] job in self?.registry[job]?.job.policy }
    notifier.onIdle = { [weak self] in self?.endIfDone() }
  }

  private func note(_ problem: String?, of hook: Hook) {
    status.note(hook: "\(hook)", problem)
    showStatus()
  }

  // MARK: After a turn

  /// Hands the logs of a turn to the notices of the job, or on to what comes after them.
  func tell(of logs: [RotatedLog], _ job: Job) {
    guard !logs.isEmpty else { return }
    let hooks = job.policy.hooks
    if hooks.isEmpty {
      if let runtime = registry[job.name] { afterHooks(logs, of: runtime) }
    } else {
      notifier.tell(logs, of: job.name, hooks: hooks)
    }
  }

  /// Rotations that have come to their end without an outcome that says so: they were begun in an earlier turn.
  func takeOwed(_ job: Job, besides known: [RotatedLog]) -> [RotatedLog] {
    let owed = rotator.takeOwed()
    guard !owed.isEmpty else { return [] }
    let inodes = Set(known.suffix(owed.count).map(\.inode))
    return owed.filter { !inodes.contains($0.inode) }.map { find($0.inode, of: $0.path, job.name) }
  }

  private func noteNotified(_ logs: [RotatedLog]) {
    state.record(logs.map { .notified(log: LogFinder.join($0.directory, $0.name), inode: $0.inode) })
    reportStateFailure()
  }

  private func noteUndoing(_ log: RotatedLog) {
    let path = LogFinder.join(log.directory, log.name)
    let end = platform.loop.now().advanced(by: Limits.undoRest(times: 0))
    undone[path] = (undone[path]?.times ?? 0, max(end, undone[path]?.until ?? end))
  }

  /// A rotation was undone. It counts as served, as the same would happen again; for its size the log is not rotated for
  /// a while, longer each time.
  private func noteUndone(_ log: RotatedLog) {
    let path = LogFinder.join(log.directory, log.name)
    notifier.forget(log)
    state.record([.undone(log: path, inode: log.inode)])
    let now = platform.loop.now()
    var times = 0
    // What was stuck long ago has nothing to do with this.
    if let last = undone[path], now < last.until.advanced(by: Limits.undoRest(times: .max)) { times = last.times }
    undone[path] = (times + 1, now.advanced(by: Limits.undoRest(times: times)))
    reportStateFailure()
  }

  /// How long a log is not to be rotated for its size, as its last rotation was undone; nil when it may be.
  func rest(of path: FilePath) -> Span? {
    guard let rest = undone[path], case let now = platform.loop.now(), now < rest.until else { return nil }
    return rest.until - now
  }

  // MARK: After a start

  /// Tells of every rotation that an earlier run has not told of, before any turn of this run adds to what is untold; the
  /// notices wait for the turns that are due at the start. A job that has gone meanwhile has taken along who was to be
  /// told: that is said.
  func notifyOwed() {
    recovered = []
    tell(owed: state.owed.flatMap { path, inodes in inodes.map { (path, $0) } }, gathers: true)
  }

  /// Tells of the rotations that a reload has finished for jobs that are new.
  func notifyRecovered() {
    defer { recovered = [] }
    tell(owed: recovered)
  }

  private func tell(owed: [(path: FilePath, inode: UInt64)], gathers: Bool = false) {
    guard !owed.isEmpty else { return }
    var byJob: [String: [RotatedLog]] = [:]
    var stray: [StateRecord] = []
    for (path, inode) in owed.sorted(by: { $0.path < $1.path }) {
      if let job = registry.owner(of: path)?.job, !job.policy.hooks.isEmpty {
        byJob[job.name, default: []].append(find(inode, of: path, job.name))
      } else {
        stray.append(.notified(log: path, inode: inode))
        platform.report(
          Report(
            .note, .warning,
            "\(path.printable) was rotated, but its writers were not notified: no job with `notify` has it now",
            log: path))
      }
    }
    state.record(stray)
    for (name, logs) in byJob.sorted(by: { $0.key < $1.key }) {
      guard let job = registry[name]?.job else { continue }
      if gathers { notifier.gather(job.policy.hooks) }
      tell(of: logs, job)
    }
  }

  /// A rotated log by the inode of its archive, which may have gone.
  private func find(_ inode: UInt64, of path: FilePath, _ job: String) -> RotatedLog {
    let (parent, name) = LogFinder.split(path)
    let policy = registry[job]?.job.policy ?? Policy(keep: 1)
    let archive = housekeeper.reader.archive(of: inode, policy, name, in: parent)
    return RotatedLog(job: job, directory: parent, name: name, archive: archive ?? FilePath(name), inode: inode)
  }

  // MARK: Before a turn

  /// Whether a turn would rotate anything, for jobs that run something before it. nil when that cannot be told: what has
  /// kept it from looking is noted.
  func isAnyDue(
    _ runtime: JobRuntime, _ job: Job, _ cause: Cause, of dueGroups: [LogGroup]?, _ runReport: inout RunReport
  ) -> Bool? {
    let found = dueGroups.map { FoundLogs(groups: $0, failures: [], skipped: []) } ?? registry.find(job)
    let (groups, unseen) = (found.groups, found.failures)
    // Only if nothing is due: else the turn looks again, and reports what it finds.
    var notified = runReport
    for failure in unseen { notified.note(failure) }
    for group in groups {
      guard let directory = open(group.directory, job.policy, &notified) else { continue }
      for name in group.names {
        let path = LogFinder.join(group.directory, name)
        if case .size(let limit) = cause, pause(of: path, limit) != nil { continue }
        do throws(Outcome.Failure) {
          let listing = group.listing
          if try rotator.isDue(name, in: directory, listing: listing, policy: job.policy, cause: cause) { return true }
        } catch {
          notified.note(.failed(error), of: path)
        }
      }
    }
    guard notified.firstFailure != nil else { return false }
    runReport = notified
    return nil
  }

  /// Runs the commands of `before`, one after the other, up to the first that fails. Meanwhile the turn holds up nobody.
  func runBefore(_ job: Job, _ runReport: inout RunReport) async -> Bool {
    gate.leave()
    var failed = false
    for command in job.policy.before {
      let failure = await runner.run(
        command, limit: Limits.beforeLimit, environment: ["ROTATED_JOB": ExactText(job.name)], jobs: [job.name])
      if isStopping { break }
      runReport.note(before: "\(command)", failure)
      failed = failure != nil
      if failed { break }
    }
    await gate.enter()
    return !failed
  }
}
