internal import EventLoop
internal import Rotation
internal import Timekeeping

/// No runs of a job are made.
final class JobPause {
  /// When it ends by itself.
  let end: MonotonicTime?

  init(end: MonotonicTime?) { self.end = end }
}

/// A job at work: what its task sleeps on, and what it remembers between runs.
final class JobRuntime {
  /// A run of the schedule that has failed for some log, and will be tried again.
  struct Retry {
    var due: WallTime
    var backoff = Backoff()
  }

  /// As the config has it now; a run that is under way goes on with what it began with.
  var job: Job
  let alarm: Alarm
  /// Set when the config has the job no longer: the task ends at its next wake-up.
  var isRetired = false
  /// nil for a job without a schedule.
  var clock: JobClock?
  /// When the sizes are looked at next; nil for a job without a size, and for one whose logs are watched (`SizeWatch`).
  var nextCheck: MonotonicTime?
  var retry: Retry?
  /// Set while no runs are made.
  var pause: JobPause?
  /// Runs of it are in progress.
  var isRunning = false
  /// Set while archives of the job have an age to reach, or are being looked at.
  var retention: JobRetention?
  /// Somebody has asked for a look now, before the time.
  var looksNow = false
  /// What the watch on sizes has found to be due, by its numbers, since the last run.
  var dueLogs: [Int32] = []
  /// Runs that somebody has asked for.
  var asked: [ControlQueue.Entry] = []
  /// Hooks that are held back until the runs that have begun are over; the job may have others by then.
  var hooks: [Hook] = []
  /// What its patterns match, and what is no log all the same, as it was last reported.
  var skipped: Set<SkippedName> = []

  init(_ job: Job, loop: LoopExecutor) {
    self.job = job
    self.alarm = Alarm(on: loop)
  }

  /// What the job is known by: it stays, whatever else the config changes.
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
