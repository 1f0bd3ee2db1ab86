internal import Config
internal import EventLoop
internal import Rotation
internal import Timekeeping

// What a run does with logs that it has rotated: it reports them, and hands them on to hooks and to housekeeping.

extension Runs {
  /// Reports what is new since the last call, and what has come right again.
  func tell(_ report: inout RunReport, of job: String) {
    for event in report.takeEvents() {
      switch event {
      case .rotated(let news): events.send(.rotated(news))
      case .problem(let subject, let problem):
        let isOneOfMany = report.problemsBegun >= Limits.maxSingleReports
        if platform.problems.note(subject, problem, isOneOfMany: isOneOfMany) { report.problemsBegun += 1 }
      case .fine(let subject, let says):
        let good = says ? RunReport.worksAgain(subject.path, job: job) : nil
        let isOneOfMany = report.problemsEnded >= Limits.maxSingleReports
        if platform.problems.clear(subject, good?.one(ofMany: isOneOfMany)), says { report.problemsEnded += 1 }
      }
    }
  }

  /// The rotations of a log that have come to their end, as they are handed on.
  func ended(
    _ result: LogResult, _ name: FileName, in directory: FilePath, _ job: Job
  ) -> [RotatedLog] {
    let isUrgent =
      switch result.outcome {
      // What is still to be removed, when its writer lets go or an error is over, does not wait for hooks.
      case .rotated(let rotated): !rotated.held.isEmpty || !rotated.unremoved.isEmpty
      case .settled: job.policy.compression != nil
      case .skipped, .cleared, .failed: false
      }
    if isUrgent {
      housekeeper.attend(Housekeeper.Order(job: job.name, policy: job.policy, directory: directory, name: name))
    }
    return result.ended.map { inode in
      let archive = result.archive(of: inode) ?? rotator.reader.archive(of: inode, job.policy, name, in: directory)
      return RotatedLog(
        job: job.name, directory: directory, name: name, archive: archive ?? FilePath(name), inode: inode)
    }
  }

  /// Hands the logs of a run to the hooks of the job, and when each of these was tried, to housekeeping.
  func handOn(_ logs: [RotatedLog], _ job: Job) {
    guard !logs.isEmpty else { return }
    guard !job.policy.hooks.isEmpty else { return keepHouse(logs, of: job.name) }
    notifier.notify(logs, of: job.name, hooks: job.policy.hooks) { [weak self] in self?.keepHouse($0, of: job.name) }
  }

  /// What comes last: waiting for the writers, compressing, removing.
  private func keepHouse(_ logs: [RotatedLog], of job: String) {
    guard let policy = registry[job]?.job.policy else { return }
    let now = platform.loop.now()
    for log in logs {
      let path = LogFinder.join(log.directory, log.name)
      // Beside the log, though it belongs elsewhere: that is on another file system.
      let isMisplaced = policy.archiveDirectory != nil && !log.archive.bytes.contains(UInt8(ascii: "/"))
      if policy.compression != nil || isMisplaced || !policy.beforeRemoval.isEmpty {
        let fresh = Housekeeper.Fresh(log: log, since: now)
        housekeeper.attend(
          Housekeeper.Order(
            job: job, policy: policy, directory: log.directory, name: log.name, fresh: [log.inode: fresh],
            rotated: platform.loop.wallClock()))
      } else if state.log(path)?.awaited.isEmpty == false {
        writerChecks.expect(path, after: policy.reopenTimeout)
      }
    }
  }
}
