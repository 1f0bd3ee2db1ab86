import EventLoop
package import Rotation
import Timekeeping

// Truncations that were begun and not ended. The record only says where to search: before a log is truncated, its
// archive is compared with it, whatever the record says of the progress.
extension Truncator {
  /// Finishes a truncation that was begun, or drops it if it cannot be finished.
  package func recover(_ name: FileName, in directory: OpenDirectory, policy: Policy) async -> LogResult {
    let path = LogFinder.join(directory.path, name)
    await enter(path)
    defer { leave(path) }
    return await finishTruncation(name, in: directory, policy: policy)
  }

  /// The same for a caller that has entered the log already (`enter`).
  func finishTruncation(_ name: FileName, in directory: OpenDirectory, policy: Policy) async -> LogResult {
    let path = LogFinder.join(directory.path, name)
    guard var cut = state.log(path)?.cut else { return LogResult(.skipped(.nothingToDo)) }
    let started = loop.now()
    // The config of that time gave the archive its name and directory.
    let former = rotator.former(policy, of: path).flatMap { rotator.directories(directory, former: $0) }
    let policy = former?.policy ?? policy
    do throws(Outcome.Failure) {
      let directories = if let former { former.directories } else { try rotator.directories(directory, policy) }
      let inventory = try rotator.look(name, in: directories, nil, policy, path)
      guard inventory.live?.inode == cut.live else { return drop(path) }
      let log = try attempt("open", path) { () throws(Errno) in
        try fileSystem.openLog(name, in: directory, mayBeLinked: policy.takesHardLinks, cuts: cut.way != .leave)
      }
      guard try attempt("stat", path, { () throws(Errno) in try log.status().inode }) == cut.live else {
        return LogResult(.failed(Outcome.Failure(step: "stat", path: path, errno: .exists)))
      }
      let isDone = try await search("read", path) { [cut] () async throws(Errno) in
        cut.isPunched ? try await wasCollapsed(log, cut) : false
      }
      if !isDone {
        let known = inventory.archive(holding: cut.intent)
        let renamed = known == nil ? try renamedArchive(cut.archive, path, in: directories) : nil
        guard let place = known ?? renamed else { return drop(path, cut) }
        let archive = try attempt("compare with its archive", path) { () throws(Errno) in
          try fileSystem.openLog(
            place.name, in: try directories.directory(of: place.place), mayBeLinked: false, cuts: cut.way != .leave)
        }
        let agreed = try await search("compare with its archive", path) { [cut] () async throws(Errno) in
          cut.way == .leave ? cut.end - cut.start : try await agreement(of: log, cut, archive)
        }
        if isStopping { return LogResult(.skipped(.nothingToDo)) }
        // If they differ, this is not the content that was archived, and it stays untouched; with `copy`, the log may
        // already be empty.
        guard agreed != nil || cut.way == .copy else {
          _ = drop(path, cut)
          return LogResult(.settled(archive: place.path))
        }
        try sync(directories, path)
        try await carryOut(&cut, path, log: log, archive: agreed.map { (archive, $0) })
      }
      if isStopping { return LogResult(.skipped(.nothingToDo)) }
      let rotated = Outcome.Rotated(
        archive: "", inode: cut.archive, bytes: cut.end - cut.start,
        reason: Cause.recovery.describe(size: cut.end - cut.start), took: loop.now() - started, pruned: [],
        setAside: [], unremoved: [], way: cut.way)
      return LogResult(try finish(rotated, cut, name, in: directories, policy), ended: [cut.archive])
    } catch {
      return LogResult(.failed(error))
    }
  }

  /// The archive of a truncation under a name that today's config does not give: the config was changed after the
  /// interruption. Without this search, its lines would be archived again. Like any other archive, it is compared
  /// before the log is truncated.
  private func renamedArchive(
    _ inode: UInt64, _ path: FilePath, in directories: LogDirectories
  ) throws(Outcome.Failure) -> Location? {
    for (place, directory) in directories.places where place.isOnLogsFileSystem {
      let entries = try attempt("stat", path) { () throws(Errno) in try fileSystem.entries(in: directory) }
      if let entry = entries.first(where: { $0.inode == inode && ($0.kind ?? .regular) == .regular }) {
        return Location(entry.name, in: place)
      }
    }
    return nil
  }

  /// Forgets a truncation. If it has left padding, the next one skips it.
  private func drop(_ path: FilePath, _ cut: Truncation? = nil) -> LogResult {
    var records = [StateRecord.dropped(log: path)]
    if let cut, cut.isPunched { records.append(.filled(log: path, cut.padding)) }
    state.record(records)
    rotator.heads.forget(path)
    return LogResult(.skipped(.nothingToDo))
  }
}
