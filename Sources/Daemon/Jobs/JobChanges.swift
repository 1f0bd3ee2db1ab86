internal import Config
internal import Rotation

/// What a reload changes, by job name.
struct JobChanges {
  /// All three lists are in the order of the config.
  var added: [String] = []
  var changed: [String] = []
  var removed: [String] = []
  /// Whether a log may have another job now, or another size limit.
  var movesLogs = false
  var daemon: DaemonSettings

  /// What another config makes of the jobs of one.
  init(from former: [Job], to next: Configuration) {
    daemon = next.daemon
    let positions = Dictionary(uniqueKeysWithValues: former.enumerated().map { ($1.name, $0) })
    for (position, job) in next.jobs.enumerated() {
      guard let old = positions[job.name] else {
        added.append(job.name)
        continue
      }
      movesLogs = movesLogs || old != position || former[old].claimsOtherwise(than: job)
      if former[old] != job { changed.append(job.name) }
    }
    let names = Set(next.jobs.map(\.name))
    removed = former.map(\.name).filter { !names.contains($0) }
  }

  /// Whether the logs need not be searched again.
  var keepsLogs: Bool { !movesLogs && added.isEmpty && removed.isEmpty }
}

/// A part of the daemon that depends on the config.
protocol Subsystem {
  /// Follows this config from now on. It does not suspend: nothing runs between two parts, so nothing sees both
  /// configs.
  func adopt(_ registry: JobRegistry, _ changes: JobChanges)
}

extension StateStore: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) {
    forgetJobs(except: registry.names)
  }
}

extension ClaimedNames: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) { claims = registry.claims }
}

extension Rotator: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) { adopt(registry.claims) }
}

extension Housekeeper: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) {
    forget(jobs: changes.removed)
    for name in changes.changed {
      if let job = registry[name]?.job { change(job: name, policy: job.policy) }
    }
    children.change(limit: Self.childLimit(changes.daemon, platform))
  }

  /// How many children may compress at a time.
  static func childLimit(_ settings: DaemonSettings, _ platform: Platform) -> Int {
    settings.maxChildren ?? max(1, platform.processors / 2)
  }
}

extension SizeWatch: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) {
    adopt(registry, rescans: !changes.keepsLogs)
  }
}

extension Runs: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) { self.registry = registry }
}

extension Notifier: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) { self.registry = registry }
}

extension WriterChecks: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) { self.registry = registry }
}

extension SpaceWatch: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) { settings = changes.daemon }
}

extension Activity: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) { forget(changes.removed) }
}

extension StatusBoard: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) {
    jobs = registry.runtimes.count
  }
}

extension Problems: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) {
    for name in changes.removed { forget(job: name, Concern.ofJobs) }
    for name in changes.changed { forget(job: name, Concern.ofRuns) }
  }
}

extension Job {
  /// Whether it claims other logs than another job of the same name, or has another size limit.
  func claimsOtherwise(than other: Job) -> Bool {
    logs != other.logs || exclude != other.exclude || sizeLimit != other.sizeLimit
  }
}
