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
        status.noteRotation(of: log, at: platform.loop.wallClock())
      }
      platform.report(report)
    case .archivesChanged(let job):
      if let runtime = registry[job] { archivesChanged(of: runtime) }
    case .compressed(let job, let from, let to): activity.noteCompression(from: from, to: to, job: job)
    case .removed(let job, let reason, let bytes): activity.noteRemoval(reason, bytes: bytes, job: job)
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

  /// Shows the status at once: the next rotation, which would show it too, may be a day away. A stop has its own status.
  func showStatus() {
    if !isStopping { platform.serviceManager.notify(.status(status.text(zone: zone))) }
  }

  /// Says once that the state cannot be written, and once that it can again.
  func reportStateFailure() {
    let subject = Problems.Subject(.state)
    guard let errno = state.failure else {
      platform.problems.clear(subject, Report(.resolved, .notice, "the state can be written again"))
      return
    }
    let what = "cannot write the state: \(errno); rotation goes on, but a restart now may repeat or skip a rotation"
    platform.problems.note(
      subject, Report(.failed, .warning, what, errno: errno), name: "the state cannot be written")
  }
}
