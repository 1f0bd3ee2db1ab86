internal import Config
internal import Rotation
internal import Timekeeping

/// One pass that removes archives by age, total or free space: where removing fails, and what is reported.
struct RemovalPass {
  /// The registry with which the pass began. Under another it removes nothing: the owner of a log, and what is kept of
  /// it, may have changed.
  let registry: JobRegistry
  /// What could not be removed, by path.
  fileprivate(set) var problems: [FilePath: Report] = [:]
  /// What it has removed.
  fileprivate(set) var removed = RemovalTally.Count()
  /// Whether something on disk was not as it had been read.
  fileprivate(set) var isStale = false
  /// Directories in which nothing can be removed now.
  fileprivate var refused: Set<FilePath> = []
  /// Logs of which an archive could not be removed: their newer archives stay, too.
  fileprivate var stopped: Set<FilePath> = []

  init(_ registry: JobRegistry) {
    self.registry = registry
  }
}

extension Supervisor {
  /// Removes an archive. Returns whether it is gone. If it cannot be removed, the newer archives of its log stay, so
  /// that the oldest goes first. An archive that a writer has open does not keep the others.
  func remove(
    _ removal: Retention.Removal, in directories: LogDirectories, _ pass: inout RemovalPass
  ) -> Bool {
    let archive = removal.archive
    let path = directories.path(of: archive.location)
    let parent = LogFinder.split(path).directory
    guard pass.registry.revision == registry.revision else {
      pass.isStale = true
      return false
    }
    guard registry.removes(archive, path), !pass.stopped.contains(archive.log) else { return false }
    guard !pass.refused.contains(parent) else {
      pass.stopped.insert(archive.log)
      return false
    }
    let scan = ArchiveScan(fileSystem: platform.fileSystem, claimed: claimed, state: state)
    // An archive that is open here for its compression frees no space, and the daemon is no reader of it.
    housekeeper.drop(archive.file, of: archive.log)
    var readers: [String] = []
    if case .free = removal.reason { readers = scan.users(of: archive, thatWrite: false, in: directories) }
    do throws(Errno) {
      try housekeeper.applier.remove(
        archive.location, removal.reason, inode: archive.inode,
        modified: registry.retains(archive.job) ? archive.modified : nil, in: directories)
      handle(.removed(of: archive.job, removal.reason, bytes: archive.bytes))
      pass.removed.archives += 1
      pass.removed.bytes = pass.removed.bytes.saturatingAdd(archive.bytes)
      let isOneOfMany = registry.retains(archive.job) && pass.removed.archives > Limits.maxSingleReports
      platform.report(RunReport.removed(removal, path, openIn: readers, isOneOfMany: isOneOfMany))
      return true
    } catch .noEntry {
      pass.isStale = true
      if !registry.retains(archive.job) { pass.stopped.insert(archive.log) }
    } catch .busy {
      let writers = scan.users(of: archive, thatWrite: true, in: directories)
      pass.problems[path] = RunReport.notRemoved(removal, path, openIn: writers)
    } catch {
      pass.problems[path] = RunReport.notRemoved(removal, path, error)
      pass.stopped.insert(archive.log)
      // The error holds for all names in this directory.
      if [.readOnly, .permission, .notPermitted].contains(error) { pass.refused.insert(parent) }
    }
    return false
  }
}

extension JobRegistry {
  /// Whether the job with this name only removes files of another program.
  func retains(_ job: String) -> Bool { self[job]?.job.policy.retained != nil }

  /// Whether a job may remove a file: an archive of its log, or a file that no job has for a log or an archive.
  fileprivate func removes(_ archive: Retention.Archive, _ path: FilePath) -> Bool {
    guard retains(archive.job) else { return owns(archive.job, archive.log) }
    return !claims.concerns(archive.location.name, in: path.split.directory)
  }
}
