package import Rotation

/// What chattr(1) has set on a file.
package enum FileFlag: Hashable, Sendable {
  case immutable, appendOnly
}

/// What the checks of `rotatectl doctor` need to know of a directory.
package struct PlaceFacts: Hashable, Sendable {
  /// Permission bits.
  package var mode: UInt32 = 0o755
  package var user: UInt32 = 0
  /// Whether its file system is mounted read-only.
  package var isReadOnly = false
  /// Whether the user who asks may change names in it (access(2)).
  package var isWritable = true
  package var flag: FileFlag?
  /// The f_type of statfs(2).
  package var type: UInt32 = 0
  /// What was tried there on a file without a name; nil where that could not be tried.
  package var tried: TriedFacts?
  /// The type of its SELinux label: `var_log_t`; nil where it has none.
  package var label: String?

  package init() {}
}

/// What a file system has shown that it can do.
package struct TriedFacts: Hashable, Sendable {
  /// F_SETLEASE (fcntl(2)).
  package var leases: Bool
  /// FALLOC_FL_COLLAPSE_RANGE and FALLOC_FL_PUNCH_HOLE (fallocate(2)).
  package var cuts: TruncationSupport

  package init(leases: Bool, cuts: TruncationSupport) { (self.leases, self.cuts) = (leases, cuts) }
}

/// What they need to know of a log.
package struct LogFacts: Hashable, Sendable {
  package var flag: FileFlag?
  package var label: String?
  package var offsetWriters = OffsetWriters.none
  /// The processes that write to it: `pid 4711 (app)`.
  package var writers: [String] = []

  package init() {}
}

/// What they need to know of the machine and of the other programs on it. What could not be looked at is nil.
package struct HostFacts {
  /// The user who asks, and whose rights a daemon of that user would have.
  package var user: UInt32 = 0
  /// Whether a program of this name or path may be run.
  package var isInstalled: (String) -> Bool = { _ in true }
  /// fs.inotify.max_user_watches and max_user_instances (inotify(7)).
  package var inotify: (watches: Int64, instances: Int64)?
  /// Of the unit rotated.service; nil also where there is none.
  package var sandbox: UnitSandbox?
  /// Whether SELinux is there.
  package var hasLabels = false
  /// The config of logrotate.
  package var logrotate: [LogrotateFile] = []
  /// What runs logrotate: `logrotate.timer`; nil when nothing does.
  package var logrotateRunner: String?
  package var tmpfiles: [TmpfilesRule] = []
  /// The daemons that run, and the logs that each says it has.
  package var daemons: [(name: String, logs: Set<FilePath>)] = []
  /// The checks that could not be made, and why.
  package var skipped: [(check: String, reason: String)] = []

  package init() {}
}
