import Rotation
import Timekeeping

/// A job of logrotate's language as a table of a TOML config.
struct ImportedJob {
  /// The job that the table means.
  private(set) var job: Job
  /// The keys and values, in the order of the key table.
  private(set) var keys: [(name: String, value: String)] = []
  /// What cannot be written; if there is anything, the table is not complete, and must not be used.
  private(set) var flaws: [String] = []
  private let settings: LogrotateSettings

  /// The table of a job that was made of this stanza.
  init(_ job: Job, of stanza: LogrotateStanza) {
    self.job = job
    settings = stanza.settings
    let scripts = ImportedScripts(stanza: stanza, job: job)
    self.job.policy.rules.before = scripts.before
    self.job.policy.rules.hooks = scripts.hooks
    // A TOML config looks up users when it is read, and `max-age` acts at any time.
    self.job.policy.rules.creationNames = OwnerNames()
    self.job.policy.rules.maxAge = job.policy.rules.maxAgeAtRotation
    self.job.policy.rules.maxAgeAtRotation = nil
    logs()
    times()
    rotation()
    names()
    hooks()
    retention()
    let order = Dictionary(uniqueKeysWithValues: Tables.job.keys.enumerated().map { ($1.name, $0) })
    keys.sort { order[$0.name, default: .max] < order[$1.name, default: .max] }
    let unknown = keys.first { order[$0.name] == nil }
    precondition(unknown == nil, "no key of a job is `\(unknown?.name ?? "")`")
  }

  private mutating func add(_ name: String, _ value: String?) {
    guard let value else {
      flaws.append("`\(name)` would have bytes that are not UTF-8, which a TOML file cannot have")
      return
    }
    keys.append((name, value))
  }

  private mutating func logs() {
    add("logs", TOMLText.strings(job.logs.map(\.text.bytes), alone: true))
    guard !job.exclude.isEmpty else { return }
    add("exclude", TOMLText.strings(job.exclude.map(\.text.bytes), alone: true))
  }

  private mutating func times() {
    switch job.schedule {
    case .interval(let span):
      if span > Limits.longestSpan { flaws.append("`minutes` is longer than a hundred years") }
      add("every", Self.text(of: span))
    case .calendar(let calendar): add(calendar)
    // A schedule of `[defaults]` does not count then.
    case nil: add("daily", "false")
    }
    let rules = job.policy.rules
    if let limit = job.sizeLimit {
      add("size", Self.text(ofBytes: limit.bytes))
      if let interval = limit.minInterval { add("min-interval", Self.text(of: interval)) }
      // What is not smaller than `size` is rotated by that.
      if let least = rules.minSize { job.policy.rules.minSize = min(least, limit.bytes) }
    }
    if let least = job.policy.rules.minSize { add("min-size", Self.text(ofBytes: least)) }
    if let age = rules.minAge { add("min-age", Self.text(of: age)) }
  }

