internal import Config
package import Rotation

extension ManualTurn {
  /// What became of a turn with all that belongs to it.
  package struct Results {
    /// Each log's outcome.
    package var outcomes: [(job: String, path: FilePath, outcome: Outcome)] = []
    /// What could not be looked into.
    package var failures: [Outcome.Failure] = []
    /// Each notice with what went wrong, nil for a success, and the number of logs that it was about.
    package var hooks: [(hook: Hook, logs: Int, failure: String?)] = []
    /// Commands of `before` that have failed; nothing of their jobs was rotated.
    package var refusals: [(job: String, command: Command, failure: String)] = []

    package init() {}
  }

  /// Rotates every log of the named jobs now, due or not, after the commands of `before`, and tells writers once. What could
  /// not be told stays known to the state, and the daemon tells it at its next start.
  package func take(_ names: [String], with rotator: Rotator, on platform: Platform) async -> Results {
    var results = Results()
    var notified: [(hook: Hook, logs: [RotatedLog])] = []
    let notifier = Notifier(platform: platform)
    let truncator = Truncator(fileSystem: platform.fileSystem, loop: platform.loop, rotator: rotator)
    let claims = Claims(configuration)
    rotator.adopt(claims)
    for (index, job) in configuration.jobs.enumerated() where names.contains(job.name) {
      if let refusal = await prepare(job, rotator, notifier.runner) {
        results.refusals.append((job.name, refusal.command, refusal.failure))
        continue
      }
      let (outcomes, failures) = await rotate([job.name], with: rotator, truncator)
      results.outcomes += outcomes
      results.failures += failures
      var logs = Self.rotatedLogs(rotator.takeOwed(), outcomes, job.name)
      logs += owed(to: job, index, claims, rotator, besides: logs)
      guard !logs.isEmpty else { continue }
      for hook in job.policy.hooks {
        if let index = notified.firstIndex(where: { $0.hook == hook }) {
          notified[index].logs += logs.filter { !notified[index].logs.contains($0) }
        } else {
          notified.append((hook, logs))
        }
      }
    }
    var owed: Set<RotatedLog> = []
    for (hook, logs) in notified {
      let failure = await notifier.send(hook, logs, isLate: false)
      results.hooks.append((hook, logs.count, failure))
      if failure != nil { owed.formUnion(logs) }
    }
    let done = Set(notified.flatMap(\.logs)).subtracting(owed)
    rotator.state.record(done.map { .notified(log: LogFinder.join($0.directory, $0.name), inode: $0.inode) })
    return results
  }

  /// Runs what comes before the rotation of a job that has something to rotate; nil when all is well.
  private func prepare(
    _ job: Job, _ rotator: Rotator, _ runner: CommandRunner
  ) async -> (command: Command, failure: String)? {
    guard !job.policy.before.isEmpty else { return nil }
    var isAnyDue = false
    _ = visit([job.name]) { job, group, directory in
      isAnyDue =
        isAnyDue
        || group.names.contains { name in
          do throws(Outcome.Failure) {
            let listing = group.listing
            return try rotator.isDue(name, in: directory, listing: listing, policy: job.policy, cause: .byHand)
          } catch {
            // The turn looks again, and may find it due.
            return true
          }
        }
    }
    guard isAnyDue else { return nil }
    for command in job.policy.before {
      let failure = await runner.run(
        command, limit: Limits.beforeLimit, environment: ["ROTATED_JOB": ExactText(job.name)], jobs: [job.name])
      if let failure { return (command, failure) }
    }
    return nil
  }

  /// Rotations of this job's logs whose writers an earlier turn has not told, since it was cut off or its notice failed.
  private func owed(
    to job: Job, _ index: Int, _ claims: Claims, _ rotator: Rotator, besides known: [RotatedLog]
  ) -> [RotatedLog] {
    guard !job.policy.hooks.isEmpty else { return [] }
    let found = Set(known.map { StateRecord.notified(log: LogFinder.join($0.directory, $0.name), inode: $0.inode) })
    var owed: [RotatedLog] = []
    for (path, inodes) in rotator.state.owed.sorted(by: { $0.key < $1.key }) where claims.owner(of: path) == index {
      let (directory, name) = LogFinder.split(path)
      for inode in inodes where !found.contains(.notified(log: path, inode: inode)) {
        let archive = rotator.reader.archive(of: inode, job.policy, name, in: directory) ?? FilePath(name)
        owed.append(RotatedLog(job: job.name, directory: directory, name: name, archive: archive, inode: inode))
      }
    }
    return owed
  }

  private static func rotatedLogs(
    _ owed: [(path: FilePath, inode: UInt64)], _ outcomes: [(job: String, path: FilePath, outcome: Outcome)],
    _ job: String
  ) -> [RotatedLog] {
    owed.map { path, inode in
      let (directory, name) = LogFinder.split(path)
      var archive = FilePath(name)
      for outcome in outcomes where outcome.path == path {
        switch outcome.outcome {
        case .rotated(let rotated): archive = rotated.archive
        case .settled(let settled): archive = settled ?? archive
        case .skipped, .failed: break
        }
      }
      return RotatedLog(job: job, directory: directory, name: name, archive: archive, inode: inode)
    }
  }
}
