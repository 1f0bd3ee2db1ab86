package import Config
import EventLoop
import Rotation
import Timekeeping

// What a rotation has to know before it acts: where the log and its archives lie, and what is there; and after a failure.

extension Rotator {
  /// The log's directory and that of its archives, which is made where it is missing.
  func directories(
    _ directory: OpenDirectory, _ policy: Policy, makes: Bool = true
  ) throws(Outcome.Failure) -> LogDirectories {
    do throws(Errno) {
      return try LogDirectories(directory, policy, on: fileSystem, makes: makes)
    } catch {
      let path = policy.archiveDirectory?.path ?? directory.path
      let whole = policy.archiveDirectory?.path(of: directory) ?? path
      throw Outcome.Failure(
        step: "open the directory for archives \(path)", path: directory.path, errno: error,
        obstacle: fileSystem.obstacle(error, at: whole))
    }
  }

  /// Takes over who claims which log, and forgets which logs have which archives in shared directories.
  package func adopt(_ claims: Claims) {
    self.claims = claims
    // Many names take long to free.
    let former = Former(names: [namespaces, files])
    loop.start((loop, former)) { loop, former in
      for index in former.names.indices {
        while former.names[index].popPart() != nil { await loop.yield() }
      }
    }
    namespaces = .init()
    files = .init()
  }

  /// What was known by a config before this one.
  private final class Former {
    var names: [SpreadDictionary<FilePath, FilePath>]

    init(names: [SpreadDictionary<FilePath, FilePath>]) { self.names = names }
  }

  /// Why a log may not be rotated from here; nil when it may.
  func conflict(_ name: FileName, in directories: LogDirectories, _ path: FilePath) -> Skip? {
    if let other = sameLog(as: name, in: directories.log, path) { return .sameLog(other) }
    return otherLog(with: name, in: directories, path).map { .sharedArchives($0) }
  }

  /// The path that the config has for this log as well, where this path leads through a symbolic link: a log that two paths
  /// lead to is rotated by one of them, and that without a link comes first.
  private func sameLog(as name: FileName, in directory: OpenDirectory, _ path: FilePath) -> FilePath? {
    guard let real = directory.realPath.map({ LogFinder.join($0, name) }), real != path else { return nil }
    if claims?.owner(of: real) != nil { return real }
    let owner = files.value(of: real, orNew: path)
    return owner == path ? nil : owner
  }

  /// The log that has taken the archives of this name already, in a directory that logs of several directories share; nil
  /// when this one has them.
  private func otherLog(with name: FileName, in directories: LogDirectories, _ path: FilePath) -> FilePath? {
    guard let archives = directories.archives, archives.path != directories.log.path else { return nil }
    let namespace = LogFinder.join(archives.path, name)
    let owner = namespaces.value(of: namespace, orNew: path)
    return owner == path ? nil : owner
  }

  func look(
    _ name: FileName, in directories: LogDirectories, _ listings: LogListings?, _ policy: Policy, _ path: FilePath,
    live: FileStatus? = nil, isRecovery: Bool = false, hidden: [Location] = []
  ) throws(Outcome.Failure) -> Inventory {
    let known = state.log(path)
    let leftovers = InventoryReader.Leftovers(
      policy, intent: known?.intent, isThorough: isRecovery, emptied: known?.emptied, hidden: hidden)
    var inventory = try look(path) { () throws(Errno) in
      try reader.read(
        name, in: directories, policy.naming, live: live, listings: listings, suffix: policy.compression?.suffix,
        leftovers: leftovers)
    }
    inventory.begun = state.begun(path, inventory.live)
    if let known, known.emptied != nil, !known.isUndoing { dropEmptied(&inventory, in: directories, path) }
    return inventory
  }

