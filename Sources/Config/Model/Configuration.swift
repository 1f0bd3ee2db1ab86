package import Rotation
package import Timekeeping

/// The meaning of a config: its jobs, checked and complete.
package struct Configuration: Hashable, Sendable {
  /// In the order of the config.
  package var jobs: [Job]
  /// The settings of the daemon as a whole.
  package var daemon: DaemonSettings
  /// The SHA-256 of the bytes of its files in their order, in the form of `cat FILES | sha256sum`; empty if it has none.
  package var sha256 = ""
  /// What the stanzas of logrotate's language say beside their jobs, by the names of these; only where it was asked for.
  package var terms: [String: LogrotateTerms] = [:]

  package init(jobs: [Job], daemon: DaemonSettings = DaemonSettings()) {
    self.jobs = jobs
    self.daemon = daemon
  }
}

/// The settings of the daemon as a whole: the table `[daemon]`.
package struct DaemonSettings: Hashable, Sendable {
  /// Child processes that compress at a time; nil for one for each two processors.
  package var maxChildren: Int?
  /// Below this much free space of a file system, archives are removed, the oldest first; nil for never.
  package var keepFree: FreeSpace?
  /// Below this much free space, the operator is warned; nil for never.
  package var warnFree: FreeSpace?
  /// Commands that run when any problem begins.
  package var onFailure: [Command] = []
  /// Whether a changed config is read by itself; nil, which is no, where no config says so.
  package var watchesConfig: Bool?
  /// The file that gets the metrics each minute; nil for none.
  package var metricsFile: FilePath?
  /// The jobs that go on from where logrotate has stopped; nil for none.
  package var handover: LogrotateHandover?

  package init(maxChildren: Int? = nil, keepFree: FreeSpace? = nil, warnFree: FreeSpace? = nil) {
    self.maxChildren = maxChildren
    self.keepFree = keepFree
    self.warnFree = warnFree
  }
}

/// How jobs go on from where logrotate has stopped.
package struct LogrotateHandover: Hashable, Sendable {
  /// The state file of logrotate, with the last rotation of each log.
  package var state: FilePath
  /// The names of the jobs that are of its files and due by time.
  package var jobs: Set<String>

  package init(state: FilePath, jobs: Set<String>) {
    self.state = state
    self.jobs = jobs
  }
}

/// A bound on the free space of a file system.
package enum FreeSpace: Hashable, Sendable {
  case bytes(Int64)
  /// Hundredths of a percent of its size.
  case basisPoints(Int)
}

/// Facts of the system on which the meaning of a config depends. They are passed in, so that compiling stays pure.
package struct SystemFacts {
  package var accounts: Accounts
  /// The zone with a name of the IANA database; nil if there is none.
  package var zones: (String) -> Zone?
  /// The id of this machine, for `jitter` (machine-id(5)).
  package var machine: String
  /// Whether a program with this name or absolute path is installed.
  package var programs: (String) -> Bool

  package init(
    accounts: Accounts, zones: @escaping (String) -> Zone?, machine: String, programs: @escaping (String) -> Bool
  ) {
    self.accounts = accounts
    self.zones = zones
    self.machine = machine
    self.programs = programs
  }
}

/// The system's users and groups, passed in so that compiling a config stays pure (getpwnam(3), getgrnam(3)).
package struct Accounts {
  /// The id of a user name; nil if there is none.
  package var user: (String) -> UInt32?
  /// The id of a group name; nil if there is none.
  package var group: (String) -> UInt32?

  package init(user: @escaping (String) -> UInt32?, group: @escaping (String) -> UInt32?) {
    self.user = user
    self.group = group
  }
}
