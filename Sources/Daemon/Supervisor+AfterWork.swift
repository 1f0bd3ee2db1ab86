import Config
import EventLoop
import Rotation

extension Supervisor {
  /// Logs that are handed to the finisher between two chances for everything else.
  private static let sweepSlice = 256

  /// Hands the logs of a turn on to what comes after the notices: waiting for their writers, compressing, removing.
  func afterNotices(_ logs: [RotatedLog], of runtime: JobRuntime) {
    let policy = runtime.job.policy
    for log in logs {
      finisher.attend(
        Finisher.Order(
          job: runtime.job.name, policy: policy, directory: log.directory, name: log.name, fresh: [log.inode: log]))
    }
  }

  /// Shows in the status what holds up the archives of a job; nil when nothing does any more.
  nonisolated func noteUpkeep(of job: String, _ trouble: String?) {
    assumeIsolated { supervisor in
      supervisor.status.note(upkeepOf: job, trouble)
      supervisor.showStatus()
    }
  }

  /// Shows the status at once: the next rotation, which would show it too, may be a day away. A stop has its own status.
  func showStatus() {
    if !isStopping { platform.serviceManager.notify(.status(status.text(zone: zone))) }
  }

  /// Nothing is done with archives any more.
  nonisolated func endOfUpkeep(of logs: Int) {
    assumeIsolated {
      // What a few have taken is soon taken again.
      if logs > Limits.maxTurns { $0.platform.releaseMemory() }
      $0.endIfDone()
    }
  }

  /// What a rotation leaves to be done: nothing, for most jobs.
  func rotatedLog(_ name: FileName, in directory: FilePath, _ outcome: Outcome, _ job: Job) -> RotatedLog? {
    if case .settled = outcome, job.policy.handling.compression != nil {
      // The rotation came to its end at this try; whose writers were told when is not known.
      finisher.attend(Finisher.Order(job: job.name, policy: job.policy, directory: directory, name: name))
    }
    guard case .rotated(let rotated) = outcome, let inode = rotated.inode else { return nil }
    let handling = job.policy.handling
    let isHeld = rotated.unremoved.contains { $0.errno == .busy }
    // Beside the log, though it belongs elsewhere: that is on another file system.
    let isAstray = handling.archiveDirectory != nil && !rotated.archive.bytes.contains(UInt8(ascii: "/"))
    guard handling.compression != nil || isAstray || !handling.notices.isEmpty || isHeld else { return nil }
    return RotatedLog(job: job.name, directory: directory, name: name, archive: rotated.archive, inode: inode)
  }

  /// Looks at the archives of all logs of these jobs: what a crash, or a config that kept more or compressed nothing, has left
  /// is taken up. Each directory is listed once, however many logs it has, and where nothing is to be done, nothing of the
  /// look stays in memory.
  func sweep(_ runtimes: [JobRuntime]) async {
    let registry = registry
    var groups: [(runtime: JobRuntime, group: LogGroup)] = []
    for runtime in runtimes {
      let found = registry.find(runtime.job, alsoGone: true)
      tellSkipped(found.skipped, runtime)
      groups += found.groups.map { (runtime, $0) }
    }
    groups.sort { $0.group.directory < $1.group.directory }
    var listed: Listed?
    var count = 0
    for (runtime, group) in groups {
      let policy = runtime.job.policy
      if listed?.fits(group.directory, policy) != true { listed = list(group.directory, policy) }
      guard let listed else { continue }
      for name in group.names where registry.owns(runtime.name, LogFinder.join(group.directory, name)) {
        attend(name, runtime.job, listed)
        count += 1
        if count % Self.sweepSlice == 0 { await platform.loop.yield() }
        if isStopping || runtime.isRetired { return }
      }
    }
  }

  /// Names each candidate of a pattern that is no log, once as long as it is there, with the reason.
  func tellSkipped(_ skipped: [SkippedName], _ runtime: JobRuntime) {
    let former = runtime.skipped
    // Those that rotations have made are archives of a log whose writer has not made it again yet.
    let fresh = skipped.filter { name in
      if former.contains(name) { return false }
      if case .archive(let log) = name.reason { return state.log(log) == nil }
      return true
    }
    runtime.skipped = Set(skipped)
    for name in fresh.prefix(Limits.maxWarnings) { platform.report(Narrator.skipped(name, job: runtime.job.name)) }
    guard fresh.count > Limits.maxWarnings else { return }
    let message =
      "job \(runtime.job.name): \(fresh.count - Limits.maxWarnings) more names match `logs` and are not rotated; "
      + "`rotatectl plan` has them all"
    platform.report(Report(.note, .warning, message, job: runtime.job.name))
  }

  /// The listings that logs of one directory share whose archives have one naming and one directory.
  private struct Listed {
    var directory: FilePath
    var naming: ArchiveNaming
    var archives: ArchiveDirectory?
    var home: Place
    var listings: LogListings

    func fits(_ directory: FilePath, _ policy: Policy) -> Bool {
      self.directory == directory && naming == policy.naming && archives == policy.handling.archiveDirectory
    }
  }

  /// nil for what cannot be looked into: the job's turns report that.
  private func list(_ path: FilePath, _ policy: Policy) -> Listed? {
    guard let directory = try? platform.fileSystem.openDirectory(path),
      let directories = try? LogDirectories(directory, policy, on: platform.fileSystem, makes: false),
      let listings = try? finisher.reader.list(directories, policy.naming)
    else { return nil }
    return Listed(
      directory: path, naming: policy.naming, archives: policy.handling.archiveDirectory, home: directories.home,
      listings: listings)
  }

  private func attend(_ name: FileName, _ job: Job, _ listed: Listed) {
    let inventory = Inventory(
      name: name, live: nil, versions: listed.listings.versions(of: name), naming: listed.naming, home: listed.home)
    guard Upkeep.isWanted(inventory, job.policy) else { return }
    finisher.attend(Finisher.Order(job: job.name, policy: job.policy, directory: listed.directory, name: name))
  }
}
