internal import EventLoop
internal import Timekeeping

/// The task of a job's retention, and what it remembers between checks.
final class JobRetention {
  let worker: Worker
  /// Set when something has changed since the last check began.
  var isWanted = true
  /// The pause after a check that could not remove something.
  var retry = Backoff()
  /// The time before which there is no next check.
  var restsUntil = MonotonicTime(nanoseconds: 0)

  init(on loop: LoopExecutor) {
    worker = Worker(on: loop)
  }
}
