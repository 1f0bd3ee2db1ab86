import Rotation

/// Makes a configuration from the documents of its files, and reports every error in them.
struct ConfigCompiler {
  let documents: [Document]
  let findings: Findings
  let system: SystemFacts
  /// How the files of logrotate's language are read.
  let files: LogrotateFiles
  /// The files and directories of logrotate's language that are the config; none where the config is TOML.
  var logrotate: [FilePath] = []
  /// Whether each stanza is for a command that acts as logrotate does: its job has no scripts, and its terms are kept.
  var keepsTerms = false

  /// The configuration; nil if there is any error.
  func compile() -> Configuration? {
    var daemon = DaemonSettings()
    var defaults = JobDraft.builtIn
    var jobs = JobList()
    var include = LogrotateInclude()
    let accounts = AccountCache(system.accounts)
    let calendars = CalendarCache(zones: system.zones)
    let policies = PolicyCache()
    for document in documents {
      let reader = SettingsReader(
        document: document, findings: findings, accounts: accounts, calendars: calendars, programs: system.programs)
      let compiler = DocumentCompiler(
        document: document, findings: findings, reader: reader, machine: system.machine, policies: policies)
      compiler.read(&jobs, &defaults, &daemon, &include)
    }
    include.entries += logrotate.map { LogrotateInclude.Entry(path: $0, place: .start) }
    let own = jobs.jobs.count
    LogrotateCompiler(
      findings: findings, files: files, accounts: accounts, calendars: calendars, policies: policies,
      programs: system.programs, keepsTerms: keepsTerms
    ).read(include.entries, into: &jobs)
    daemon.handover = handover(include, jobs.jobs[own...])
    // A package that installs a file for logrotate tells nobody: logrotate reads it at its next run.
    if !include.entries.isEmpty { daemon.watchesConfig = daemon.watchesConfig ?? true }
    if jobs.jobs.isEmpty, !findings.hasErrors, !keepsTerms {
      reportNoJob(jobs, includesStanzas: !include.entries.isEmpty)
    }
    RetainChecks(jobs: jobs, findings: findings).report()
    ArchiveDirectoryChecks(jobs: jobs.jobs, places: jobs.places, findings: findings).report()
    guard !findings.hasErrors else { return nil }
    var configuration = Configuration(jobs: jobs.jobs, daemon: daemon)
    configuration.terms = jobs.terms
    ClaimWarnings(jobs: jobs.jobs, places: jobs.places, findings: findings).report()
    return findings.hasErrors ? nil : configuration
  }

  /// The jobs that go on from the state of logrotate; nil where no config says so.
  private func handover(_ include: LogrotateInclude, _ jobs: ArraySlice<Job>) -> LogrotateHandover? {
    guard let state = include.state else { return nil }
    if include.entries.isEmpty {
      findings.warning(
        "`state` has no effect: no job is from a file of logrotate", at: state.place,
        hint: "add `include`, or remove `state`")
    }
    return LogrotateHandover(state: state.path, jobs: Set(jobs.lazy.filter { $0.schedule != nil }.map(\.name)))
  }

  /// A config whose jobs are yet to come is one that can be used, as after the installation. An empty file is not: it would
  /// end the jobs of a daemon that reads it while somebody writes it.
  private func reportNoJob(_ jobs: JobList, includesStanzas: Bool) {
    let hint =
      includesStanzas
      ? "each stanza without errors is a job: `/var/log/app.log {`, directives and `}`"
      : "a job is a table `[job.NAME]` with `logs`, and a schedule or a `size`"
    let saysMore = documents.contains { document in document.children(of: 0).contains { _ in true } }
    if jobs.table == nil, saysMore, !includesStanzas {
      findings.warning("the config has no job yet, so nothing is rotated", at: .start, hint: hint)
    } else {
      findings.error("the config has no job", at: jobs.table ?? .start, hint: hint)
    }
  }
}

/// The jobs that were read so far.
struct JobList {
  /// In the order of the files and of their texts.
  var jobs: [Job] = []
  /// For each of their `logs`, in the same order, its position.
  var places: [Position] = []
  /// By the text, as Unicode compares it: names that differ only in their bytes look the same to every reader.
  var names: [String: Position] = [:]
  /// What stanzas say beside their jobs, by the names of these.
  var terms: [String: LogrotateTerms] = [:]
  /// The jobs that only remove, with the positions of their patterns.
  var retaining: [(job: Job, places: [Position])] = []
  /// The position of the first `[job]`.
  var table: Position?
}
