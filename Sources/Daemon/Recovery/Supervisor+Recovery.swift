import Config
import EventLoop
import Rotation
import Timekeeping

extension Supervisor {
  /// How long the service manager is asked to wait for each further stretch of recovery, and how often.
  private static let extension_ = (ask: UInt64(30_000_000), every: Span.seconds(5))

  /// Settles every rotation that was begun and not ended, of every log of these jobs: those that the state knows of,
  /// and those that have left a file under a staging name. Each directory is listed once, however many logs it has.
  func recover(_ names: Set<String>) async {
    let registry = registry
    var directories: [FilePath: Set<FileName>] = [:]
    var archives: [FilePath: Set<ArchiveDirectory>] = [:]
    var order: [FilePath] = []
    for (index, runtime) in registry.runtimes.enumerated() where names.contains(runtime.name) {
      if index % Self.slice == Self.slice - 1 { await platform.loop.yield() }
      for path in registry.directories(of: runtime.job) {
        if directories.updateValue([], forKey: path) == nil { order.append(path) }
        if let other = runtime.job.policy.archiveDirectory { archives[path, default: []].insert(other) }
      }
    }
    for path in state.emptied.keys {
      let (directory, name) = LogFinder.split(path)
      if directories[directory] != nil { directories[directory]?.insert(name) }
    }
    for path in Set(state.openIntents.keys).union(state.openTruncations.keys).sorted() {
      let (directory, name) = LogFinder.split(path)
      if directories[directory]?.insert(name) == nil, registry.owner(of: path) == nil {
        platform.report(
          Report(.note, .warning, "a rotation of \(path.printable) was interrupted, and no job has that log now"))
      }
    }
    var lastAsked = platform.loop.now()
    let formers = formerNames(of: names, registry)
    for path in order {
      if let former = formers[path], let directory = try? platform.fileSystem.openDirectory(path) {
        await settle(former, in: directory, registry)
      }
      await recover(path, known: directories[path] ?? [], archives[path] ?? [], of: names, registry)
      await platform.loop.yield()
      if isStopping { return }
      if platform.loop.now() >= lastAsked.advanced(by: Self.extension_.every) {
        lastAsked = platform.loop.now()
        platform.serviceManager.notify(.extendTimeout(microseconds: Self.extension_.ask))
      }
    }
  }

  /// The hidden names of archives that a compression or a transfer has left in a directory when it was cut off, by log; `belongs`
  /// says whose archives may be there.
  func hidden(
    _ entries: [DirectoryEntry], in directory: OpenDirectory, _ role: DirectoryRole,
    of belongs: (FileName) -> (log: FilePath, job: Job)?
  ) -> [FilePath: [Location]] {
    var found: [FilePath: [Location]] = [:]
    for entry in entries {
      guard let archive = StagingName.supersededArchive(of: entry.name) ?? StagingName.outputArchive(of: entry.name),
        let (log, job) = belongs(archive)
      else { continue }
      directory.actsAsOwner = job.policy.actsAsOwner
      guard isOurs(entry.name, archive, of: log, in: directory, job) else { continue }
      found[log, default: []].append(Location(entry.name, in: role))
    }
    return found
  }

  /// Whether a file under a hidden name of an archive was left by a compression, and not put there by others: a regular file
  /// with the owner of the log's files or of the compressed copy.
  private func isOurs(
    _ name: FileName, _ archive: FileName, of log: FilePath, in directory: OpenDirectory, _ job: Job
  ) -> Bool {
    let disk = platform.fileSystem
    // What cannot be looked at is reported by whoever settles it.
    guard let found = try? disk.status(of: name, in: directory) else { return true }
    var owners = disk.owners(of: try? disk.look(at: log), in: directory, job.policy)
    for suffix in job.policy.naming.suffixes {
      if let copy = try? disk.status(of: "\(archive)\(suffix)", in: directory) { owners.insert(copy.user) }
    }
    guard found.kind != .regular || !owners.contains(found.user) else { return true }
    let foreign = Foreign(name: name, kind: found.kind, user: found.user)
    let message = "job \(job.name): \(log.printable): \(foreign) is not a file of rotated: it is left alone"
    platform.report(Report(.note, .warning, message, job: job.name, log: log))
    return false
  }

