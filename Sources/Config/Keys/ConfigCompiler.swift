import Rotation
import Timekeeping

/// Compiles a document into a configuration, and reports all errors.
struct ConfigCompiler {
  private static let tables = ["daemon", "defaults", "job"]

  let document: Document
  let findings: Findings
  let reader: SettingsReader
  private let machine: String
  private let policies = PolicyCache()

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
    let daemon = daemonTable.map(readDaemon) ?? DaemonSettings()
    let defaults = defaultsTable.map(readDefaults) ?? .builtIn
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

  /// The indexes of `[defaults]` and `[job]`; a misspelt one is reported and read as the one it resembles.
  private func topTables() -> (daemon: Int?, defaults: Int?, job: Int?) {
    var found: [String: Int] = [:]
    for child in document.children(of: 0) {
      let node = document.nodes[child]
      if Self.tables.contains(node.key) {
        found[node.key] = child
      } else if Tables.job.position(of: node.key) != nil {
        findings.error(
          "\(Wording.code(node.key)) is outside of a job", at: node.keyPlace,
          hint: "put it below `[defaults]` or `[job.NAME]`")
      } else if let name = reader.refuseUnknownKey(node, in: 0, .config, Self.tables) {
        found[name] = found[name] ?? child
      }
    }
    return (found["daemon"], found["defaults"], found["job"])
  }

  private func readDaemon(_ index: Int) -> DaemonSettings {
    var settings = DaemonSettings()
    if isTable(index) { _ = reader.read(index, as: Tables.daemon, .daemon, into: &settings) }
    return settings
  }

  private func readDefaults(_ index: Int) -> JobDraft {
    guard isTable(index) else { return .builtIn }
    return read(index, .defaults, over: .builtIn)
  }

  private func read(_ index: Int, _ owner: Owner, over base: JobDraft) -> JobDraft {
    var draft = base.derived()
    draft.finishReading(reader.read(index, as: Tables.job, owner, into: &draft))
    refuseTwoSchedules(index, draft, owner)
    return draft
  }

  /// Whether a node at the top is a table; reports it if not.
  private func isTable(_ index: Int) -> Bool {
    let node = document.nodes[index]
    if case .table = node.value { return true }
    refuse(index, allowed: "a table", hint: "write `[\(node.key)]` on a line of its own")
    return false
  }

  private func refuse(_ index: Int, allowed: String, hint: String) {
    let node = document.nodes[index]
    reader.refuse(Field(name: node.key, index: index, node: node), allowed: allowed, hint: hint)
  }

  /// The jobs in the order of the text, and the place of each of their `logs`, in the same order.
  private func readJobs(_ index: Int, _ defaults: JobDraft) -> (jobs: [Job], places: [Position]) {
    guard case .table = document.nodes[index].value else {
      refuse(index, allowed: "one table for each job", hint: "write `[job.NAME]`")
      return ([], [])
    }
    var jobs: [Job] = []
    var places: [Position] = []
    // Compared as Unicode text: nobody can see a difference between names that differ only in their bytes.
    var names: [String: Position] = [:]
    for child in document.children(of: index) {
      let node = document.nodes[child]
      guard case .table = node.value else {
        refuseNonTable(node)
        continue
      }
      checkName(node)
      if let first = names.updateValue(node.keyPlace, forKey: node.key) {
        findings.error(
          "job \(Wording.code(node.key)) has the same name as the job in line \(first.line), in another Unicode form",
          at: node.keyPlace, hint: "give one of them a name that looks different")
      }
      let owner = Owner.job(node.key)
      let draft = read(child, owner, over: defaults)
      check(draft, defaults, child, owner)
      jobs.append(draft.job(named: node.key, machine: machine, policies: policies))
      places += draft.logs.places
    }
    return (jobs, places)
  }

  private func refuseNonTable(_ node: Document.Node) {
    if Tables.job.position(of: node.key) != nil {
      findings.error(
        "\(Wording.code(node.key)) is in the table `[job]`, which lacks the name of a job", at: node.keyPlace,
        hint: "write `[job.NAME]`")
    } else {
      findings.error(
        "job \(Wording.code(node.key)) is \(Wording.described(node.value)); expected a table", at: node.place,
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
}
