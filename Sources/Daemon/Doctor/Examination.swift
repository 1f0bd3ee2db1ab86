internal import Config
package import Control
package import Rotation
package import Timekeeping

/// What the checks of `rotatectl doctor` look at: a config, the places and logs that it means now, and the machine.
package struct Examination {
  /// A directory that logs or archives lie in.
  struct Place {
    var path: FilePath
    var jobs: [String]
    var facts: PlaceFacts
  }

  /// A log that a job has. `facts` is nil when it is not there.
  struct Log {
    var path: FilePath
    var job: Job
    var facts: LogFacts?
    var archives: FilePath
  }

  let configuration: Configuration
  let dryRun: DryRun
  let host: HostFacts
  let now: WallTime
  /// The jobs that were asked for, or that have a log that was.
  private(set) var jobs: [Job] = []
  private(set) var places: [Place] = []
  private(set) var logs: [Log] = []
  /// What could not be looked into, by job.
  private(set) var failures: [(job: String, failure: LookFailure)] = []
  /// The logs that were asked for and that no job has.
  package private(set) var unknown: [FilePath] = []
  /// Whether all of the config is looked at.
  let isWhole: Bool

  /// Examines the jobs and logs with these names; all of them, if no name is given. `place` gives the facts about a directory, and
  /// `log` those about a log, on request with the processes that write to it. Both are nil for a path that does not exist.
  package init(
    _ dryRun: DryRun, _ host: HostFacts, now: WallTime, jobs wanted: [String], logs paths: [FilePath],
    place: (FilePath) -> PlaceFacts?, log: (_ path: FilePath, _ writers: Bool) -> LogFacts?
  ) {
    (configuration, self.dryRun, self.host, self.now) = (dryRun.configuration, dryRun, host, now)
    isWhole = wanted.isEmpty && paths.isEmpty
    let wantedPaths = Set(paths)
    var found: Set<FilePath> = []
    var order: [FilePath] = []
    var users: [FilePath: [String]] = [:]
    func use(_ path: FilePath, _ job: Job) {
      if users[path] == nil { order.append(path) }
      if users[path]?.last != job.name { users[path, default: []].append(job.name) }
    }
    for (index, job) in configuration.jobs.enumerated() {
      let all = isWhole || wanted.contains(job.name)
      let groups = dryRun.finder.find(job, index: index)
      let isTruncated = job.policy.method.cutsLog
      var count = 0
      for group in groups.groups {
        let archives = group.directory.resolving(job.policy.archiveDirectory?.path)
        for name in group.names {
          let path = LogFinder.join(group.directory, name)
          guard all || wantedPaths.contains(path) else { continue }
          found.insert(path)
          count += 1
          logs.append(Log(path: path, job: job, facts: log(path, isTruncated), archives: archives))
          use(group.directory, job)
          use(archives, job)
        }
      }
      if all { for directory in dryRun.finder.directories(of: job) { use(directory, job) } }
      guard all || count > 0 else { continue }
      jobs.append(job)
      failures += groups.failures.map { (job.name, $0) }
    }
    places = order.compactMap { path in place(path).map { Place(path: path, jobs: users[path] ?? [], facts: $0) } }
    unknown = paths.filter { !found.contains($0) }
  }

  /// The checks that could not be made, or not for all, and why.
  package var skipped: [(check: String, reason: String)] {
    let unseen = logs.filter { $0.job.policy.method.cutsLog && $0.facts?.offsetWriters == .unknown }.count
    guard unseen > 0 else { return host.skipped }
    return host.skipped + [
      (
        "appending",
        "the writers of \(unseen) truncated log\(unseen == 1 ? "" : "s") cannot be seen: run doctor as root"
      )
    ]
  }

  /// What the checks have found, the worst first.
  package func findings() -> [Wire.Finding] {
    let found = Self.checks.flatMap { name, check in
      check(self).map { finding in
        var finding = finding
        finding.check = name
        return finding
      }
    }
    let order: [Wire.Severity] = [.error, .warning, .notice]
    return order.flatMap { severity in found.filter { $0.severity == severity } }
  }

  /// All checks by name, in the order in which they are shown. To add one is to add a line.
  private static let checks: [(name: String, check: @Sendable (Examination) -> [Wire.Finding])] = [
    ("config", { $0.config() }),
    ("links", { $0.links() }),
    ("patterns", { $0.patterns() }),
    ("writable", { $0.writable() }),
    ("open-directories", { $0.openDirectories() }),
    ("file-system", { $0.fileSystems() }),
    ("flags", { $0.flags() }),
    ("appending", { $0.appending() }),
    ("labels", { $0.labels() }),
    ("programs", { $0.programs() }),
    ("inotify", { $0.watches() }),
    ("rotators", { $0.rotators() }),
    ("tmpfiles", { $0.tmpfiles() }),
  ]
}

extension Wire.Finding {
  /// One that gets the name of its check later.
  init(
    _ severity: Wire.Severity, job: String? = nil, path: FilePath? = nil, _ message: String, advice: String
  ) {
    self.init(severity, "", job: job, path: path, message, advice: advice)
  }
}
