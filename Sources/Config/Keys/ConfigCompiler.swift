import Rotation
import Timekeeping

/// Makes a configuration of a document, and reports everything that stands in the way.
struct ConfigCompiler {
  private static let tables = ["daemon", "defaults", "job"]

  let document: Document
  let findings: Findings
  private let reader: SettingsReader
  private let machine: String
  private let boxes = HandlingCache()

  init(document: Document, findings: Findings, system: SystemFacts) {
    self.document = document
    self.findings = findings
    self.reader = SettingsReader(
      document: document, findings: findings, accounts: AccountCache(system.accounts),
      calendars: CalendarCache(zones: system.zones), programs: system.programs)
    self.machine = system.machine
  }

  /// The configuration; nil if there is any error.
  func compile() -> Configuration? {
    let (daemonTable, defaultsTable, jobTable) = topTables()
    let daemon = daemonTable.map { reader.daemon($0) } ?? DaemonSettings()
    let defaults = defaultsTable.map { readDefaults($0) } ?? JobSettings()
    let jobs = jobTable.map { readJobs($0, defaults) } ?? (jobs: [], places: [])
    if jobs.jobs.isEmpty, !findings.hasErrors {
      let place = jobTable.map { document.nodes[$0].keyPlace } ?? .start
      findings.error(
        "the config has no job", at: place,
        hint: "a job is a table `[job.NAME]` with `logs`, and a schedule or a `size`")
    }
    ArchiveDirectoryChecks(jobs: jobs.jobs, places: jobs.places, findings: findings).report()
    guard !findings.hasErrors else { return nil }
    let configuration = Configuration(jobs: jobs.jobs, daemon: daemon)
    ClaimWarnings(jobs: jobs.jobs, places: jobs.places, findings: findings).report()
    return findings.hasErrors ? nil : configuration
  }

  /// The indexes of `[defaults]` and `[job]`; what is misspelt is reported and taken for what it resembles.
  private func topTables() -> (daemon: Int?, defaults: Int?, job: Int?) {
    var found: [String: Int] = [:]
    for child in document.children(of: 0) {
      let node = document.nodes[child]
      if Self.tables.contains(node.key) {
        found[node.key] = child
      } else if JobKey(rawValue: node.key) != nil {
        findings.error(
          "\(Wording.code(node.key)) belongs to no job", at: node.keyPlace,
          hint: "put it below `[defaults]` or `[job.NAME]`")
      } else if let name = reader.refuseUnknownKey(node, in: 0, .config, Self.tables) {
        found[name] = found[name] ?? child
      }
    }
    return (found["daemon"], found["defaults"], found["job"])
  }

  private func readDefaults(_ index: Int) -> JobSettings {
    guard case .table = document.nodes[index].value else {
      reader.refuse(
        document.nodes[index], "defaults", allowed: "a table", hint: "write `[defaults]` on a line of its own")
      return JobSettings()
    }
    return reader.read(index, owner: .defaults, allowed: JobKey.allCases.filter { $0 != .logs })
  }

  /// The jobs in the order of the text, and for each of their `logs`, in the same order, where it stands.
  private func readJobs(_ index: Int, _ defaults: JobSettings) -> (jobs: [Job], places: [Place]) {
    guard case .table = document.nodes[index].value else {
      reader.refuse(document.nodes[index], "job", allowed: "one table for each job", hint: "write `[job.NAME]`")
      return ([], [])
    }
    var jobs: [Job] = []
    var places: [Place] = []
    // By the text, as Unicode compares it: names that only their bytes tell apart are told apart by no reader.
    var names: [String: Place] = [:]
    for child in document.children(of: index) {
      let node = document.nodes[child]
      guard case .table = node.value else {
        refuseNonTable(node)
        continue
      }
      checkName(node)
      if let first = names.updateValue(node.keyPlace, forKey: node.key) {
        findings.error(
          "job \(Wording.code(node.key)) has the name of the job in line \(first.line), in another spelling of Unicode",
          at: node.keyPlace, hint: "give one of them a name that looks different")
      }
      let owner = Owner.job(node.key)
      let settings = reader.read(child, owner: owner)
      checkWhole(settings, defaults, child, owner)
      if settings.handling != nil { checkHandling(settings, defaults, child, owner) }
      jobs.append(settings.job(named: node.key, defaults: defaults, machine: machine, boxes: boxes))
      places += settings.logPlaces
    }
    return (jobs, places)
  }

