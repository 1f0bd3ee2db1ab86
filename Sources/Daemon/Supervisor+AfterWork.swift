import Config
import EventLoop
import Rotation

extension Supervisor {
  /// Logs that are handed to the finisher between two chances for everything else.
  private static let sweepSlice = 256

  /// Hands the logs of a turn on to what comes after the notices: waiting for their writers, compressing, removing.
  func afterNotices(_ logs: [RotatedLog], of runtime: JobRuntime) {
    let policy = runtime.job.policy
    for log in logs {
      finisher.attend(
        Finisher.Order(
          job: runtime.job.name, policy: policy, directory: log.directory, name: log.name, fresh: [log.inode: log]))
    }
  }

  /// Shows in the status what holds up the archives of a job; nil when nothing does any more.
  nonisolated func noteUpkeep(of job: String, _ trouble: String?) {
    assumeIsolated { supervisor in
      supervisor.status.note(upkeepOf: job, trouble)
      supervisor.showStatus()
    }
  }

  /// Shows the status at once: the next rotation, which would show it too, may be a day away. A stop has its own status.
  func showStatus() {
    if !isStopping { platform.serviceManager.notify(.status(status.text(zone: zone))) }
  }

  /// Nothing is done with archives any more.
  nonisolated func endOfUpkeep() {
    assumeIsolated { $0.endIfDone() }
  }

  /// What a rotation leaves to be done: nothing, for most jobs.
  func rotatedLog(_ name: String, in directory: String, _ outcome: Outcome, _ job: Job) -> RotatedLog? {
    if case .settled = outcome, job.policy.handling.compression != nil {
      // The rotation came to its end at this try; whose writers were told when is not known.
      finisher.attend(Finisher.Order(job: job.name, policy: job.policy, directory: directory, name: name))
    }
    guard case .rotated(let rotated) = outcome, let inode = rotated.inode else { return nil }
    let handling = job.policy.handling
    let isHeld = rotated.unremoved.contains { $0.errno == .busy }
    guard handling.compression != nil || !handling.notices.isEmpty || isHeld else { return nil }
    return RotatedLog(job: job.name, directory: directory, name: name, archive: rotated.archive, inode: inode)
  }

  /// Looks at the archives of jobs that compress: what a crash, or a config without compression, has left plain is taken up.
  func sweep(_ runtimes: [JobRuntime]) async {
    for runtime in runtimes where runtime.job.policy.handling.compression != nil {
      let job = runtime.job
      var count = 0
      for group in finder.find(job, index: runtime.index).groups {
        for name in group.names where claims.owner(of: LogFinder.join(group.directory, name)) == runtime.index {
          finisher.attend(
            Finisher.Order(job: job.name, policy: job.policy, directory: group.directory, name: name))
          count += 1
          if count % Self.sweepSlice == 0 { await platform.loop.yield() }
          if isStopping || runtime.isRetired { return }
        }
      }
    }
  }
}
