import Rotation

extension DocumentCompiler {
  /// Reports what contradicts `retain` in the table of a job, and patterns that take in too much.
  func checkRetain(_ draft: JobDraft, _ table: Int, _ owner: Owner) {
    for position in draft.given where !KeySet.withRetain.contains(position) {
      let key = Tables.job.keys[position]
      guard !key.isSame(draft, .builtIn), let child = reader.child(of: table, key.name) else { continue }
      findings.error(
        "\(owner) has `\(key.name)` with `retain`: such a job rotates nothing, and only removes files",
        at: document.nodes[child].keyPlace, hint: "make another job for logs that rotated is to rotate")
    }
    if !draft.given.meets(KeySet(["keep", "max-age", "max-total"])) {
      findings.error(
        "\(owner) has `retain` without `keep`, `max-age` or `max-total`, so it removes nothing",
        at: document.nodes[table].keyPlace, hint: "add the rule to the job itself, as none of `[defaults]` counts here")
    }
    refuseNone("keep", draft.given.meets(.keep) && draft.rules.keep == 0, table, owner)
    refuseNone("keep-min", draft.given.meets(.keepMin) && draft.rules.keepMin == 0, table, owner)
    for (pattern, place) in zip(draft.retain.patterns, draft.retain.places) { check(pattern, place) }
  }

  /// Reports a rule that would remove the newest file of a group too.
  private func refuseNone(_ key: String, _ isNone: Bool, _ table: Int, _ owner: Owner) {
    guard isNone, let child = reader.child(of: table, key) else { return }
    findings.error(
      "\(owner) has `\(key) = 0` with `retain`: the newest file, which its program may still write, always stays",
      at: document.nodes[child].place, hint: "write 1 or more")
  }

  private func check(_ pattern: LogPattern, _ place: Position) {
    let text = Wording.quoted(pattern.text)
    guard pattern.hasWildcard, pattern.components.last?.literal == nil else {
      return findings.error(
        "\(text) is one file in a directory: the newest of its group, which always stays", at: place,
        hint: "`retain` needs a pattern for the files of a series: \"/var/log/postgresql/*.log\"")
    }
    if pattern.components.last?.hasLiteral == false {
      findings.error(
        "\(text) takes in every file of a directory, whatever its name", at: place,
        hint: "a pattern of `retain` needs a part of the name: `*.log`, `core.*`")
    }
    if pattern.fixedDirectory == "/" {
      findings.error(
        "\(text) takes in files of every directory below the root directory", at: place,
        hint: "a pattern of `retain` begins with the path of a directory: \"/var/log/…\"")
    }
  }
}

/// Refuses `retain` of files that another job has.
struct RetainChecks {
  let jobs: JobList
  let findings: Findings

  func report() {
    guard !jobs.retaining.isEmpty else { return }
    let claims = Claims(Configuration(jobs: jobs.jobs))
    // The plain paths in each directory.
    var plain: [FilePath: [(log: FilePath, job: String)]] = [:]
    for job in jobs.jobs {
      for log in job.logs where !log.hasWildcard {
        plain[log.text.split.directory, default: []].append((log.text, job.name))
      }
    }
    var texts: [FilePath: Position] = [:]
    for (job, places) in jobs.retaining {
      for (pattern, place) in zip(job.policy.retained?.patterns ?? [], places) {
        if let first = texts.updateValue(place, forKey: pattern.text) {
          findings.error(
            "\(Wording.quoted(pattern.text)) is already in a `retain` (\(findings.mention(first, at: place)))",
            at: place)
        }
        let inOneDirectory = pattern.components.count == 1
        let named = inOneDirectory ? plain[pattern.fixedDirectory]?.first { takes(job, pattern, $0.log) } : nil
        if let named {
          refuse(pattern, named.log, of: named.job, place)
        } else if let owner = claims.owner(of: pattern.example), takes(job, pattern, pattern.example) {
          refuse(pattern, pattern.example, of: jobs.jobs[owner].name, place)
        }
      }
    }
  }

  private func takes(_ job: Job, _ pattern: LogPattern, _ path: FilePath) -> Bool {
    pattern.matches(path: path) && !job.exclude.contains { $0.matches(path: path) }
  }

  private func refuse(_ pattern: LogPattern, _ log: FilePath, of other: String, _ place: Position) {
    findings.error(
      "\(Wording.quoted(pattern.text)) matches \(Wording.quoted(log)), which is a log of job \(Wording.code(other))",
      at: place, hint: "exclude it, or use a pattern that matches only files that rotated does not rotate")
  }
}
