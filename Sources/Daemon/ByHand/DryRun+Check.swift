internal import Config
internal import Rotation
package import Timekeeping

extension DryRun {
  /// Doubts about the config on this machine now, one sentence each: directories that do not exist, patterns that match
  /// nothing, rules that remove archives soon after they are made. Nothing is changed.
  package func doubts(now: WallTime) -> [String] {
    doubtsByJob(now: now).map { "job \($0.job): \($0.doubt)" }
  }

  /// The same, each with its job.
  func doubtsByJob(now: WallTime) -> [(job: String, doubt: String)] {
    configuration.jobs.enumerated().flatMap { index, job in
      if job.policy.retained != nil { return retainedDoubts(of: job, now: now).map { (job.name, $0) } }
      let doubts = places(of: job, finder.find(job, index: index)) + removals(of: job, at: index, now: now)
      return doubts.map { (job.name, $0) }
    }
  }

  private func places(of job: Job, _ found: FoundLogs) -> [String] {
    var missing: [FilePath] = []
    var doubts: [String] = []
    for failure in found.failures where failure.errno == .noEntry { missing.append(failure.path) }
    for pattern in job.logs where !pattern.hasWildcard {
      do throws(Errno) {
        _ = try fileSystem.openDirectory(LogFinder.split(pattern.text).directory)
      } catch  where error == .noEntry {
        missing.append(LogFinder.split(pattern.text).directory)
      } catch {
        // The user who checks may lack rights that the daemon has.
      }
    }
    var said: Set<FilePath> = []
    for path in missing where said.insert(path).inserted {
      doubts.append("there is no directory \(path.printable)")
    }
    for pattern in job.logs where pattern.hasWildcard && found.failures.isEmpty {
      let isMatched = found.groups.contains { group in
        group.names.contains { pattern.matches(path: LogFinder.join(group.directory, $0)) }
      }
      if !isMatched { doubts.append("\"\(pattern.text.printable)\" matches no log now") }
    }
    return doubts
  }

  /// A `keep` of 0, a `max-age` below a day, and a `max-total` that is exceeded now.
  private func removals(of job: Job, at index: Int, now: WallTime) -> [String] {
    let age = job.policy.maxAge.flatMap { $0 < .seconds(86_400) ? $0 : nil }
    guard job.policy.keep == 0 || age != nil || job.policy.maxTotal != nil else { return [] }
    let scan = ArchiveScan(fileSystem: fileSystem, claimed: claimed, state: state)
    var tally = RemovalTally(job.policy, now: now)
    _ = visit([index], alsoGone: true) { _, group, directory in
      guard let place = try? place(group, in: directory, job.policy) else { return }
      for name in group.names {
        guard let found = try? scan.read(name, of: job, in: place) else { continue }
        tally.add(found)
      }
    }
    var doubts: [String] = []
    if job.policy.keep == 0 {
      doubts.append(
        "`keep` is 0, so \(job.policy.method == .copy ? "each copy is removed" : "the content of a log is dropped when it is rotated"); would remove \(tally.count(.keep).description) now"
      )
    }
    if let age {
      doubts.append(
        "`max-age` is \(TimeSpan.describe(age)), which is less than a day; would remove \(tally.count(.age(age)).description) now"
      )
    }
    if let most = job.policy.maxTotal {
      let count = tally.count(.total(most))
      guard count.archives > 0 else { return doubts }
      doubts.append("`max-total` is \(ByteSize.describe(most)); would remove \(count.description) now")
    }
    return doubts
  }
}
