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
  /// What is wrong with an archive or its log, as it was last reported; so that it is said once.
  var problems: [FilePath: String] = [:]

  init(on loop: LoopExecutor) {
    alarm = Alarm(on: loop)
  }
}
