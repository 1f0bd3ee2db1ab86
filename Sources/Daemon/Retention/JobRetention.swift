internal import EventLoop
internal import Rotation

/// What the retention of one job sleeps on and remembers, while its task lives.
final class JobRetention {
  let alarm: Alarm
  /// Set when something has changed since the last look began.
  var isWanted = true
  /// Looks in a row that could not remove something.
  var failures = 0
  /// What is wrong with an archive or its log, as it was last reported; so that it is said once.
  var problems: [FilePath: String] = [:]

  init(on loop: LoopExecutor) {
    alarm = Alarm(on: loop)
  }
}
