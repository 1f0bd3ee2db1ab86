package import Timekeeping

/// What a rotation does with a log that is due: a value of one word, since a hundred thousand jobs share a few of them.
/// Policies are equal by what they say.
package struct Policy: Hashable, Sendable {
  /// What a job says. The initial values are those of a job that says nothing.
  package struct Rules: Hashable, Sendable {
    /// How many versions stay; 0 drops the content on purpose.
    package var keep: Int
    /// Whether an empty log is rotated too.
    package var rotatesEmpty = false
    /// What takes the place of the live log.
    package var creation = Creation.likeOldLog
    /// At a due time a log of fewer bytes is left alone; nil leaves none.
    package var minSize: Int64?
    /// At a due time a log whose last rotation is less long ago is left alone; nil leaves none.
    package var minAge: Span?
    /// How the content is taken from the live log.
    package var method = Method.move
    /// What archives are called.
    package var naming = Naming()
    /// Where archives go; nil is the log's own directory.
    package var archiveDirectory: ArchiveDirectory?
    /// Commands that run before the logs of a run are rotated; if one fails, none is.
    package var before: [Command] = []
    /// Who is told after the logs of a run were rotated.
    package var hooks: [Hook] = []
    /// Commands that run when a problem of the job begins.
    package var onFailure: [Command] = []
    /// How long a writer may hold on to an old log before it is told again, and the operator warned.
    package var reopenTimeout = Span.seconds(30)
    /// Whether the files are swapped back when no writer lets go, as long as the new log is empty.
    package var undoesWhenStuck = false
    /// How archives are compressed; nil leaves them plain.
    package var compression: Compression?
    /// Archives whose last line is older than this go; nil keeps them however old.
    package var maxAge: Span?
    /// Bytes that the logs of the job and their archives may take on disk together; the oldest archives go first. nil is no bound.
    package var maxTotal: Int64?
    /// So many of the newest archives of each log stay, whatever the age, the total or the free space.
    package var keepMin = 1
    /// Whether root acts with the file rights of the owner of a log directory that belongs to another user.
    package var actsAsOwner = true

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

  /// All of it; to change a rule makes another policy.
  package var rules: Rules {
    get { shared.rules }
    set { shared = Shared(newValue) }
  }

  /// What the archives are called.
  package var naming: ArchiveNaming { shared.naming }
  /// What has to be remembered to find them under another config.
  package var names: ArchiveNames { shared.names }

  /// `Rules.keep`.
  package var keep: Int { shared.rules.keep }
  /// `Rules.rotatesEmpty`.
  package var rotatesEmpty: Bool { shared.rules.rotatesEmpty }
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
  /// `Rules.actsAsOwner`.
  package var actsAsOwner: Bool { shared.rules.actsAsOwner }

  package static func == (one: Policy, other: Policy) -> Bool {
    one.shared === other.shared || one.rules == other.rules
  }

  /// By value, as `==` is.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(rules)
  }

  /// Whether the rules that remove archives are in some point less strict than those of another policy.
  package func keepsMore(than other: Policy) -> Bool {
    keep > other.keep || keepMin > other.keepMin
      || other.maxAge.map { age in maxAge.map { $0 > age } ?? true } ?? false
      || other.maxTotal.map { total in maxTotal.map { $0 > total } ?? true } ?? false
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