  /// Removes what an undo has left under an archive's name when a crash cut it off, as soon as no process has it open for
  /// writing; until then it moves on with the archives, and does not count.
  private func dropEmptied(_ inventory: inout Inventory, in directories: LogDirectories, _ path: FilePath) {
    guard let index = inventory.versions.firstIndex(where: \.isEmptied) else {
      // Gone, or written to: then it is an archive like any other.
      return state.record([.undoing(log: path, inode: 0)])
    }
    let location = inventory.location(of: inventory.versions[index])
    guard (try? applier.remove(location, .undone, in: directories)) != nil else { return }
    inventory.versions.remove(at: index)
    state.record([.undoing(log: path, inode: 0)])
  }

  func look<Found>(
    _ path: FilePath, _ body: () throws(Errno) -> Found
  ) throws(Outcome.Failure) -> Found {
    do throws(Errno) {
      return try body()
    } catch {
      throw Outcome.Failure(step: "stat", path: path, errno: error)
    }
  }

  /// The moment whose date an archive bears: the due time, where there is one.
  func moment(of cause: Cause) -> Moment {
    Moment(cause.due ?? loop.wallClock(), in: zone)
  }

  func support(_ directory: OpenDirectory) -> RenameSupport {
    if linkOnly.contains(directory.path) { return .linkOnly }
    // What exchanges have begun is best finished with the intent at hand.
    return state.failure == nil && directory.hasFastExchange ? .fastExchange : .full
  }

  /// Whether `rotate` would take the log away now, as far as a look can say; throws what keeps it from looking.
  func isDue(
    _ name: FileName, in place: LogPlace, policy: Policy, cause: Cause
  ) throws(Outcome.Failure) -> Bool {
    let directory = place.directories.log
    let path = LogFinder.join(directory.path, name)
    let known = state.log(path)
    if let served = known?.served, cause.isServed(by: served) { return false }
    if known?.intent != nil { return true }
    let inventory = try look(name, in: place.directories, place.listings, policy, path)
    if case .size(let limit) = cause, let live = inventory.live,
      heads.size(of: path, live, policy.method) < limit.bytes
    {
      return false
    }
    return Planner.plan(inventory, policy, cause.demand, at: moment(of: cause), renames: support(directory)).takesLive
  }

  // MARK: After a failure

  /// Removes the new live log that a plan has made and could not use: a rotation that fails for long must not leave an empty
  /// file beside the log. The old log, which has the same name for a moment, is another inode.
  func dropPrepared(_ plan: Plan, _ work: Work, after failure: StepFailure) {
    guard case .prepare(let staging, _) = plan.now.first(where: { if case .prepare = $0 { true } else { false } }),
      case .exchange(work.name, with: staging) = failure.step, let live = work.inventory.live,
      let staged = try? fileSystem.status(of: staging, in: work.directories.log), staged.inode != live.inode
    else { return }
    _ = try? applier.remove(Location(staging), .leftover, in: work.directories)
  }

  /// Takes what could not be removed out of what was: what a writer holds is removed later, and all else has failed, with
  /// those that were to go after it, unless it is a directory.
  func take(_ unremoved: [StepFailure], into rotated: inout Outcome.Rotated, _ directories: LogDirectories) {
    for failed in unremoved {
      guard let archive = failed.step.locations.first else { continue }
      guard failed.errno == .busy else {
        rotated.unremoved.append(failure(failed, in: directories.log))
        if failed.holdsUpOthers {
          rotated.pruned = Array(rotated.pruned.prefix { $0 != archive.path })
        } else {
          rotated.pruned.removeAll { $0 == archive.path }
        }
        continue
      }
      rotated.pruned.removeAll { $0 == archive.path }
      let directory = try? directories.directory(of: archive.place)
      let hold = directory.flatMap { try? fileSystem.hold(archive.name, in: $0) }
      rotated.held.append((archive.path, hold?.writers() ?? []))
    }
  }

  func failure(_ failure: StepFailure, in directory: OpenDirectory) -> Outcome.Failure {
    let paths = failure.step.locations.map { directory.path.resolving($0.path) }
    return Outcome.Failure(
      step: failure.step.description, path: directory.path, errno: failure.errno,
      obstacle: paths.lazy.compactMap { self.fileSystem.obstacle(failure.errno, at: $0) }.first)
  }
}
