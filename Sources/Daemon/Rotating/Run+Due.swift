internal import Config
internal import EventLoop
internal import Rotation
internal import Timekeeping

// What a run does before it rotates: it sees whether anything is due, and runs the commands of `before` only then.

extension Runs {
  /// What a run may do to its logs.
  enum Readiness {
    case takesAll
    /// What was begun is finished. What becomes due from now on is for the next run: nothing has run before it.
    case finishesOnly
    /// Nothing: a command has failed, or it cannot be told whether anything is due.
    case refused
  }

  /// Runs the commands of `before`, if the job has any and anything is due.
  func prepare(_ run: Run, _ report: inout RunReport) async -> Readiness {
    guard !run.job.policy.before.isEmpty else { return .takesAll }
    switch await isAnyDue(run, &report) {
    case nil: return .refused
    case false: return .finishesOnly
    case true: return await runBefore(run.job, &report) ? .takesAll : .refused
    }
  }

  /// Whether the run would rotate anything. nil when that cannot be told: what has kept it from looking is noted.
  private func isAnyDue(_ run: Run, _ report: inout RunReport) async -> Bool? {
    let given = run.logs.map { FoundLogs(groups: $0, failures: [], skipped: []) }
    let found = if let given { given } else { await registry.find(run.job, on: platform.loop) }
    let policy = run.job.policy
    // Only if nothing is due: else the run looks again, and reports what it finds.
    var noted = report
    for failure in found.failures { noted.note(failure) }
    for group in found.groups {
      guard let directory = open(group, policy, &noted) else { continue }
      var place: LogPlace?
      for (index, name) in group.names.enumerated() {
        if index % Self.slice == Self.slice - 1 { await platform.loop.yield() }
        let path = LogFinder.join(group.directory, name)
        if case .size(let limit) = run.cause, pauses.pause(of: path, limit, policy.method) != nil { continue }
        do throws(Outcome.Failure) {
          let known = group.listing
          let found =
            if let place { place } else {
              try await rotator.place(directory, policy, known: known, makes: false)
            }
          place = found
          if try rotator.isDue(name, in: found, policy: policy, cause: run.cause) { return true }
        } catch {
          noted.note(.failed(error), of: path)
        }
      }
    }
    guard noted.firstFailure != nil else { return false }
    report = noted
    return nil
  }

  /// Runs the commands, one after the other, up to the first that fails. Meanwhile the run holds up nobody.
  private func runBefore(_ job: Job, _ report: inout RunReport) async -> Bool {
    gate.leave()
    var failed = false
    for command in job.policy.before {
      let failure = await commands.run(
        command, limit: Limits.beforeLimit, environment: ["ROTATED_JOB": ExactText(job.name)], jobs: [job.name])
      if control.wantsStop { break }
      report.note(before: "\(command)", failure)
      failed = failure != nil
      if failed { break }
    }
    await gate.enter()
    return !failed
  }

  /// The names that are worth opening the directory for: by size, a plain path costs one stat if it is not due.
  func candidates(
    _ names: ArraySlice<FileName>, in directory: FilePath, isListed: Bool, _ run: Run, _ report: inout RunReport
  ) -> [FileName] {
    guard case .size(let limit) = run.cause else { return Array(names) }
    let method = run.job.policy.method
    let names = names.filter { pauses.pause(of: LogFinder.join(directory, $0), limit, method) == nil }
    if isListed { return names }
    var due: [FileName] = []
    for name in names {
      let path = LogFinder.join(directory, name)
      do throws(Errno) {
        let status = try platform.fileSystem.look(at: path)
        let size = status.map { rotator.heads.size(of: path, $0, run.job.policy.method) } ?? 0
        if size >= limit.bytes || state.isHalfDone(path) {
          due.append(name)
        } else {
          report.note(.skipped(.nothingToDo), of: path)
        }
      } catch {
        report.note(.failed(Outcome.Failure(step: "stat", path: path, errno: error)), of: path)
      }
    }
    return due
  }

  /// nil when the directory cannot be opened; one that is not there has no logs, which is no error.
  func open(_ group: LogGroup, _ policy: Policy, _ report: inout RunReport) -> OpenDirectory? {
    do throws(Errno) {
      let opened = group.opened
      let directory = if let opened { opened } else { try platform.fileSystem.openDirectory(group.directory) }
      directory.actsAsOwner = policy.actsAsOwner
      return directory
    } catch {
      report.note(LookFailure(path: group.directory, errno: error, on: platform.fileSystem))
      return nil
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
}
