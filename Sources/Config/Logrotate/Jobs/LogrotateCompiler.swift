import Rotation
import Timekeeping

/// Makes jobs of the stanzas of logrotate's files, one of each.
struct LogrotateCompiler {
  let findings: Findings
  let files: LogrotateFiles
  let accounts: AccountCache
  let calendars: CalendarCache
  let policies: PolicyCache
  /// Whether a program with this name or path is installed.
  let programs: (String) -> Bool
  /// Whether the jobs are for a command that acts as logrotate does (`ConfigCompiler.keepsTerms`).
  var keepsTerms = false

  /// Reads files and directories in this order, as logrotate does those on its command line, and adds their jobs. `each` gets each
  /// stanza, with the job that it is.
  func read(
    _ paths: [LogrotateInclude.Entry], into jobs: inout JobList,
    each: (LogrotateStanza, Job?) -> Void = { _, _ in }
  ) {
    guard !paths.isEmpty else { return }
    let reading = LogrotateReading(files: files, findings: findings)
    var settings = LogrotateSettings()
    for entry in paths { _ = reading.read(entry.path, &settings, from: entry.place) }
    var earlier = EarlierPatterns()
    var next = 0
    for job in jobs.jobs {
      earlier.add(JobDraft.Logs(patterns: job.logs, places: Array(jobs.places[next..<next + job.logs.count])))
      next += job.logs.count
    }
    var warned: Set<Position> = []
    for stanza in reading.stanzas {
      let count = jobs.jobs.count
      add(stanza, &jobs, &earlier, &warned)
      each(stanza, jobs.jobs.count > count ? jobs.jobs.last : nil)
    }
  }

  private func add(
    _ stanza: LogrotateStanza, _ jobs: inout JobList, _ earlier: inout EarlierPatterns, _ warned: inout Set<Position>
  ) {
    warn(stanza, &warned)
    let logs = unowned(LogrotateNames(findings: findings, files: files).patterns(stanza.names), earlier)
    guard !logs.patterns.isEmpty else { return }
    let meaning = LogrotatePolicy(
      settings: stanza.settings, place: stanza.place, logs: logs.patterns, findings: findings, accounts: accounts,
      programs: programs, schedules: LogrotateSchedules(calendars: calendars))
    guard var rules = meaning.rules() else { return }
    let removal = LogrotateRemoval(
      settings: stanza.settings, mailer: files.mailer, findings: findings, programs: programs)
    rules.beforeRemoval = removal.tasks()
    if keepsTerms {
      // Whoever runs the command waits for it: what a process has open for longer is left to the next run.
      rules.reopenTimeout = Limits.logrotatePatience
    } else {
      let scripts = LogrotateScripts(stanza: stanza, logs: logs.patterns, mail: removal.firstScript, findings: findings)
      (rules.before, rules.hooks) = (scripts.before(), scripts.after())
    }
    let policy = policies.policy(rules)
    let own = logs.patterns.flatMap { OwnArchives(policy: policy).excluded(by: $0) }
    let others = logs.patterns.filter(\.hasWildcard).flatMap { earlier.around($0).map(\.pattern) }
    let exclude = (own + others).reduce(into: [LogPattern]()) { if !$0.contains($1) { $0.append($1) } }
    let name = unusedName(logs, &jobs)
    jobs.jobs.append(
      Job(
        name: name, logs: logs.patterns, exclude: exclude, schedule: meaning.schedule, sizeLimit: meaning.sizeLimit,
        policy: policy))
    jobs.places += logs.places
    if keepsTerms { jobs.terms[name] = LogrotateTerms(stanza, mail: removal.firstScript) }
    earlier.add(logs, isQuiet: stanza.settings.has(.ignoreduplicates))
  }

  /// Warns of each directive without an effect, once for each place.
  private func warn(_ stanza: LogrotateStanza, _ warned: inout Set<Position>) {
    for (directive, reason) in [(LogrotateDirective.nomissingok, ": a missing log is no error"), (.errors, "")] {
      guard let place = stanza.settings.places[directive], warned.insert(place).inserted else { continue }
      findings.warning("directive `\(directive.rawValue)` has no effect\(reason)", at: place)
    }
  }

  /// The logs that no earlier stanza has; the others are reported, unless the first says `ignoreduplicates`.
  private func unowned(_ logs: JobDraft.Logs, _ earlier: EarlierPatterns) -> JobDraft.Logs {
    var kept = JobDraft.Logs()
    for (pattern, place) in zip(logs.patterns, logs.places) {
      guard let first = earlier.owner(of: pattern) else {
        kept.patterns.append(pattern)
        kept.places.append(place)
        continue
      }
      guard !first.isQuiet else { continue }
      let how = first.pattern == pattern ? "" : " by \(Wording.quoted(first.pattern.text))"
      findings.warning(
        "\(Wording.quoted(pattern.text)) is rotated\(how) as \(findings.mention(first.place, at: place)) says: the first stanza "
          + "that has a log takes it", at: place, hint: "remove it here, or read this stanza before the other one")
    }
    return kept
  }

  /// A name for the job: the first of its logs, which stays when stanzas before it come and go.
  private func unusedName(_ logs: JobDraft.Logs, _ jobs: inout JobList) -> String {
    let text = logs.patterns[0].text.printable
    var name = text.utf8.count <= Limits.maxJobNameBytes - 12 ? text : String(text.prefix(60)) + "…"
    var number = 2
    while jobs.names[name] != nil {
      name = "\(text.prefix(60)) (\(number))"
      number += 1
    }
    jobs.names[name] = logs.places[0]
    return name
  }
}
