internal import EventLoop
internal import Rotation
internal import Timekeeping

/// What the retention of one job sleeps on and remembers, while its task lives.
final class JobRetention {
  let alarm: Alarm
  /// Set when something has changed since the last look began.
  var isWanted = true
  /// After looks that could not remove something.
  var retry = Backoff()

  init(on loop: LoopExecutor) {
    alarm = Alarm(on: loop)
  }
}
