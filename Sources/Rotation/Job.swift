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
  /// Time between two looks.
  package var check: Span

  package init(bytes: Int64, check: Span) {
    self.bytes = bytes
    self.check = check
  }
}

/// What a rotation does with a log that is due.
package struct Policy: Hashable, Sendable {
  /// How many versions stay; 0 drops the content on purpose.
  package var keep: Int
  /// Whether an empty log is rotated too.
  package var rotatesEmpty: Bool
  /// What takes the place of the live log.
  package var creation: Creation

  package init(keep: Int, rotatesEmpty: Bool = false, creation: Creation = .likeOldLog) {
    self.keep = keep
    self.rotatesEmpty = rotatesEmpty
    self.creation = creation
  }
}

/// Who makes the new live log, and with which attributes.
package enum Creation: Hashable, Sendable {
  /// The name is left to the writer, and is absent until it opens its log again.
  case leftToWriter
  /// rotated makes it; what is nil is taken over from the old log.
  case create(mode: UInt32?, user: UInt32?, group: UInt32?)

  /// rotated makes it with mode, owner and group of the old log.
  package static let likeOldLog = Creation.create(mode: nil, user: nil, group: nil)
}
