internal import Config
internal import Rotation

/// What a reload changes, by the names of jobs.
struct JobChanges {
  /// In the order of the config, as all of these.
  var added: [String] = []
  var changed: [String] = []
  var removed: [String] = []
  /// Whether some log may have another job now, or another limit on its size.
  var movesLogs = false
  var daemon: DaemonSettings

  /// Whether nothing has to be looked for anew.
  var keepsLogs: Bool { !movesLogs && added.isEmpty && removed.isEmpty }
}

/// A part of the daemon that goes by the config.
protocol Subsystem {
  /// Goes by this config from now on. It does not suspend: between two parts nothing runs that would see both configs.
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
  /// Whether it claims other logs than another job of its name, or is told of their sizes in another way.
  func claimsOtherwise(than other: Job) -> Bool {
    logs != other.logs || exclude != other.exclude || sizeLimit != other.sizeLimit
  }
}
