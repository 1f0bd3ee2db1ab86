package import Timekeeping

/// The rules of a job for rotations: a value of one word, since a hundred thousand jobs share a few policies. Policies
/// are equal if their rules are equal.
package struct Policy: Hashable, Sendable {
  /// The rules in the config. The initial values are those of a job without any.
  package struct Rules: Hashable, Sendable {
    /// How many versions are kept; 0 drops the content on purpose.
    package var keep: Int
    /// Whether an empty log is rotated too.
    package var rotatesEmpty = false
    /// Whether a log that has another name is rotated too. The other name stays with the old content.
    package var takesHardLinks = false
    /// What replaces the live log.
    package var creation = Creation.likeOldLog
    /// Owner and group of the new live log, where they are to be looked up when it is made.
    package var creationNames = OwnerNames()
    /// At a due time, a log of fewer bytes is left alone; nil for no minimum.
    package var minSize: Int64?
    /// At a due time, a log whose last rotation is more recent is left alone; nil for no minimum.
    package var minAge: Span?
    /// How the content of the live log is taken.
    package var method = Method.move
    /// The names of archives.
    package var naming = Naming()
    /// The directory for archives; nil for the log's own.
    package var archiveDirectory: ArchiveDirectory?
    /// Commands that run before the logs of a run are rotated; if one fails, none is.
    package var before: [Command] = []
    /// The hooks that notify writers after the logs of a run were rotated.
    package var hooks: [Hook] = []
    /// Commands that run when a problem of the job begins.
    package var onFailure: [Command] = []
    /// How long a writer may keep an old log open before it is notified again, and the operator warned.
    package var reopenTimeout = Span.seconds(30)
    /// Whether a rotation is undone if no writer closes the old log, as long as the new log is empty.
    package var undoesWhenStuck = false
    /// How archives are compressed; nil to leave them uncompressed.
    package var compression: Compression?
    /// Archives whose last line is older than this are removed; nil for no limit.
    package var maxAge: Span?
    /// Archives whose last modification is at least this long ago are removed when their log rotates, but for the newest; nil for
    /// no limit.
    package var maxAgeAtRotation: Span?
    /// What is done with an archive before it is removed, in this order; then removals wait for that, and are no part of a rotation.
    package var beforeRemoval: [RemovalTask] = []
    /// The moment by which an archive is named, where archives bear dates.
    package var dating = Dating.rotation
    /// The most bytes that the job's logs and archives may take on disk; the oldest archives are removed first. nil for
    /// no limit.
    package var maxTotal: Int64?
    /// This many of the newest archives of each log stay, whatever age, total or free space.
    package var keepMin = 1
    /// Whether root uses the file rights of a log directory's owner, if that is another user.
    package var actsAsOwner = true
    /// The files of another program that the job only removes; nil for a job that rotates logs.
    package var retained: Retained?

    package init(keep: Int) {
      self.keep = keep
    }
  }

  private final class Shared: Sendable {
    let rules: Rules
    let naming: ArchiveNaming
    let names: ArchiveNames

    init(_ rules: Rules) {
      self.rules = rules
      self.naming = ArchiveNaming(rules.naming, suffix: rules.compression?.suffix)
      self.names = ArchiveNames(rules)
    }
  }

  private var shared: Shared

  package init(_ rules: Rules) {
    shared = Shared(rules)
  }

  package init(keep: Int, rotatesEmpty: Bool = false, creation: Creation = .likeOldLog) {
    var rules = Rules(keep: keep)
    rules.rotatesEmpty = rotatesEmpty
    rules.creation = creation
    self.init(rules)
  }

  /// All rules; changing one makes another policy.
  package var rules: Rules {
    get { shared.rules }
    set { shared = Shared(newValue) }
  }

  /// The names of the archives.
  package var naming: ArchiveNaming { shared.naming }
  /// What the state must record to find the archives under another config.
  package var names: ArchiveNames { shared.names }

  /// `Rules.keep`.
  package var keep: Int { shared.rules.keep }
  /// `Rules.rotatesEmpty`.
  package var rotatesEmpty: Bool { shared.rules.rotatesEmpty }
  /// `Rules.takesHardLinks`.
  package var takesHardLinks: Bool { shared.rules.takesHardLinks }
  /// `Rules.creation`.
  package var creation: Creation { shared.rules.creation }
  /// `Rules.method`.
  package var method: Method { shared.rules.method }
  /// `Rules.archiveDirectory`.
  package var archiveDirectory: ArchiveDirectory? { shared.rules.archiveDirectory }
  /// `Rules.before`.
  package var before: [Command] { shared.rules.before }
  /// `Rules.hooks`.
  package var hooks: [Hook] { shared.rules.hooks }
  /// `Rules.reopenTimeout`.
  package var reopenTimeout: Span { shared.rules.reopenTimeout }
  /// `Rules.undoesWhenStuck`.
  package var undoesWhenStuck: Bool { shared.rules.undoesWhenStuck }
  /// `Rules.compression`.
  package var compression: Compression? { shared.rules.compression }
  /// `Rules.maxAge`.
  package var maxAge: Span? { shared.rules.maxAge }
  /// `Rules.maxTotal`.
  package var maxTotal: Int64? { shared.rules.maxTotal }
  /// `Rules.keepMin`.
  package var keepMin: Int { shared.rules.keepMin }
  /// `Rules.beforeRemoval`.
  package var beforeRemoval: [RemovalTask] { shared.rules.beforeRemoval }
  /// `Rules.retained`.
  package var retained: Retained? { shared.rules.retained }
  /// `Rules.actsAsOwner`.
  package var actsAsOwner: Bool { shared.rules.actsAsOwner }

  package static func == (one: Policy, other: Policy) -> Bool {
    one.shared === other.shared || one.rules == other.rules
  }

  /// By value, as `==` is.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(rules)
  }

  /// Whether a rule that removes archives is less strict than that of another policy.
  package func keepsMore(than other: Policy) -> Bool {
    keep > other.keep || keepMin > other.keepMin
      || other.maxAge.map { age in maxAge.map { $0 > age } ?? true } ?? false
      || other.maxTotal.map { total in maxTotal.map { $0 > total } ?? true } ?? false
  }
}

