internal import EventLoop
internal import Timekeeping

/// What the retention of one job sleeps on and remembers, while its task lives.
final class JobRetention {
  let worker: Worker
  /// Set when something has changed since the last look began.
  var isWanted = true
  /// After looks that could not remove something.
  var retry = Backoff()
  /// The next look is not before this.
  var restsUntil = MonotonicTime(nanoseconds: 0)

  init(on loop: LoopExecutor) {
    worker = Worker(on: loop)
  }
}
