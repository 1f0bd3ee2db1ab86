internal import Config
internal import EventLoop
internal import Rotation
internal import Timekeeping

/// One run: the rotation of a job's logs for one cause. The job itself makes it when something is due or somebody asks, and
/// `rotatectl rotate` where no daemon runs.
struct Run {
  let runtime: JobRuntime
  /// As the config had it when the run began: a reload may change the runtime's.
  var job: Job
  let cause: Cause
  /// The logs that it is about; nil for all logs of the job.
  let logs: [LogGroup]?
  /// Whether what was rotated goes on to hooks and housekeeping; else whoever makes the run sees to that.
  var handsOn = true

  init(of runtime: JobRuntime, for cause: Cause, logs: [LogGroup]? = nil) {
    self.runtime = runtime
    self.job = runtime.job
    self.cause = cause
    self.logs = logs
  }

  /// How a run has ended, beside what came of each log.
  struct End {
    /// How many logs were rotated.
    var rotations = 0
    /// The first error that is worth another try; nil when there was none.
    var failure: String?
    /// Directories that could not be looked into.
    var unseen: Set<FilePath> = []
    /// The daemon stops, or the job is retired: the rest is left to the next start.
    var isInterrupted = false

    /// Whether it could look at all logs, and nothing has failed.
    var isComplete: Bool { failure == nil && unseen.isEmpty && !isInterrupted }
  }
}

/// Carries out runs. The phases, in order: is anything due, `before`, rotate in slices, report, hooks, housekeeping.
final class Runs {
  /// Logs that are planned and rotated between two chances for everything else.
  static let slice = 64

  let platform: Platform
  /// The jobs of the config in force.
  var registry: JobRegistry
  let rotator: Rotator
  let truncator: Truncator
  /// For the commands of `before`.
  let commands: CommandRunner
  let notifier: Notifier
  let housekeeper: Housekeeper
  let writerChecks: WriterChecks
  let pauses: SizePauses
  let control: ControlQueue
  let events: Events
  /// Bounds how many runs are in progress. A run does not count while a command of `before` runs.
  let gate = Gate<Void>(limit: Limits.maxRuns)

  init(
    _ platform: Platform, _ registry: JobRegistry, _ rotator: Rotator, _ notifier: Notifier, _ housekeeper: Housekeeper,
    _ writerChecks: WriterChecks, _ pauses: SizePauses, _ control: ControlQueue, _ events: Events
  ) {
    self.platform = platform
    self.registry = registry
    self.rotator = rotator
    self.truncator = Truncator(fileSystem: platform.fileSystem, loop: platform.loop, rotator: rotator)
    self.commands = CommandRunner(platform: platform)
    self.notifier = notifier
    self.housekeeper = housekeeper
    self.writerChecks = writerChecks
    self.pauses = pauses
    self.control = control
    self.events = events
  }

  var state: StateStore { rotator.state }

  /// Whether the rest of a run is left to the next start.
  func isOver(_ run: Run) -> Bool { control.wantsStop || run.runtime.isRetired }

  /// Ends what is under way at its next yield, and the commands of `before` at once.
  func stop() {
    truncator.isStopping = true
    commands.stop()
  }

  /// Carries out a run; `each` gets what came of each log, slice by slice.
  func carryOut(_ run: Run, _ each: (FilePath, LogResult) -> Void = { _, _ in }) async -> Run.End {
    var report = RunReport(
      job: run.job.name, zone: rotator.zone, next: run.runtime.clock?.next, now: Now(platform.loop),
      problems: platform.problems)
    var rotated: [RotatedLog] = []
    let end = await rotate(run, &report, &rotated, each)
    if !rotated.isEmpty { events.send(.archivesChanged(of: run.job.name)) }
    // However it has ended, the writers of what was rotated are notified, once for all; where nobody is, it is done by and by.
    guard run.handsOn else { return end }
    let slice = run.job.policy.hooks.isEmpty ? Self.slice : max(1, rotated.count)
    for start in stride(from: 0, to: rotated.count, by: slice) {
      if start > 0 { await platform.loop.yield() }
      handOn(Array(rotated[start..<min(start + slice, rotated.count)]), run.job)
    }
    return end
  }

