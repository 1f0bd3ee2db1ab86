package import Timekeeping

/// One job of the config: which logs, when, and what is done with them.
package struct Job: Hashable, Sendable {
  /// The name after `job.` in the config; unique in it.
  package var name: String
  /// What the job claims, in the order of the config.
  package var logs: [LogPattern]
  /// Patterns whose matches are taken away from `logs`.
  package var exclude: [LogPattern]
  /// When every log of the job is rotated; nil for a job that goes by size alone.
  package var schedule: Schedule?
  /// Whether a due time that was missed, the daemon being down or the machine suspended, is made up for.
  package var catchesUp: Bool
  /// At what size a log is rotated, and how often one looks; nil for a job that goes by time alone.
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

/// The size at which a log is due, and how it is looked at.
package struct SizeLimit: Hashable, Sendable {
  /// A log of at least this many bytes is due.
  package var bytes: Int64
  /// Time between two looks; nil leaves it to the watcher, which looks when the log's growth says so.
  package var check: Span?
  /// At least so much time lies between two rotations of one log by size; nil is none.
  package var minInterval: Span?

  package init(bytes: Int64, check: Span?, minInterval: Span? = nil) {
    self.bytes = bytes
    self.check = check
    self.minInterval = minInterval
  }
}
