package import Rotation

/// Which job has a log if several match it: a plain path takes precedence over a pattern, a pattern with a longer fixed
/// prefix over one with a shorter prefix, and an earlier job in the config over a later one. A job does not claim what
/// it excludes.
///
/// The time of a lookup depends on the length of the path, not on the number of jobs, if the patterns differ before
/// their first wildcard.
package struct Claims: Sendable {
  /// The job that claims a log, and the entry of its `logs`.
  package struct Claim: Hashable, Sendable {
    package var job: Int32
    var log: Int32
  }

  /// The part of a job that decides its claims. The daemon keeps it for each of up to a hundred thousand jobs.
  struct Claimer {
    var logs: [LogPattern]
    var exclude: [LogPattern]
    var policy: Policy

    init(_ job: Job) {
      logs = job.logs
      exclude = job.exclude
      policy = job.policy
    }
  }

  let jobs: [Claimer]
  let namespaces: ArchiveNamespaces
  /// Plain paths, with their claims.
  private var paths = Claimants()
  /// Fixed prefixes of patterns, with the claims of these patterns.
  private var prefixes = Claimants()
  /// The lengths of these prefixes in bytes, longest first.
  private var prefixLengths: [Int] = []

  /// Takes the claims of all jobs of a configuration.
  package init(_ configuration: Configuration) {
    jobs = configuration.jobs.map(Claimer.init)
    namespaces = ArchiveNamespaces(jobs)
    var lengths: Set<Int> = []
    for (index, job) in jobs.enumerated() {
      for (log, pattern) in job.logs.enumerated() {
        let claim = Claim(job: Int32(index), log: Int32(log))
        let prefix = pattern.fixedPrefix
        if pattern.hasWildcard {
          lengths.insert(prefix.bytes.count)
          prefixes.add(claim, prefix)
        } else {
          paths.add(claim, prefix)
        }
      }
    }
    prefixLengths = lengths.sorted(by: >)
  }

  /// The index of the job that has the log at an absolute path; nil if none claims it.
  package func owner(of path: FilePath) -> Int? { claim(on: path).map { Int($0.job) } }

  /// The claim that decides; nil if there is none.
  func claim(on path: FilePath) -> Claim? {
    if let claim = paths.first(path, where: { !excludes($0, path) }) { return claim }
    for prefix in beginnings(of: path) {
      if let claim = prefixes.first(prefix, where: { matches($0, path) }) { return claim }
    }
    return nil
  }

  /// All claims on a path, first the one that decides.
  package func claims(on path: FilePath) -> [Claim] {
    var found = paths.all(path).filter { !excludes($0, path) }
    for prefix in beginnings(of: path) {
      found += prefixes.all(prefix).filter { matches($0, path) }
    }
    return found
  }

  /// Whether any job has a pattern.
  var hasPatterns: Bool { !prefixLengths.isEmpty }

  /// Whether several claims may meet on one plain path.
  func isContested(_ path: FilePath) -> Bool { hasPatterns || paths.all(path).count > 1 }

  /// The pattern of a claim.
  package func pattern(of claim: Claim) -> LogPattern { jobs[Int(claim.job)].logs[Int(claim.log)] }

  /// The index of a job whose `logs` match a path and whose `exclude` does, too; nil if there is none.
  package func excluder(of path: FilePath) -> Int? {
    let found = paths.all(path) + beginnings(of: path).flatMap { prefixes.all($0) }
    return found.first { pattern(of: $0).matches(path: path) && excludes($0, path) }.map { Int($0.job) }
  }

  private func matches(_ claim: Claim, _ path: FilePath) -> Bool {
    pattern(of: claim).matches(path: path) && !excludes(claim, path)
  }

  private func excludes(_ claim: Claim, _ path: FilePath) -> Bool {
    jobs[Int(claim.job)].exclude.contains { $0.matches(path: path) }
  }

  /// The prefixes of a path that are as long as a fixed prefix, longest first.
  private func beginnings(of path: FilePath) -> some Sequence<FilePath> {
    let bytes = path.bytes
    return prefixLengths.lazy.filter { $0 <= bytes.count }.map { FilePath(bytes: Array(bytes[..<$0])) }
  }
}

/// Claims by the text that they share, in the order of the config. Nearly all texts have one claim, which needs no
/// array of its own.
private struct Claimants {
  private var firsts: [FilePath: Claims.Claim] = [:]
  private var others: [FilePath: [Claims.Claim]] = [:]

  mutating func add(_ claim: Claims.Claim, _ key: FilePath) {
    if firsts[key] == nil { firsts[key] = claim } else { others[key, default: []].append(claim) }
  }

  func all(_ key: FilePath) -> [Claims.Claim] {
    guard let first = firsts[key] else { return [] }
    return [first] + (others[key] ?? [])
  }

  func first(_ key: FilePath, where decides: (Claims.Claim) -> Bool) -> Claims.Claim? {
    guard let first = firsts[key] else { return nil }
    return decides(first) ? first : others[key]?.first(where: decides)
  }
}
