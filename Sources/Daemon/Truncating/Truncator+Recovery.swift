import EventLoop
package import Rotation
import Timekeeping

// Cuts that were begun and not ended. The record says where to look, and nothing more: before anything is cut, the archive is
// compared with the log, whatever the record says of how far the cut has come.
extension Truncator {
  /// Finishes a cut that was begun, or drops it when nothing came of it.
  package func recover(_ name: FileName, in directory: OpenDirectory, policy: Policy) async -> LogResult {
    let path = LogFinder.join(directory.path, name)
    await enter(path)
    defer { leave(path) }
    return await finishTruncation(name, in: directory, policy: policy)
  }

  /// The same for who has the log to itself.
  func finishTruncation(_ name: FileName, in directory: OpenDirectory, policy: Policy) async -> LogResult {
    let path = LogFinder.join(directory.path, name)
    guard var cut = state.log(path)?.cut else { return LogResult(.skipped(.nothingToDo)) }
    let started = loop.now()
    // The archive has its name and place from the config of before.
    let former = rotator.former(policy, of: path).flatMap { rotator.directories(directory, former: $0) }
    let policy = former?.policy ?? policy
    do throws(Outcome.Failure) {
      let directories = if let former { former.directories } else { try rotator.directories(directory, policy) }
      var inventory = try rotator.look(name, in: directories, nil, policy, path)
      guard inventory.live?.inode == cut.live else { return drop(path) }
      let log = try attempt("open", path) { () throws(Errno) in try fileSystem.openLog(name, in: directory) }
      guard try attempt("stat", path, { () throws(Errno) in try log.status().inode }) == cut.live else {
        return LogResult(.failed(Outcome.Failure(step: "stat", path: path, errno: .exists)))
      }
      let isDone = try await search("read", path) { [cut] () async throws(Errno) in
        cut.isPunched ? try await wasCollapsed(log, cut) : false
      }
      if !isDone {
        let known = archive(of: cut, inventory).map(inventory.location(of:))
        let renamed = known == nil ? try renamedArchive(cut.archive, path, in: directories) : nil
        guard let place = known ?? renamed else { return drop(path, cut) }
        let archive = try attempt("compare with its archive", path) { () throws(Errno) in
          try fileSystem.openLog(place.name, in: try directories.directory(of: place.place))
        }
        let isWhole = try await search("compare with its archive", path) { [cut] () async throws(Errno) in
          try await holds(log, cut, archive)
        }
        guard let isWhole else { return LogResult(.skipped(.nothingToDo)) }
        // Else it is not what was archived, and is left alone; or, by copying, it was emptied already.
        guard isWhole || cut.way == .copy else {
          _ = drop(path, cut)
          return LogResult(.settled(archive: place.path))
        }
        try sync(directories, path)
        try await carryOut(&cut, path, log: log, archive: isWhole ? archive : nil)
      }
      if isStopping { return LogResult(.skipped(.nothingToDo)) }
      inventory = try rotator.look(name, in: directories, nil, policy, path)
      let outcome = finishRecovery(inventory, cut, started, in: directories, policy)
      close(cut, path, policy)
      return LogResult(outcome, ended: [cut.archive])
    } catch {
      return LogResult(.failed(error))
    }
  }

  /// The archive of a cut under a name that the config of today does not give: the config was changed when the cut was cut
  /// off. Its lines would be archived once more. What it holds is compared before anything is cut, as of any other.
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

  private func archive(of cut: Truncation, _ inventory: Inventory) -> Version? {
    inventory.versions.first { inventory.isFile(cut.archive, $0) && $0.suffix.isEmpty }
  }

  /// Forgets a cut. The filler that it may have left is skipped by the next one, if it is there.
  private func drop(_ path: FilePath, _ cut: Truncation? = nil) -> LogResult {
    var records = [StateRecord.dropped(log: path)]
    if let cut, cut.isPunched { records.append(.filled(log: path, cut.padding)) }
    state.record(records)
    rotator.heads.forget(path)
    return LogResult(.skipped(.nothingToDo))
  }

  private func finishRecovery(
    _ inventory: Inventory, _ cut: Truncation, _ started: MonotonicTime, in directories: LogDirectories,
    _ policy: Policy
  ) -> Outcome {
    guard let version = archive(of: cut, inventory) else { return .settled(archive: nil) }
    var rotated = Outcome.Rotated(
      archive: inventory.location(of: version).path, inode: version.inode, bytes: cut.end - cut.start,
      reason: Cause.recovery.describe(size: cut.end - cut.start), took: loop.now() - started, pruned: [],
      setAside: [], unremoved: [], way: cut.way)
    let demand = Demand.finish(Intent(inode: cut.archive, due: cut.due))
    let directory = directories.log
    let moment = rotator.moment(of: .recovery)
    let verdict = Planner.plan(inventory, policy, demand, at: moment, renames: rotator.support(directory))
    if case .plan(let plan) = verdict {
      rotated.pruned = plan.pruned
      do throws(StepFailure) {
        let unremoved = try rotator.applier.apply(plan.steps, live: inventory.name, in: directories)
        rotator.take(unremoved, into: &rotated, directories)
      } catch {
        rotated.unremoved = [rotator.failure(error, in: directory)]
      }
    }
    return .rotated(rotated)
  }
}
