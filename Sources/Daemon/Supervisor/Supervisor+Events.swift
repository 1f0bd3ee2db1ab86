import Config
import EventLoop
import Rotation
import Timekeeping

extension Supervisor {
  /// Takes in what a part of the daemon tells.
  func handle(_ event: Event) {
    switch event {
    case .rotated(let report):
      // The report may also be one of what was found on the way.
      if report.kind == .rotated, let log = report.log {
        status.noteRotation(of: log, at: WallTime(nanoseconds: platform.loop.wallClock()))
      }
      platform.report(report)
    case .archivesChanged(let job):
      if let runtime = registry[job] { archivesChanged(of: runtime) }
    case .notified(let logs):
      state.record(logs.map { .notified(log: LogFinder.join($0.directory, $0.name), inode: $0.inode) })
      reportStateFailure()
    case .undone(let log):
      // It counts as served, as the same would happen again.
      notifier.forget(log)
      state.record([.undone(log: LogFinder.join(log.directory, log.name), inode: log.inode)])
      reportStateFailure()
    case .idle: endIfDone()
    }
  }

  /// Takes in what stands in the way of parts of the daemon, in words; nil when it does no more.
  func listenToProblems() {
    housekeeper.onProblem = { [weak self] job, problem in
      self?.status.note(housekeepingOf: job, problem)
      self?.showStatus()
    }
    notifier.onProblem = { [weak self] hook, problem in
      self?.status.note(hook: "\(hook)", problem)
      self?.showStatus()
    }
    sizes.onProblem = { [weak self] in self?.noteDirectory($1, of: $0, $2) }
  }

  /// A directory in which a job has logs cannot be looked into, or can be again.
  private func noteDirectory(_ path: FilePath, of runtime: JobRuntime, _ errno: Errno?) {
    var report = RunReport(job: runtime.job.name, zone: zone, next: nil, now: Now(platform.loop))
    if let errno {
      report.note(LookFailure(path: path, errno: errno, on: platform.fileSystem))
      runtime.unseen.insert(path)
      runs.tell(&report, runtime)
    } else if runtime.unseen.remove(path) != nil, runtime.problems.removeValue(forKey: path) != nil {
      platform.report(report.worksAgain(path))
    }
  }

  /// Shows the status at once: the next rotation, which would show it too, may be a day away. A stop has its own status.
  func showStatus() {
    if !isStopping { platform.serviceManager.notify(.status(status.text(zone: zone))) }
  }

  /// Says once that the state cannot be written, and once that it can again.
  func reportStateFailure() {
    guard state.failure != status.stateFailure else { return }
    status.stateFailure = state.failure
    if let errno = state.failure {
      platform.report(
        Report(
          .failed, .warning,
          "cannot write the state: \(errno); rotation goes on, a restart now may repeat or skip one", errno: errno))
    } else {
      platform.report(Report(.note, .notice, "the state can be written again"))
    }
  }
}
