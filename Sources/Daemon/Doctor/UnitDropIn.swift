internal import Config
package import Rotation

/// A drop-in for the unit of the daemon (systemd.unit(5)): a sandbox as narrow as a config allows.
///
/// It is as `systemd/strict.conf`, with the directories of the config. Commands of `before`, `notify` and `on-failure` are not
/// looked at: the unit runs them outside of its sandbox.
package struct UnitDropIn {
  /// What has to be known of files.
  package struct Files {
    /// A path without links in it; nil when nothing is there (realpath(3)).
    package var real: (FilePath) -> FilePath?
    /// The permission bits of a file; nil when nothing is there.
    package var mode: (FilePath) -> UInt32?

    package init(real: @escaping (FilePath) -> FilePath?, mode: @escaping (FilePath) -> UInt32?) {
      self.real = real
      self.mode = mode
    }
  }

  /// A directory that the daemon writes to.
  private struct Place {
    var path: FilePath
    /// Where it is, or would be, behind all links.
    var real: FilePath
    var isMissing: Bool
    var use: String
  }

  private let configuration: Configuration
  private let finder: LogFinder
  private let files: Files
  private var places: [Place] = []
  /// Where files are that the daemon only reads, behind all links.
  private var read: [FilePath] = []
  private var known: Set<FilePath> = []

  /// Looks for the directories of a config. `read` are directories that the daemon must see besides, such as those of the config;
  /// `state` is the state directory where it is not that of the unit.
  package init(_ dryRun: DryRun, read directories: [FilePath], state: FilePath?, files: Files) {
    (configuration, finder, self.files) = (dryRun.configuration, dryRun.finder, files)
    read = directories.map { Self.real($0, files).path }
    for job in configuration.jobs { addPatterns(of: job) }
    for (index, job) in configuration.jobs.enumerated() { addLinked(job, index) }
    if let file = configuration.daemon.metricsFile { add(file.split.directory, "the metrics") }
    if let state { add(state, "the state") }
  }

  // MARK: What the config needs

  /// The directories below which all logs of a job and their archives are, also those that are made later.
  private mutating func addPatterns(of job: Job) {
    for pattern in job.logs + (job.policy.retained?.patterns ?? []) {
      add(pattern.fixedDirectory, "logs of job \(job.name)")
      guard let archives = job.policy.archiveDirectory?.path else { continue }
      add(Self.directory(archives, beside: pattern), "archives of job \(job.name)")
    }
    for case .pidFile(let path, _) in job.policy.hooks { read.append(Self.real(path, files).path) }
    if let program = job.policy.compression?.command.first.map({ FilePath(bytes: $0.bytes) }), program.isAbsolute {
      read.append(Self.real(program, files).path)
    }
  }

  /// The directories that are elsewhere than their path says, because a link leads out of the one above.
  private mutating func addLinked(_ job: Job, _ index: Int) {
    for directory in finder.directories(of: job) where files.real(directory) != nil {
      add(directory, "logs of job \(job.name)")
      guard let archives = job.policy.archiveDirectory?.path, !archives.isAbsolute else { continue }
      let path = directory.resolving(archives)
      if files.real(path) != nil { add(path, "archives of job \(job.name)") }
    }
  }

  private mutating func add(_ path: FilePath, _ use: String) {
    guard known.insert(path).inserted else { return }
    let (real, isMissing) = Self.real(path, files)
    places.append(Place(path: path, real: real, isMissing: isMissing, use: use))
  }

  /// The directory below which the archives of a pattern's logs are: `..` leads up also from what a wildcard stands for.
  private static func directory(_ archives: FilePath, beside pattern: LogPattern) -> FilePath {
    if archives.isAbsolute { return archives }
    // A name that a wildcard stands for is nil.
    var names: [FileName?] = pattern.fixedDirectory.components
    names += Array(repeating: nil, count: pattern.components.count - 1)
    for name in archives.components where name != "." {
      if name == ".." { _ = names.popLast() } else { names.append(name) }
    }
    return names.prefix { $0 != nil }.reduce("/") { path, name in name.map(path.appending) ?? path }
  }

  /// Where a path leads; of a missing one, where it would be.
  private static func real(_ path: FilePath, _ files: Files) -> (path: FilePath, isMissing: Bool) {
    if let real = files.real(path) { return (real, false) }
    let (directory, name) = path.split
    guard directory != path, path.isAbsolute else { return (path, true) }
    return (Self.real(directory, files).path.appending(name), true)
  }

  // MARK: The text

  /// The lines of the file.
  package var lines: [String] {
    ["[Service]", "ProtectSystem=strict", "# In place of those of the unit:", "ReadWritePaths="] + writable + homes
      + temporary + setID + capabilities
  }

  /// The directories that no other contains, those above first.
  private var listed: [Place] {
    var listed: [Place] = []
    for place in places.sorted(by: { ($0.real.components.count, $0.path) < ($1.real.components.count, $1.path) })
    where !listed.contains(where: { !$0.isMissing && place.real.isAtOrBelow($0.real) }) { listed.append(place) }
    return listed.sorted { $0.path < $1.path }
  }

  private var writable: [String] {
    listed.flatMap { place -> [String] in
      // A path that no unit can name is written by the directory above it.
      var path = place.path
      while UnitPath.text(path) == nil { path = path.split.directory }
      var lines = ["# \(place.use.printable)"]
      if path != place.path { lines[0] += ": a unit cannot name \(place.path.printable), but the directory above it" }
      if place.isMissing { lines[0] += "; the directory is missing: when it was made, restart rotated" }
      if place.real == "/" { lines[0] += ": its pattern begins at the root, so that nothing is read-only" }
      let mark = place.isMissing ? "-" : ""
      return lines + ["ReadWritePaths=\(mark)\(UnitPath.text(path) ?? "/")"]
    }
  }

  private var homes: [String] {
    switch user(of: ["/home", "/root", "/run/user"]) {
    case nil: ["ProtectHome=yes"]
    case let path?: ["# Not hidden, because of \(path.printable):", "ProtectHome=read-only"]
    }
  }

  private var temporary: [String] {
    switch user(of: ["/tmp", "/var/tmp"]) {
    case nil: ["PrivateTmp=yes"]
    case let path?: ["# Not PrivateTmp=yes, because of \(path.printable)"]
    }
  }

  /// A path that is at or below one of these directories, or above one.
  private func user(of directories: [FilePath]) -> FilePath? {
    let paths = places.flatMap { [$0.real, $0.path] } + read
    return paths.first { path in
      directories.contains { path.isAtOrBelow($0) || path != "/" && $0.isAtOrBelow(path) }
    }
  }

  private var setID: [String] {
    guard let reason = firstSetID else { return ["RestrictSUIDSGID=yes"] }
    return ["# Not RestrictSUIDSGID=yes, because of the set-user-ID or set-group-ID bit of \(reason.printable)"]
  }

  private var firstSetID: String? {
    let bits: UInt32 = 0o6000
    for (index, job) in configuration.jobs.enumerated() {
      if case .create(let mode?, _, _) = job.policy.creation, mode & bits != 0 { return "job \(job.name)" }
      if let mode = job.policy.archiveDirectory?.mode, mode & bits != 0 { return "job \(job.name)" }
      for group in finder.find(job, index: index).groups {
        for name in group.names {
          let path = LogFinder.join(group.directory, name)
          if let mode = files.mode(path), mode & bits != 0 { return path.printable }
        }
      }
    }
    return nil
  }

  private var capabilities: [String] {
    let signals = configuration.jobs.contains { job in
      job.policy.hooks.contains { if case .pidFile = $0 { true } else { false } }
    }
    return (signals ? [] : ["# No job has a `pidfile`:", "CapabilityBoundingSet=~CAP_KILL"]) + [
      "# This would go further. Writers of other users then have no names in messages, and `truncate` loses what is written",
      "# while it truncates:", "#CapabilityBoundingSet=~CAP_SYS_PTRACE",
    ]
  }
}