/// A user and a group by their names; nil where none is named.
package struct OwnerNames: Hashable, Sendable {
  /// The name of the user.
  package var user: String?
  /// The name of the group.
  package var group: String?

  package init(user: String? = nil, group: String? = nil) {
    (self.user, self.group) = (user, group)
  }
}

/// The moment by which a dated archive is named.
package enum Dating: Hashable, Sendable {
  /// That of its rotation.
  case rotation
  /// An hour before.
  case hourAgo
  /// This hour of the day before, with the minutes and seconds of the rotation.
  case yesterday(hour: Int)

  /// The moment for a rotation.
  func moment(_ rotation: Moment) -> WallTime {
    switch self {
    case .rotation: return rotation.time
    case .hourAgo: return rotation.time - .seconds(3600)
    case .yesterday(let hour):
      let local = rotation.zone.localTime(at: rotation.time)
      let day = CivilDate(daysSinceEpoch: local.date.daysSinceEpoch - 1)
      let earlier = LocalTime(
        year: day.year, month: day.month, day: day.day, hour: hour, minute: local.minute, second: local.second)
      return rotation.zone.moments(of: earlier).first
    }
  }
}

/// Who makes the new live log, and with which attributes.
package enum Creation: Hashable, Sendable {
  /// The writer makes it: the name does not exist until it opens its log again.
  case leftToWriter
  /// rotated makes it; nil attributes are those of the old log.
  case create(mode: UInt32?, user: UInt32?, group: UInt32?)

  /// rotated makes it with mode, owner and group of the old log.
  package static let likeOldLog = Creation.create(mode: nil, user: nil, group: nil)
}
