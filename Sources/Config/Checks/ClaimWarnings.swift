import Rotation

/// Reports what follows from the texts of the patterns alone: logs that two jobs claim, and names that are both a log
/// and an archive. For a plain path the latter is an error; for a pattern it is a warning.
struct ClaimWarnings {
  private let jobs: [Job]
  private let places: [Position]
  private let findings: Findings
  private let claims: Claims
  /// The index in `places` of the first log of each job.
  private let firstPlace: [Int]

  /// `places` has one position for every log of every job, in their order.
  init(jobs: [Job], places: [Position], findings: Findings) {
    self.jobs = jobs
    self.places = places
    self.findings = findings
    self.claims = Claims(Configuration(jobs: jobs))
    var next = 0
    self.firstPlace = jobs.map { job in
      defer { next += job.logs.count }
      return next
    }
  }

  /// Reports up to `Limits.maxWarnings` findings, and how many more there are.
  func report() {
    // One warning for each pattern, about the first log that it matches: a pattern for a whole directory matches many.
    var shared: Set<Claims.Claim> = []
    var archives: Set<Claims.Claim> = []
    var texts: [FilePath: Claims.Claim] = [:]
    var warnings: [(Position, String, String?)] = []
    var errors: [(Position, String, String?)] = []
    for (index, job) in jobs.enumerated() {
      for (log, pattern) in job.logs.enumerated() {
        let claim = Claims.Claim(job: Int32(index), log: Int32(log))
        if pattern.hasWildcard {
          let first = texts[pattern.text]
          if let first, first.job != claim.job { warnings.append(samePattern(claim, first)) }
          if first == nil { texts[pattern.text] = claim }
        } else if claims.isContested(pattern.text) {
          let all = claims.claims(on: pattern.text)
          for other in all.dropFirst()
          where other.job != all[0].job && shared.insert(other).inserted {
            warnings.append(sharedPath(pattern.text, owner: all[0], other))
          }
        }
        if let archive = archiveOfAnother(claim, pattern) { errors.append(archive) }
        guard claims.hasPatterns else { continue }
        let archive = exampleArchive(of: pattern, job)
        if let taker = claims.claim(on: archive), claims.pattern(of: taker).hasWildcard,
          archives.insert(taker).inserted
        {
          warnings.append(twoReadings(taker, archive, of: claim, pattern))
        }
      }
    }
    for error in errors.prefix(Limits.maxWarnings) { findings.error(error.1, at: error.0, hint: error.2) }
    for warning in warnings.prefix(Limits.maxWarnings) {
      findings.warning(warning.1, at: warning.0, hint: warning.2)
    }
    if warnings.count > Limits.maxWarnings {
      let rest = warnings.count - Limits.maxWarnings
      findings.warning(
        "\(rest) more warnings about logs of several jobs are not shown", at: warnings[Limits.maxWarnings].0)
    }
  }

  private func sharedPath(
    _ path: FilePath, owner: Claims.Claim, _ other: Claims.Claim
  ) -> (Position, String, String?) {
    let isPattern = claims.pattern(of: other).hasWildcard
    let how = isPattern ? "\(text(other)) of \(name(other)) also matches" : "\(name(other)) also names"
    let why = isPattern ? "a plain path takes precedence over a pattern" : "the first job in the config takes it"
    return (
      place(other),
      "\(how) \(Wording.quoted(path)), which belongs to \(name(owner)) (\(mention(owner, at: other))): \(why)",
      nil
    )
  }

  private func samePattern(_ claim: Claims.Claim, _ first: Claims.Claim) -> (Position, String, String?) {
    (
      place(claim),
      "\(name(claim)) has the same pattern \(text(claim)) as \(name(first)) (\(mention(first, at: claim))): "
        + "the first job in the config takes its logs", nil
    )
  }

  private func twoReadings(
    _ taker: Claims.Claim, _ archive: FilePath, of claim: Claims.Claim, _ pattern: LogPattern
  ) -> (Position, String, String?) {
    (
      place(taker),
      "\(text(taker)) matches \(Wording.quoted(archive)) as a log, and \(name(claim)) gives that name to an archive of "
        + "\(Wording.quoted(pattern.example)): a file with such a name is not rotated, and it is moved, compressed or "
        + "removed only if the state says that a rotation made it",
      "if such names are archives, give \(name(taker)) `exclude = \"\(archivePattern(archive, of: claim).printable)\"`; "
        + "if they are logs, give \(name(claim)) an `archive-dir`"
    )
  }

  /// A pattern for the archives that a job makes in the directory of one of them: `/var/log/*.[0-9]*.log`.
  private func archivePattern(_ archive: FilePath, of claim: Claims.Claim) -> FilePath {
    let policy = jobs[Int(claim.job)].policy
    let pattern = claims.pattern(of: claim)
    let directory =
      policy.archiveDirectory == nil ? pattern.text.split.directory : archive.split.directory
    let log = pattern.example.split.name.bytes
    let dot = log.lastIndex(of: UInt8(ascii: "."))
    let name = policy.naming.example(of: FileName([UInt8(ascii: "*")] + (dot.map { log[$0...] } ?? []))).bytes
    // The part in which archives differ begins with the first digit and ends with the last.
    guard let first = name.firstIndex(where: \.isDigit), let last = name.lastIndex(where: \.isDigit) else {
      return archive
    }
    // A date is written digit by digit, because logs whose names end in a number may have the same text before it.
    let digits = policy.naming.isDated ? name[first...last] : name[first...first]
    let signs = digits.flatMap { $0.isDigit ? Array("[0-9]".utf8) : [$0] }
    return directory.appending(
      FileName(Array(name[..<first]) + signs + [UInt8(ascii: "*")] + Array(name[(last + 1)...])))
  }

  /// The absolute path of an archive that a log of the job may have.
  private func exampleArchive(of pattern: LogPattern, _ job: Job) -> FilePath {
    let (directory, log) = pattern.example.split
    return directory.resolving(job.policy.archiveDirectory?.path).appending(job.policy.naming.example(of: log))
  }

  /// A plain path that is an archive of a log of some job: lines of one would be removed as those of the other.
  private func archiveOfAnother(_ claim: Claims.Claim, _ pattern: LogPattern) -> (Position, String, String?)? {
    guard !pattern.hasWildcard else { return nil }
    let (directory, file) = pattern.text.split
    guard
      let (log, key) = claims.namespaces.log(
        ofArchive: file, in: directory, claims.jobs, owner: { claims.owner(of: $0) }),
      let owner = claims.claim(on: log)
    else { return nil }
    let what = if case .number(let number) = key { "version \(number)" } else { "an archive" }
    return (
      place(claim),
      "\(text(claim)) has two meanings: a log of \(name(claim)), and \(what) of \(Wording.quoted(log)), which "
        + "\(name(owner)) rotates",
      "if it is an archive, remove this path; if it is a log, give \(name(owner)) an `archive-dir` or other `archive-names`"
    )
  }

  private func name(_ claim: Claims.Claim) -> String { "job \(Wording.code(jobs[Int(claim.job)].name))" }

  private func text(_ claim: Claims.Claim) -> String { Wording.quoted(claims.pattern(of: claim).text) }

  private func mention(_ claim: Claims.Claim, at other: Claims.Claim) -> String {
    findings.mention(place(claim), at: place(other))
  }

  private func place(_ claim: Claims.Claim) -> Position { places[firstPlace[Int(claim.job)] + Int(claim.log)] }
}
