internal import EventLoop
internal import Rotation
internal import Timekeeping

/// A time in which no runs of a job are made.
final class JobPause {
  /// When it ends without a `resume`; nil for never.
  let end: MonotonicTime?

  init(end: MonotonicTime?) { self.end = end }
}

/// A job that runs: the alarm of its task, and what it remembers between runs.
final class JobRuntime {
  /// A run of the schedule that has failed for some log and will be tried again.
  struct Retry {
    var due: WallTime
    var backoff = Backoff()
  }

  /// The job in the current config; a run in progress continues with the former one.
  var job: Job
  let alarm: Alarm
  /// Set when the config does not have the job any more: the task ends at its next wake-up.
  var isRetired = false
  /// nil for a job without a schedule.
  var clock: JobClock?
  /// When the sizes are checked next; nil for a job without a size limit, and for one whose logs are watched
  /// (`SizeWatch`).
  var nextCheck: MonotonicTime?
  var retry: Retry?
  /// Set while no runs are made.
  var pause: JobPause?
  /// Whether runs of the job are in progress.
  var isRunning = false
  /// Set while archives of the job have an age to reach, or are being checked.
  var retention: JobRetention?
  /// What the last search for the files of a job with `retain` has found; nil before it.
  var retained: RetainedSums?
  /// Whether a check was requested before its time.
  var looksNow = false
  /// The numbers of the logs that the watch on sizes has found due since the last run.
  var dueLogs: [Int32] = []
  /// Requested runs.
  var asked: [ControlQueue.Entry] = []
  /// Hooks that are held back until the runs in progress are over; the job may have other hooks by then.
  var hooks: [Hook] = []
  /// Names that its patterns match and that are no logs, as they were last reported.
  var skipped: Set<SkippedName> = []

  init(_ job: Job, loop: LoopExecutor) {
    self.job = job
    self.alarm = Alarm(on: loop)
  }

  /// The name, which identifies the job across changes of the config.
  var name: String { job.name }

  /// Until when the task may sleep.
  var deadline: Alarm.Deadline {
    if let pause { return Alarm.Deadline(monotonic: pause.end) }
    var monotonic = [nextCheck, retry?.backoff.next].compactMap(\.self).min()
    var wall: WallTime?
    switch clock?.next {
    case .monotonic(let time): monotonic = min(monotonic ?? time, time)
    case .wall(let time): wall = time
    case .never, nil: break
    }
    return Alarm.Deadline(monotonic: monotonic, wall: wall)
  }
}
