internal import Config
package import Control
package import Rotation
package import Timekeeping

extension DryRun {
  /// What is known of the config in force.
  package enum Running {
    /// All of it.
    case config(DryRun)
    /// What the daemon says that it has: its jobs, and the job of each log.
    case listed(jobs: [String], logs: [FilePath: String])
  }

  /// What would change if this config came into force instead of another. Nothing is changed.
  package func compared(to running: Running, at path: FilePath, now: WallTime) -> Wire.Comparison {
    var comparison = Wire.Comparison()
    comparison.running = path
    let former: [FilePath: String]
    // What the config in force removes at once is gone already, but for what it cannot remove.
    var known: Set<FilePath> = []
    switch running {
    case .config(let dryRun):
      let changes = JobChanges(from: dryRun.configuration.jobs, to: configuration)
      (comparison.added, comparison.changed, comparison.removed) = (changes.added, changes.changed, changes.removed)
      former = dryRun.logsByPath()
      known = Set(dryRun.retention(now: now).map(\.path))
    case .listed(let jobs, let logs):
      comparison.isPartial = true
      let names = configuration.jobs.map(\.name)
      comparison.added = names.filter { !jobs.contains($0) }
      comparison.removed = jobs.filter { !names.contains($0) }
      former = logs
    }
    let next = logsByPath()
    comparison.logs = Set(former.keys).union(next.keys).filter { former[$0] != next[$0] }.sorted()
      .map { Wire.LogChange($0, from: former[$0], to: next[$0]) }
    // A job with `retain` removes at its due times.
    let waiting = Set(configuration.jobs.filter { $0.policy.retained != nil }.map(\.name))
    for (removal, path) in retention(now: now) where !known.contains(path) && !waiting.contains(removal.archive.job) {
      var doomed = Wire.Doomed()
      (doomed.path, doomed.job, doomed.bytes) = (path, removal.archive.job, removal.archive.bytes)
      doomed.reason = removal.reason.description
      comparison.removals.append(doomed)
    }
    return comparison
  }

  /// The job of each log that is found.
  private func logsByPath() -> [FilePath: String] {
    var logs: [FilePath: String] = [:]
    for (index, job) in configuration.jobs.enumerated() {
      for group in finder.find(job, index: index).groups {
        for name in group.names { logs[LogFinder.join(group.directory, name)] = job.name }
      }
    }
    return logs
  }
}
