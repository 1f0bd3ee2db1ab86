package import Timekeeping

/// One job of the config: which logs, when, and what is done with them.
package struct Job: Hashable, Sendable {
  /// The name after `job.` in the config; unique in it.
  package var name: String
  /// The paths and patterns of its logs, in the order of the config.
  package var logs: [LogPattern]
  /// Patterns whose matches are removed from `logs`.
  package var exclude: [LogPattern]
  /// When every log of the job is rotated; nil for a job by size alone.
  package var schedule: Schedule?
  /// Whether a due time that was missed, because the daemon did not run or the machine was suspended, is served later.
  package var catchesUp: Bool
  /// The size at which a log is rotated, and how often it is checked; nil for a job by time alone.
  package var sizeLimit: SizeLimit?
  /// What a rotation does.
  package var policy: Policy

  package init(
    name: String, logs: [LogPattern], exclude: [LogPattern] = [], schedule: Schedule? = nil,
    catchesUp: Bool = true, sizeLimit: SizeLimit? = nil, policy: Policy
  ) {
    self.name = name
    self.logs = logs
    self.exclude = exclude
    self.schedule = schedule
    self.catchesUp = catchesUp
    self.sizeLimit = sizeLimit
    self.policy = policy
  }
}

/// The size at which a log is due, and how it is checked.
package struct SizeLimit: Hashable, Sendable {
  /// A log of at least this many bytes is due.
  package var bytes: Int64
  /// Time between two checks; nil leaves them to the size watch, which follows the growth of the log.
  package var check: Span?
  /// The least time between two rotations of one log by size; nil for none.
  package var minInterval: Span?

  package init(bytes: Int64, check: Span?, minInterval: Span? = nil) {
    self.bytes = bytes
    self.check = check
    self.minInterval = minInterval
  }
}