  private func refuseNonTable(_ node: Document.Node) {
    if JobKey(rawValue: node.key) != nil {
      findings.error(
        "\(Wording.code(node.key)) stands below `[job]`, which has no name", at: node.keyPlace,
        hint: "write `[job.NAME]`")
    } else {
      findings.error(
        "job \(Wording.code(node.key)) is \(Wording.described(node.value)); allowed is a table", at: node.place,
        hint: "write `[job.\(node.key.utf8.allSatisfy(\.isBareKeyByte) && !node.key.isEmpty ? node.key : "NAME")]`")
    }
  }

  private func checkName(_ node: Document.Node) {
    if node.key.isEmpty { return findings.error("a job has an empty name", at: node.keyPlace) }
    if node.key.utf8.count > Limits.maxJobNameBytes {
      findings.error("the name of a job is longer than \(Limits.maxJobNameBytes) bytes", at: node.keyPlace)
    }
    if node.key.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      findings.error("the name of job \(Wording.code(node.key)) has control characters", at: node.keyPlace)
    }
  }

  /// Reports what a job lacks.
  private func checkWhole(_ settings: JobSettings, _ defaults: JobSettings, _ index: Int, _ owner: Owner) {
    let place = document.nodes[index].keyPlace
    if !settings.given.contains(.logs) {
      findings.error("\(owner) has no `logs`", at: place, hint: "name a path or pattern: `logs = \"/var/log/app.log\"`")
    }
    let hasSize = settings.given.contains(.size) || defaults.given.contains(.size)
    let hasSchedule = JobKey.schedules.contains { names($0, settings, index) }
    let hasDefault = !settings.namesSchedule && (defaults.schedule != nil || hasBrokenSchedule(defaults))
    if !hasSize, !hasSchedule, !hasDefault {
      findings.error(
        "\(owner) is never due: it has neither a schedule nor a `size`", at: place,
        hint: "write `daily = true`, `every = \"1h\"` or `size = \"10M\"`")
    }
    for (key, reason) in [
      ("check", "there is nothing to look at"), ("min-interval", "it holds rotations by size apart"),
    ] {
      guard !hasSize, let child = child(of: index, key) else { continue }
      findings.error(
        "\(owner) has `\(key)` without `size`: \(reason)", at: document.nodes[child].keyPlace,
        hint: "add `size = \"10M\"`, or take `\(key)` away")
    }
    let schedule = settings.namesSchedule ? settings.schedule : defaults.schedule
    if case .interval = schedule, let jitter = child(of: index, "jitter") {
      findings.error(
        "\(owner) has `jitter` with `every`: an interval counts from when the job was first seen, not from a moment "
          + "that others share", at: document.nodes[jitter].keyPlace, hint: "take `jitter` away, or use `calendar`")
    }
  }

  /// Whether a job asks for a schedule, soundly or not; `daily = false` does not.
  private func names(_ key: JobKey, _ settings: JobSettings, _ index: Int) -> Bool {
    guard settings.given.contains(key) else { return false }
    return child(of: index, key.rawValue).map { !document.nodes[$0].value.isFalse } ?? true
  }

  /// Whether the defaults name a schedule that could not be read: it is reported there, once.
  private func hasBrokenSchedule(_ defaults: JobSettings) -> Bool {
    defaults.namesSchedule && defaults.schedule == nil && findings.hasErrors
  }

  /// The node of a key of this table; nil when it is not there.
  func child(of index: Int, _ key: String) -> Int? {
    document.children(of: index).first { document.nodes[$0].key == key }
  }
}