  private func rotate(
    _ run: Run, _ report: inout RunReport, _ rotated: inout [RotatedLog], _ each: (FilePath, LogResult) -> Void
  ) async -> Run.End {
    let readiness = await prepare(run, &report)
    if isOver(run) { return Run.End(isInterrupted: true) }
    // What the config in force has given to this job is not asked for again.
    let revision = run.logs == nil ? registry.revision : nil
    // From the last one back: a directory that is open is closed when its logs are done.
    var groups = Array((readiness == .refused ? [] : await find(run, &report)).reversed())
    var seen = 0
    while var group = groups.popLast() {
      var (directory, place): (OpenDirectory?, LogPlace?)
      let isListed = group.listing != nil
      for start in stride(from: 0, to: group.names.count, by: Self.slice) {
        if seen >= Self.slice {
          seen = 0
          await platform.loop.yield()
        }
        if isOver(run) { return Run.End(isInterrupted: true) }
        let slice = group.names[start..<min(start + Self.slice, group.names.count)]
        seen += slice.count
        let names = candidates(slice, in: group.directory, isListed: isListed, run, &report).filter {
          registry.revision == revision || registry.owns(run.job.name, LogFinder.join(group.directory, $0))
        }
        if names.isEmpty { continue }
        directory = directory ?? open(group, run.job.policy, &report)
        guard let directory else { break }
        let results = await rotate(names, of: &group, in: directory, &place, run, takes: readiness == .takesAll)
        for (name, result) in zip(names, results) {
          let path = LogFinder.join(group.directory, name)
          report.note(result.outcome, of: path)
          each(path, result)
          rotated += ended(result, name, in: group.directory, run.job)
        }
        tell(&report, of: run.job.name)
        if results.count < names.count { return Run.End(isInterrupted: true) }
      }
      if group.names.count > Self.slice {
        await place?.listings?.drop(on: platform.loop)
        await group.drop(on: platform.loop)
      }
    }
    tell(&report, of: run.job.name)
    return finish(report, run, isWhole: run.logs == nil && readiness != .refused)
  }

  private func find(_ run: Run, _ report: inout RunReport) async -> [LogGroup] {
    if let logs = run.logs { return logs }
    let found = await registry.find(run.job, on: platform.loop)
    for failure in found.failures { report.note(failure) }
    reportSkipped(found.skipped, run.runtime)
    return found.groups
  }

  /// Rotates a slice of logs; the results are those of the first of them when the daemon stops meanwhile.
  private func rotate(
    _ names: [FileName], of group: inout LogGroup, in directory: OpenDirectory, _ place: inout LogPlace?,
    _ run: Run, takes: Bool
  ) async -> [LogResult] {
    let policy = run.job.policy
    if case .truncate = policy.method {
      var results: [LogResult] = []
      for name in names {
        let result = await truncator.rotate(name, in: directory, policy: policy, cause: run.cause, takes: takes)
        guard let result else { break }
        results.append(result)
      }
      return results
    }
    // What the job has begun to truncate under its former config is not moved before that is done: it is archived.
    var begun: [FileName: LogResult] = [:]
    for name in names where state.log(LogFinder.join(group.directory, name))?.cut != nil {
      begun[name] = await truncator.recover(name, in: directory, policy: policy)
    }
    let others = names.filter { begun[$0]?.isFailure != true }
    var results: [LogResult]
    do throws(Outcome.Failure) {
      let found =
        if let place { place } else { try await rotator.place(directory, policy, known: group.listing.take()) }
      place = found
      results = rotator.rotate(others, in: found, policy: policy, cause: run.cause, takes: takes)
    } catch {
      results = others.map { _ in LogResult(.failed(error)) }
    }
    for (index, name) in names.enumerated() {
      guard let earlier = begun[name] else { continue }
      if earlier.isFailure {
        results.insert(earlier, at: index)
      } else {
        results[index] = results[index].after(earlier.ended)
      }
    }
    return results
  }

  /// Ends problems of what a run of all logs has not found any more.
  private func finish(_ report: RunReport, _ run: Run, isWhole: Bool) -> Run.End {
    let job = run.job.name
    for summary in report.summaries(at: platform.loop.now()) { platform.report(summary) }
    if isWhole {
      platform.problems.clear(Problems.Topic(.directory, of: job), except: report.unseen) {
        RunReport.worksAgain($0, job: job)
      }
      if report.unseen.isEmpty { platform.problems.clear(Problems.Topic(.rotation, of: job), except: report.troubled) }
    }
    return Run.End(rotations: report.rotations, failure: report.firstFailure, unseen: report.unseen)
  }
}
