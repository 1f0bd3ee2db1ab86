import Rotation

/// Warns of what can be seen from the texts of the patterns alone: logs that two jobs claim, and patterns that match the
/// archives of a log.
struct ClaimWarnings {
  private let jobs: [Job]
  private let places: [Place]
  private let findings: Findings
  private let claims: Claims
  /// The index in `places` of the first log of each job.
  private let firstPlace: [Int]

  /// `places` has one place for every log of every job, in their order.
  init(jobs: [Job], places: [Place], findings: Findings) {
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
    // One warning for each pattern, about the first log that it meets: a pattern for a whole directory meets many.
    var shared: Set<Claims.Claim> = []
    var archives: Set<Claims.Claim> = []
    var texts: [FilePath: Claims.Claim] = [:]
    var warnings: [(Place, String, String?)] = []
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
        if let archive = archiveOfAnother(claim, pattern) { warnings.append(archive) }
        guard claims.hasPatterns else { continue }
        let archive = exampleArchive(of: pattern, job)
        if let taker = claims.claim(on: archive), claims.pattern(of: taker).hasWildcard,
          archives.insert(taker).inserted
        {
          warnings.append(ownArchives(taker, archive))
        }
      }
    }
    for warning in warnings.prefix(Limits.maxWarnings) {
      findings.warning(warning.1, at: warning.0, hint: warning.2)
    }
    if warnings.count > Limits.maxWarnings {
      let rest = warnings.count - Limits.maxWarnings
      findings.warning("there are \(rest) more warnings about claims", at: warnings[Limits.maxWarnings].0)
    }
  }

  private func sharedPath(
    _ path: FilePath, owner: Claims.Claim, _ other: Claims.Claim
  ) -> (Place, String, String?) {
    let isPattern = claims.pattern(of: other).hasWildcard
    let how = isPattern ? "\(text(other)) of \(name(other)) also matches" : "\(name(other)) also names"
    let why = isPattern ? "a plain path goes before a pattern" : "the first in the config has it"
    return (
      place(other), "\(how) \(Wording.quoted(path)), which \(name(owner)) has (line \(place(owner).line)): \(why)", nil
    )
  }

  private func samePattern(_ claim: Claims.Claim, _ first: Claims.Claim) -> (Place, String, String?) {
    (
      place(claim),
      "\(name(claim)) has the pattern \(text(claim)) of \(name(first)) (line \(place(first).line)), which has its logs: "
        + "the first in the config has them", nil
    )
  }

  private func ownArchives(_ taker: Claims.Claim, _ archive: FilePath) -> (Place, String, String?) {
    (
      place(taker), "\(text(taker)) also matches archives, such as \(Wording.quoted(archive))",
      "rotated never takes an archive of a log that it rotates for a log; narrow the pattern, for example with `*.log`"
    )
  }

  /// The absolute path of an archive that a log of the job may have.
  private func exampleArchive(of pattern: LogPattern, _ job: Job) -> FilePath {
    let (directory, log) = pattern.example.split
    return directory.resolving(job.policy.handling.archiveDirectory?.path).appending(job.policy.naming.example(of: log))
  }

  /// A plain path that is a version of a log which some job rotates: it would be moved by two.
  private func archiveOfAnother(_ claim: Claims.Claim, _ pattern: LogPattern) -> (Place, String, String?)? {
    guard !pattern.hasWildcard else { return nil }
    let (directory, file) = pattern.text.split
    guard
      let (log, key) = claims.families.log(
        ofArchive: file, in: directory, claims.jobs, owner: { claims.owner(of: $0) }),
      let owner = claims.claim(on: log)
    else { return nil }
    let what = if case .number(let number) = key { "version \(number)" } else { "an archive" }
    return (
      place(claim),
      "\(text(claim)) is \(what) of \(Wording.quoted(log)), which \(name(owner)) rotates: it is not taken for a log",
      "take it out; what rotated keeps of a log is that job's `keep`"
    )
  }

  private func name(_ claim: Claims.Claim) -> String { "job \(Wording.code(jobs[Int(claim.job)].name))" }

  private func text(_ claim: Claims.Claim) -> String { Wording.quoted(claims.pattern(of: claim).text) }

  private func place(_ claim: Claims.Claim) -> Place { places[firstPlace[Int(claim.job)] + Int(claim.log)] }
}
