import Rotation
import Timekeeping

/// Reads one document of a config.
struct DocumentCompiler {
  private static let tables = ["daemon", "metrics", "defaults", "logrotate", "job"]

  let document: Document
  let findings: Findings
  let reader: SettingsReader
  let machine: String
  let policies: PolicyCache

  /// Adds the jobs of the document, its settings for all jobs and for the daemon, and what it says of logrotate. The
  /// `[defaults]` of a fragment hold for its own jobs, and replace those of the config key by key.
  func read(
    _ jobs: inout JobList, _ defaults: inout JobDraft, _ daemon: inout DaemonSettings,
    _ logrotate: inout LogrotateInclude
  ) {
    let tables = topTables()
    for (name, table, owner) in [("daemon", Tables.daemon, Owner.daemon), ("metrics", Tables.metrics, .metrics)] {
      if let index = tables[name], isTable(index) { _ = reader.read(index, as: table, owner, into: &daemon) }
    }
    if let table = tables["logrotate"], isTable(table) {
      var include = LogrotateInclude()
      _ = reader.read(table, as: Tables.logrotate, .logrotate, into: &include)
      logrotate.entries += include.entries
      logrotate.state = include.state ?? logrotate.state
    }
    let (defaultsTable, jobTable) = (tables["defaults"], tables["job"])
    let own = defaultsTable.map { readDefaults($0, over: defaults) } ?? defaults
    if !document.isFragment { defaults = own }
    guard let jobTable else { return }
    jobs.table = jobs.table ?? document.nodes[jobTable].keyPlace
    readJobs(jobTable, own, &jobs)
  }

  /// The indexes of the tables by their names; what is misspelt is reported and taken for what it resembles.
  private func topTables() -> [String: Int] {
    var found: [String: Int] = [:]
    for child in document.children(of: 0) {
      let node = document.nodes[child]
      if Self.tables.contains(node.key) {
        found[node.key] = child
      } else if node.key == ConfigReader.include {
        checkInclude(child)
      } else if Tables.job.position(of: node.key) != nil {
        findings.error(
          "\(Wording.code(node.key)) is outside of a job", at: node.keyPlace,
          hint: "put it below `[defaults]` or `[job.NAME]`")
      } else if let name = reader.refuseUnknownKey(node, in: 0, .config, Self.tables) {
        found[name] = found[name] ?? child
      }
    }
    return found
  }

  /// Checks the form of `include`; the files that it names were read before.
  private func checkInclude(_ index: Int) {
    let node = document.nodes[index]
    if document.isFragment {
      return findings.error(
        "`include` is in a file that is itself included", at: node.keyPlace,
        hint: "name the files in the main config")
    }
    let values = [index] + document.children(of: index)
    let isPatterns = values.dropFirst().allSatisfy {
      if case .string = document.nodes[$0].value { true } else { false }
    }
    switch node.value {
    case .string: break
    case .array where isPatterns: break
    default:
      refuse(index, allowed: "a pattern of files, or a list of them", hint: #"write `include = "conf.d/*.toml"`"#)
    }
  }

  private func readDefaults(_ index: Int, over base: JobDraft) -> JobDraft {
    isTable(index) ? read(index, .defaults, over: base) : base
  }

  private func read(_ index: Int, _ owner: Owner, over base: JobDraft) -> JobDraft {
    var draft = base.derived()
    draft.finishReading(reader.read(index, as: Tables.job, owner, into: &draft))
    refuseTwoSchedules(index, draft, owner)
    return draft
  }

  /// Whether a node at the top is a table, as it must be; reports if not.
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

  private func readJobs(_ index: Int, _ defaults: JobDraft, _ list: inout JobList) {
    guard case .table = document.nodes[index].value else {
      return refuse(index, allowed: "one table for each job", hint: "write `[job.NAME]`")
    }
    for child in document.children(of: index) {
      let node = document.nodes[child]
      guard case .table = node.value else {
        refuseNonTable(node)
        continue
      }
      checkName(node)
      if let first = list.names.updateValue(node.keyPlace, forKey: node.key) { refuseSecond(node, first) }
      let owner = Owner.job(node.key)
      let draft = read(child, owner, over: defaults)
      check(draft, defaults, child, owner)
      let job = draft.job(named: node.key, machine: machine, policies: policies, hourly: reader.hourly)
      if job.policy.retained != nil { list.retaining.append((job, draft.retain.places)) }
      list.jobs.append(job)
      list.places += job.logs.isEmpty ? [] : draft.logs.places
    }
  }

  /// Reports two jobs with the same name. Within one file their names are different spellings of Unicode, because TOML
  /// refuses equal keys.
  private func refuseSecond(_ node: Document.Node, _ first: Position) {
    let place = findings.mention(first, at: node.keyPlace)
    if first.file == node.keyPlace.file {
      findings.error(
        "job \(Wording.code(node.key)) has the same name as the job in \(place), in another Unicode form",
        at: node.keyPlace, hint: "give one of them a name that looks different")
    } else {
      findings.error(
        "job \(Wording.code(node.key)) is there twice; the first is in \(place)", at: node.keyPlace,
        hint: "give one of them another name")
    }
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
