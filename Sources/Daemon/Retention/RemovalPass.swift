internal import Config
internal import Rotation

/// One pass over archives that are to go by age, total or free space: where nothing can be removed, and what is to be said of it.
struct RemovalPass {
  /// By which it was begun. Under another it removes nothing: whose a log is, and what stays of it, may have changed.
  let registry: JobRegistry
  /// What could not be removed, by path.
  fileprivate(set) var problems: [FilePath: Report] = [:]
  /// Something was not as it had been read.
  fileprivate(set) var isStale = false
  /// Directories in which nothing can be removed now.
  fileprivate var refused: Set<FilePath> = []
  /// Logs of which an archive could not be removed: the newer ones stay, too.
  fileprivate var stopped: Set<FilePath> = []

  init(_ registry: JobRegistry) {
    self.registry = registry
  }
}

extension Supervisor {
  /// Removes an archive; returns whether it is gone. One that cannot be removed keeps the newer ones of its log, so that the
  /// oldest go first; but for one that a writer has open, which holds up no other.
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
    guard registry.owns(archive.job, archive.log), !pass.stopped.contains(archive.log) else { return false }
    guard !pass.refused.contains(parent) else {
      pass.stopped.insert(archive.log)
      return false
    }
    let scan = ArchiveScan(fileSystem: platform.fileSystem, claimed: claimed)
    // What is open here for its compression has no room to give back, and is no reader.
    housekeeper.drop(archive.file, of: archive.log)
    var readers: [String] = []
    if case .free = removal.reason { readers = scan.users(of: archive, thatWrite: false, in: directories) }
    do throws(Errno) {
      try housekeeper.applier.remove(archive.location, removal.reason, inode: archive.inode, in: directories)
      handle(.removed(of: archive.job, removal.reason, bytes: archive.bytes))
      platform.report(RunReport.removed(removal, path, openIn: readers))
      return true
    } catch .noEntry {
      pass.isStale = true
      pass.stopped.insert(archive.log)
    } catch .busy {
      let writers = scan.users(of: archive, thatWrite: true, in: directories)
      pass.problems[path] = RunReport.notRemoved(removal, path, openIn: writers)
    } catch {
      pass.problems[path] = RunReport.notRemoved(removal, path, error)
      pass.stopped.insert(archive.log)
      // As it is with this name it is with all names there.
      if [.readOnly, .permission, .notPermitted].contains(error) { pass.refused.insert(parent) }
    }
    return false
  }
}
