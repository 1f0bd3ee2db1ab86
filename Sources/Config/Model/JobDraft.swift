import Rotation
import Timekeeping

/// A job while it is read. It begins as a copy of the draft of `[defaults]`, which began as the defaults of the key
/// table; then each key of the job sets its field. So the last setting counts, and nothing has to be merged.
///
/// The initial values here are never in effect: each key with a default sets its own.
struct JobDraft {
  /// The value of `compress`.
  enum Compress: Equatable {
    case off
    case tool(Compressor)
    case command([ExactText], suffix: String)
  }

  /// The value of `method`.
  enum ChosenMethod: String, CaseIterable {
    case move, truncate, copy
  }

  /// The value of `logs`, with the position of each.
  struct Logs: Equatable {
    var patterns: [LogPattern] = []
    var places: [Position] = []
  }

  /// The keys that the job's own table has, with valid or invalid values: an invalid value does not cause errors about
  /// a missing key.
  var given = KeySet()
  /// The keys that `[defaults]` has.
  var inherited = KeySet()
  var logs = Logs()
  var exclude: [LogPattern] = []
  var retain = Logs()
  var isRetainConfirmed = false
  var schedule = ScheduleChoice()
  var catchesUp = false
  var jitter: Span?
  var sizeBytes: Int64?
  var check = SizeCheck.auto
  var minInterval: Span?
  var rules = Policy.Rules(keep: 0)
  // The parts of one field of the rules.
  var method = ChosenMethod.move
  var truncationMethod = TruncationMethod.auto
  var isDated = false
  var dateFormat: DateFormat?
  var compress = Compress.off
  var level: Int?
  var compressAfter = Span.zero
  var compressFrom = 0

  /// The schedule of the next key that sets one.
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

  /// Records the keys of the table. A job with its own `compress` does not inherit a level from `[defaults]`.
  mutating func finishReading(_ given: KeySet) {
    self.given = given
    if given.meets(.compress), !given.meets(.compressLevel) { level = nil }
  }

  /// Whether the job only removes files of another program; also if the value of `retain` is invalid.
  var onlyRemoves: Bool { given.meets(.retain) }

  /// The job with this name, on the machine with this id. `hourly` is the schedule of a job with `retain` that has none.
  func job(named name: String, machine: String, policies: PolicyCache, hourly: () -> Schedule?) -> Job {
    if onlyRemoves { return retainingJob(name, policies, delayed(schedule.schedule ?? hourly(), machine, name)) }
    let limit = sizeBytes.map { SizeLimit(bytes: $0, check: check.span, minInterval: minInterval) }
    let schedule = delayed(schedule.schedule, machine, name)
    return Job(
      name: name, logs: logs.patterns, exclude: exclude, schedule: schedule, catchesUp: catchesUp, sizeLimit: limit,
      policy: policies.policy(wholeRules(schedule, limit)))
  }

  private func delayed(_ schedule: Schedule?, _ machine: String, _ name: String) -> Schedule? {
    guard case .calendar(var calendar) = schedule, let jitter else { return schedule }
    calendar.delay = Jitter.share(of: jitter, machine: machine, job: name)
    return .calendar(calendar)
  }

  /// A job that removes by the rules of its own table alone: those of `[defaults]` are about archives.
  private func retainingJob(_ name: String, _ policies: PolicyCache, _ schedule: Schedule?) -> Job {
    var rules = Policy.Rules(keep: Limits.maxKeep)
    rules.retained = Retained(
      patterns: retain.patterns, keep: given.meets(.keep) ? self.rules.keep : nil, isConfirmed: isRetainConfirmed)
    if given.meets(.maxAge) { rules.maxAge = self.rules.maxAge }
    if given.meets(.maxTotal) { rules.maxTotal = self.rules.maxTotal }
    if given.meets(.keepMin) { rules.keepMin = self.rules.keepMin }
    rules.onFailure = self.rules.onFailure
    rules.actsAsOwner = self.rules.actsAsOwner
    return Job(
      name: name, logs: [], exclude: exclude, schedule: schedule, catchesUp: catchesUp, policy: policies.policy(rules))
  }

  private func wholeRules(_ schedule: Schedule?, _ limit: SizeLimit?) -> Policy.Rules {
    var rules = rules
    switch method {
    case .move: rules.method = .move
    case .truncate: rules.method = .truncate(by: truncationMethod)
    case .copy: rules.method = .copy
    }
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
  /// A job with only the defaults of the key table.
  static let builtIn: JobDraft = {
    let text = Reference.defaults.map { "\($0.name) = \($0.value)\n" }.joined()
    let findings = Findings([ConfigSource(name: "the key table", bytes: Array(text.utf8))])
    guard let document = try? DocumentParser.parse(Array(text.utf8)) else {
      preconditionFailure("a default in the key table is not valid TOML")
    }
    let none = Accounts(user: { _ in nil }, group: { _ in nil })
    let reader = SettingsReader(
      document: document, findings: findings, accounts: AccountCache(none), calendars: CalendarCache { _ in nil },
      programs: { _ in true })
    var draft = JobDraft()
    _ = reader.read(0, as: Tables.job, .defaults, into: &draft)
    precondition(findings.sorted.isEmpty, "a default in the key table is invalid")
    draft = draft.derived()
    draft.inherited = KeySet()
    return draft
  }()
}

/// The one schedule of a table. Its first key removes the schedule of `[defaults]`.
struct ScheduleChoice: Equatable {
  /// nil if the table has none or an invalid one, and if `daily = false` removes it. The jitter is not yet part of it.
  private(set) var schedule: Schedule?
  /// Whether the table decides on the schedule, so that the one of `[defaults]` does not count.
  var isOwn = false

  /// Records one key of the table; nil if it is false or invalid.
  mutating func add(_ next: Schedule?) {
    if !isOwn { schedule = nil }
    isOwn = true
    schedule = next ?? schedule
  }

  /// Whether it is an interval, not a calendar.
  var isInterval: Bool { if case .interval = schedule { true } else { false } }
}

/// When sizes are checked.
enum SizeCheck: Equatable {
  /// When a log has grown enough.
  case auto
  case every(Span)

  /// The time between two checks; nil for `auto`.
  var span: Span? { if case .every(let span) = self { span } else { nil } }
}

/// Mode, owner and group of a table, and the path of a directory; nil if not set.
struct FileAttributes {
  var path: FilePath?
  var mode: UInt32?
  var user: UInt32?
  var group: UInt32?
}