  /// Settles the logs of one directory: those named, and those with a staging file. What cannot be looked into now
  /// is reported by the job's own run.
  private func recover(
    _ path: FilePath, known: Set<FileName>, _ archives: Set<ArchiveDirectory>, of names: Set<String>,
    _ registry: JobRegistry
  ) async {
    let disk = platform.fileSystem
    guard let directory = try? disk.openDirectory(path), let listing = try? disk.openListing(of: directory) else {
      return
    }
    func owner(_ archive: FileName, in place: OpenDirectory) -> (log: FilePath, job: Job)? {
      guard let log = registry.log(ofArchive: archive, in: place.path), LogFinder.split(log).directory == path,
        let runtime = registry.owner(of: log), names.contains(runtime.name)
      else { return nil }
      return (log, runtime.job)
    }
    var (staged, hidden): (Set<FileName>, [FilePath: [Location]]) = ([], [:])
    while let entries = try? disk.nextEntries(in: listing), !entries.isEmpty {
      staged.formUnion(entries.compactMap { StagingName.log(of: $0.name) })
      let found = self.hidden(entries, in: directory, .logDirectory) { owner($0, in: directory) }
      hidden.merge(found, uniquingKeysWith: +)
      await platform.loop.yield()
    }
    for wanted in archives {
      // A directory that cannot be opened is reported by the runs of its job.
      guard let other = try? disk.openArchives(wanted, of: directory, makes: false),
        let listing = try? disk.openListing(of: other)
      else { continue }
      while let entries = try? disk.nextEntries(in: listing), !entries.isEmpty {
        let found = self.hidden(entries, in: other, wanted.role(of: other)) { archive in
          owner(archive, in: other).flatMap { $0.job.policy.archiveDirectory == wanted ? $0 : nil }
        }
        hidden.merge(found, uniquingKeysWith: +)
        await platform.loop.yield()
      }
    }
    for name in known.union(staged).union(hidden.keys.map { LogFinder.split($0).name }).sorted() {
      let log = LogFinder.join(path, name)
      guard let runtime = registry.owner(of: log), names.contains(runtime.name) else { continue }
      let job = runtime.job
      directory.actsAsOwner = job.policy.actsAsOwner
      // What was missed meanwhile is served by a rotation that is finished now.
      let due = runtime.clock?.due(Now(platform.loop), zone: zone)
      if state.log(log)?.cut == nil || hidden[log] != nil {
        let result = rotator.recover(
          name, in: directory, policy: job.policy, serving: due, hidden: hidden[log] ?? [])
        noteRecovered(log, job, result)
      }
      if state.log(log)?.cut != nil {
        noteRecovered(log, job, await runs.truncator.recover(name, in: directory, policy: job.policy))
      }
    }
  }

  /// Says what came of an interrupted rotation, and remembers that its writers are to be notified.
  func noteRecovered(_ log: FilePath, _ job: Job, _ result: LogResult) {
    if !job.policy.hooks.isEmpty { recovered += result.ended.map { (log, $0) } }
    switch result.outcome {
    case .rotated(let rotated): platform.report(RunReport.recovered(log, job: job.name, archive: rotated.archive))
    case .settled(let archive): platform.report(RunReport.recovered(log, job: job.name, archive: archive))
    case .failed(let failure):
      let message =
        "job \(job.name): cannot finish an interrupted rotation of \(log.printable): "
        + "\(failure.step.printable): \(failure.reason); trying again at the next run of the job"
      platform.report(Report(.failed, .error, message, job: job.name, log: log, errno: failure.errno))
    case .skipped, .cleared: break
    }
  }
}
