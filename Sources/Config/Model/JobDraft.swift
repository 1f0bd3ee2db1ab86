import Rotation
import Timekeeping

/// A job in the making. It begins as a copy of what `[defaults]` made, which began as the defaults of the table of keys; each
/// key of the job then sets its field. So the later word counts, and no merging is left to do.
///
/// The initial values here are in no config's effect: each key with a default sets its own.
struct JobDraft {
  /// What `compress` says.
  enum Compress: Equatable {
    case off
    case tool(Compressor)
    case command([ExactText], suffix: String)
  }

  /// What `logs` says, with the place of each.
  struct Logs: Equatable {
    var patterns: [LogPattern] = []
    var places: [Position] = []
  }

  /// The keys that the job's own table has, their values sound or not: what follows from an absent key is not said of a
  /// wrong one.
  var given = KeySet()
  /// Those of `[defaults]`.
  var inherited = KeySet()
  var logs = Logs()
  var exclude: [LogPattern] = []
  var schedule = ScheduleChoice()
  var catchesUp = false
  var jitter: Span?
  var sizeBytes: Int64?
  var check = SizeCheck.auto
  var minInterval: Span?
  var rules = Policy.Rules(keep: 0)
  // What one field of the rules is made of.
  var truncates = false
  var truncationMethod = TruncationMethod.auto
  var isDated = false
  var dateFormat: DateFormat?
  var compress = Compress.off
  var level: Int?
  var compressAfter = Span.zero
  var compressFrom = 0

  /// What the next key of a schedule says.
  var newSchedule: Schedule? {
    get { schedule.schedule }
    set { schedule.add(newValue) }
  }

  /// Whether the table or `[defaults]` has one of these keys.
  func has(_ keys: KeySet) -> Bool { given.meets(keys) || inherited.meets(keys) }

  /// Whether a log reaches `size` before it has as many bytes as this.
  func isAbove(size bytes: Int64?) -> Bool {
    guard let bytes, let sizeBytes else { return false }
    return bytes > sizeBytes
  }

  /// A draft for a job below these defaults.
  func derived() -> JobDraft {
    var draft = self
    draft.inherited = inherited.union(given)
    draft.given = KeySet()
    draft.schedule.isOwn = false
    return draft
  }

  /// Takes in which keys the table has. A `compress` of its own takes no level from `[defaults]`.
  mutating func finishReading(_ given: KeySet) {
    self.given = given
    if given.meets(.compress), !given.meets(.compressLevel) { level = nil }
  }

  /// The job of this name, on the machine of this id.
  func job(named name: String, machine: String, policies: PolicyCache) -> Job {
    let limit = sizeBytes.map { SizeLimit(bytes: $0, check: check.span, minInterval: minInterval) }
    var schedule = schedule.schedule
    if case .calendar(var calendar) = schedule, let jitter {
      calendar.delay = Jitter.share(of: jitter, machine: machine, job: name)
      schedule = .calendar(calendar)
    }
    return Job(
      name: name, logs: logs.patterns, exclude: exclude, schedule: schedule, catchesUp: catchesUp, sizeLimit: limit,
      policy: policies.policy(wholeRules(schedule, limit)))
  }

  private func wholeRules(_ schedule: Schedule?, _ limit: SizeLimit?) -> Policy.Rules {
    var rules = rules
    rules.method = truncates ? .truncate(by: truncationMethod) : .move
    if isDated { rules.naming.style = .dated(dateFormat ?? .standard(for: schedule, sizeLimit: limit)) }
    switch compress {
    case .tool(let tool):
      rules.compression = Compression(
        command: tool.command(level: level), suffix: tool.suffix, after: compressAfter, from: compressFrom)
    case .command(let command, let suffix):
      rules.compression = Compression(command: command, suffix: suffix, after: compressAfter, from: compressFrom)
    case .off: rules.compression = nil
    }
    return rules
  }
}

extension JobDraft {
  /// A job by the defaults of the table of keys alone.
  static let builtIn: JobDraft = {
    let text = Reference.defaults.map { "\($0.name) = \($0.value)\n" }.joined()
    let findings = Findings([ConfigSource(name: "the table of keys", bytes: Array(text.utf8))])
    guard let document = try? DocumentParser.parse(Array(text.utf8)) else {
      preconditionFailure("a default in the table of keys is no TOML")
    }
    let none = Accounts(user: { _ in nil }, group: { _ in nil })
    let reader = SettingsReader(
      document: document, findings: findings, accounts: AccountCache(none), calendars: CalendarCache { _ in nil },
      programs: { _ in true })
    var draft = JobDraft()
    _ = reader.read(0, as: Tables.job, .defaults, into: &draft)
    precondition(findings.sorted.isEmpty, "a default in the table of keys is wrong")
    draft = draft.derived()
    draft.inherited = KeySet()
    return draft
  }()
}

/// The one schedule that a table names. Its first key takes the schedule of `[defaults]` away.
struct ScheduleChoice: Equatable {
  /// nil when none is named, or none that is sound, and where `daily = false` takes it away. The jitter is not in it yet.
  private(set) var schedule: Schedule?
  /// Whether the table decides on the schedule, so that the one of `[defaults]` does not count.
  var isOwn = false

  /// Takes in one key of the table; nil where it is false, or wrong.
  mutating func add(_ next: Schedule?) {
    if !isOwn { schedule = nil }
    isOwn = true
    schedule = next ?? schedule
  }

  /// Whether it is a span, and no calendar.
  var isInterval: Bool { if case .interval = schedule { true } else { false } }
}

/// When sizes are looked at.
enum SizeCheck: Equatable {
  /// When a log has grown enough.
  case auto
  case every(Span)

  /// The span between two looks; nil for `auto`.
  var span: Span? { if case .every(let span) = self { span } else { nil } }
}

/// Mode, owner and group as a table gives them, and the path of a directory; nil is "not given".
struct FileAttributes {
  var path: FilePath?
  var mode: UInt32?
  var user: UInt32?
  var group: UInt32?
}