  private mutating func add(_ calendar: CalendarSchedule) {
    switch settings.criterion {
    case .hourly: add("hourly", "true")
    case .daily, .weekly(7): add("daily", "true")
    case .yearly: add("yearly", "true")
    case .monthly(nil), .monthly(1): add("monthly", "true")
    case .weekly(let day):
      let name = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][day % 7]
      add("calendar", TOMLText.basic("\(name) *-*-* 00:00:00"))
    case .monthly(let day?):
      add("calendar", "[\(LogrotateSchedules.month(day).map(TOMLText.basic).joined(separator: ", "))]")
    case .minutes, .size: flaws.append("\(calendar.name) has no key")
    }
  }

  private mutating func rotation() {
    let rules = job.policy.rules
    if rules.keep > Limits.maxKeep { flaws.append("all archives are kept, and `keep` is at most \(Limits.maxKeep)") }
    add("keep", "\(min(rules.keep, Limits.maxKeep))")
    add("if-empty", "\(rules.rotatesEmpty)")
    if case .truncate(let way) = rules.method {
      add("method", TOMLText.basic(way == .leave ? "copy" : "truncate"))
      // The log stays, so the key says nothing.
      job.policy.rules.creation = .likeOldLog
      return
    }
    switch rules.creation {
    case .leftToWriter: add("create", "false")
    case .create(nil, nil, nil): add("create", "true")
    case .create(let mode, let user, let group):
      add("create", TOMLText.table(attributes(mode, user, group, settings.creation)))
    }
  }

  /// The attributes of a file, with users and groups by the names that the stanza has.
  private func attributes(
    _ mode: UInt32?, _ user: UInt32?, _ group: UInt32?, _ words: LogrotateAttributes
  ) -> [(key: String, value: String?)] {
    var fields: [(key: String, value: String?)] = []
    if let mode {
      let digits = String(mode, radix: 8)
      fields.append(("mode", "\"\(String(repeating: "0", count: max(0, 4 - digits.utf8.count)))\(digits)\""))
    }
    if user != nil, let name = words.user { fields.append(("user", TOMLText.basic(name))) }
    if group != nil, let name = words.group { fields.append(("group", TOMLText.basic(name))) }
    return fields
  }

  private mutating func names() {
    let rules = job.policy.rules
    if rules.dating != .rotation { flaws.append("`dateyesterday` and `datehourago` have no key") }
    if rules.naming.first != 1 { flaws.append("`start` has no key: archives are numbered from 1") }
    if case .dated(let format) = rules.naming.style {
      add("archive-names", TOMLText.basic("dated"))
      add("date-format", TOMLText.string(Array(format.text.utf8)))
    } else {
      add("archive-names", TOMLText.basic("numbered"))
    }
    if case .suffix(let ending) = rules.naming.ending { add("extension", TOMLText.string(ending.bytes)) }
    if let directory = rules.archiveDirectory {
      let path = TOMLText.string(directory.path.bytes)
      let more = attributes(directory.mode, directory.user, directory.group, settings.oldDirectoryCreation)
      add("archive-dir", more.isEmpty ? path : TOMLText.table([("path", path)] + more))
    }
    guard let compression = rules.compression else { return add("compress", "false") }
    addCompressor(compression)
    if compression.from != 1 { add("compress-from", "\(compression.from)") }
  }

  private mutating func addCompressor(_ compression: Compression) {
    for tool in Compressor.allCases where tool.suffix == compression.suffix {
      if tool.command(level: nil) == compression.command { return add("compress", TOMLText.basic(tool.rawValue)) }
      if let level = tool.levels.first(where: { tool.command(level: $0) == compression.command }) {
        add("compress-level", "\(level)")
        return add("compress", TOMLText.basic(tool.rawValue))
      }
    }
    add(
      "compress",
      TOMLText.table([
        ("command", TOMLText.strings(compression.command.map(\.bytes))),
        ("suffix", TOMLText.basic(compression.suffix)),
      ]))
  }

  private mutating func hooks() {
    let rules = job.policy.rules
    if !rules.before.isEmpty { add("before", Self.list(rules.before.map { TOMLText.table([Self.field(of: $0)]) })) }
    if !rules.hooks.isEmpty { add("notify", Self.list(rules.hooks.map(Self.table))) }
  }

  private static func list(_ tables: [String?]) -> String? {
    let texts = tables.compactMap(\.self)
    guard texts.count == tables.count else { return nil }
    return texts.count == 1 ? texts[0] : "[\n" + texts.map { "  \($0),\n" }.joined() + "]"
  }

  private static func field(of command: Command) -> (key: String, value: String?) {
    switch command {
    case .program(let words): ("command", TOMLText.strings(words.map(\.bytes)))
    case .shell(let line): ("shell", TOMLText.string(line.bytes))
    }
  }

  private static func table(_ hook: Hook) -> String? {
    switch hook {
    case .reload(let unit): TOMLText.table([("unit", TOMLText.basic(unit)), ("reload", "true")])
    case .signal(let unit, let signal):
      TOMLText.table([("unit", TOMLText.basic(unit)), ("signal", TOMLText.basic(SignalName.name(of: signal)))])
    case .pidFile(let path, let signal):
      TOMLText.table([
        ("pidfile", TOMLText.string(path.bytes)), ("signal", TOMLText.basic(SignalName.name(of: signal))),
      ])
    case .run(let command, let limit), .script(let command, let limit):
      TOMLText.table([field(of: command), ("timeout", text(of: limit))])
    }
  }

  private mutating func retention() {
    if let age = job.policy.rules.maxAge { add("max-age", Self.text(of: age)) }
  }

  // MARK: Values

  /// A span in its greatest unit without a rest.
  private static func text(of span: Span) -> String {
    let units: [(name: String, nanoseconds: Int64)] = [
      ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("min", 60_000_000_000), ("s", 1_000_000_000),
      ("us", 1000),
    ]
    let unit = units.first { span.nanoseconds % $0.nanoseconds == 0 } ?? units[4]
    return "\"\(span.nanoseconds / unit.nanoseconds)\(unit.name)\""
  }

  /// A number of bytes in its greatest unit without a rest.
  private static func text(ofBytes bytes: Int64) -> String {
    for (name, shift) in [("G", 30), ("M", 20), ("K", 10)] where bytes & (1 << shift - 1) == 0 {
      return "\"\(bytes >> shift)\(name)\""
    }
    return "\(bytes)"
  }
}
