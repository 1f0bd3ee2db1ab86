internal import EventLoop
internal import Rotation
internal import Timekeeping

/// The archives of one log that are being looked after; its task ends when nothing is left to do.
final class LogHousekeeping {
  var order: Housekeeper.Order
  let path: FilePath
  unowned let housekeeper: Housekeeper
  let worker: Worker
  var pending: [Version.File: PendingArchive] = [:]
  private var retry = Backoff()
  /// Hidden names of sources that could not be given back.
  var orphaned: Set<Location> = []
  /// The child that compresses, to be killed when that has become pointless.
  var child: (any ChildProcess)?
  /// The archive that it reads.
  var compressing: (any LeasedFile)?

  init(_ order: Housekeeper.Order, path: FilePath, housekeeper: Housekeeper) {
    self.order = order
    self.path = path
    self.housekeeper = housekeeper
    self.worker = Worker(on: housekeeper.platform.loop)
  }

  var platform: Platform { housekeeper.platform }
  var isOver: Bool { worker.isStopped }

  /// Goes on with a later order; what is fresh of the former is still waited for.
  func adopt(_ new: Housekeeper.Order) {
    let fresh = order.fresh
    let hadCompression = order.policy.compression
    order = new
    order.fresh.merge(fresh) { new, _ in new }
    if new.policy.compression != hadCompression { child?.kill() }
    worker.wake()
  }

  /// Ends it without an end of the work: the daemon stops, or the job is no more.
  func stop() {
    child?.kill()
    worker.stop()
  }

  /// Lets go of an archive that is no more.
  func drop(_ file: Version.File) {
    guard let entry = pending.removeValue(forKey: file) else { return }
    settled(entry)
    if let hold = entry.hold, hold === compressing {
      hold.release()
      child?.kill()
    }
    worker.wake()
  }

  /// Its task has ended.
  func end() {
    for entry in pending.values { settled(entry) }
    pending = [:]
  }

  // MARK: One look

  /// Does what can be done now. What takes its time is done when the look is over, so that who waits, be it for one of few
  /// places, has no directory and no archive open.
  func pass() async -> Worker.Next {
    switch lookOver() {
    case .nothing: return .end
    case .at(let time): return .sleep(until: .monotonic(time))
    case .work(let work):
      await finish(work)
      return .again
    }
  }

  /// What came of a look at all archives.
  private enum Finding {
    case nothing
    case at(MonotonicTime)
    case work(Work)
  }

  /// What takes its time.
  struct Work {
    var version: Version
    var name: FileName
    var entry: PendingArchive
    var kind: Kind

    enum Kind {
      /// The archive of this owner, which takes so many bytes on disk.
      case compress(bytes: Int64, owner: UInt32)
      case move
      /// Gives the log back to these writers.
      case undo(Holders)
    }
  }

  private func lookOver() -> Finding {
    // What is compared with the log if this life of the daemon ends now stays as it is. The end of the cut is a new order.
    if housekeeper.state.log(path)?.cut != nil {
      return .at(retry.postpone(Limits.retryDelays, from: platform.loop.now()))
    }
    let directories: LogDirectories
    let inventory: Inventory
    do throws(Errno) {
      directories = try openDirectories()
      restoreOrphaned(directories)
      inventory = try look(directories)
    } catch {
      // The job's own runs report a directory that cannot be looked into.
      return error == .noEntry ? .nothing : .at(retry.postpone(Limits.retryDelays, from: platform.loop.now()))
    }
    retry.reset()
    let wanted = wanted(inventory)
    let files = Set(wanted.map(\.version.file))
    for (file, entry) in pending where !files.contains(file) { settled(entry) }
    pending = pending.filter { files.contains($0.key) }
    for inode in order.fresh.keys where !files.contains(Version.File(inode: inode, isOnLogsFileSystem: true)) {
      order.fresh[inode] = nil
      housekeeper.noteReleased(path, inode)
    }
    var wake = orphaned.isEmpty ? nil : platform.loop.now().advanced(by: Limits.retryDelays.longest)
    // The oldest surplus archive that could not be removed keeps the newer ones, until it is gone.
    var removes = true
    for (version, goal) in wanted where goal != .remove || removes {
      let entry =
        pending[version.file]
        ?? PendingArchive(version.file, since: platform.loop.now(), timeout: order.policy.reopenTimeout)
      pending[version.file] = entry
      if let fresh = order.fresh[version.inode] { entry.note(since: fresh.since, order.policy.reopenTimeout) }
      switch attempt(version, goal, entry, inventory, directories) {
      case .done:
        settled(entry)
        pending[version.file] = nil
        if version.place.isOnLogsFileSystem { order.fresh[version.inode] = nil }
      case .again: return .at(platform.loop.now())
      case .at(let time):
        wake = min(wake ?? time, time)
        if goal == .remove, case .failed = entry.problem { removes = false }
      case .work(let kind):
        return .work(Work(version: version, name: inventory.name(of: version), entry: entry, kind: kind))
      }
    }
    return wake.map { .at($0) } ?? .nothing
  }

  private func finish(_ work: Work) async {
    let entry = work.entry
    do throws(Errno) {
      switch work.kind {
      case .compress(let bytes, let owner):
        // Here and not further in: of ten thousand archives that wait for their turn, none needs much memory.
        let pass = await housekeeper.children.enter(bytes: bytes, owner: owner)
        defer { housekeeper.children.leave(pass) }
        if try await compress(work.version, entry, pass) { settled(entry) }
      case .move: if try await move(work.name, work.version, entry) { settled(entry) }
      case .undo(let holders):
        if !(await undo(work.version.inode)) { warn(of: holders, work.version, entry) }
      }
    } catch {
      let goal: Goal = if case .move = work.kind { .move } else { .compress }
      postpone(entry, goal, work.name, error)
    }
  }

  /// What an archive is waited for to do.
  enum Goal: String {
    case letGo = "check"
    case compress, remove
    /// To the other file system, where archives belong.
    case move
  }

  enum Attempt {
    case done
    /// Something has changed while it was waited for.
    case again
    case at(MonotonicTime)
    case work(Work.Kind)
  }

  /// The oldest first: what is held by a writer is among the newest.
  private func wanted(_ inventory: Inventory) -> [(version: Version, goal: Goal)] {
    let surplus = Housekeeping.surplus(inventory.versions, keep: order.policy.keep)
    let compressible = Housekeeping.compressible(inventory, order.policy)
    var others = Set(surplus + compressible)
    let misplaced = Housekeeping.misplaced(inventory).filter { others.insert($0).inserted }
    let fresh = inventory.versions.filter { version in
      version.place.isOnLogsFileSystem && order.fresh[version.inode] != nil
        && !inventory.isFile(inventory.live?.inode, version) && !others.contains(version)
    }
    return surplus.map { ($0, .remove) } + compressible.map { ($0, .compress) } + misplaced.map { ($0, .move) }
      + fresh.map { ($0, .letGo) }
  }

  private func attempt(
    _ version: Version, _ goal: Goal, _ entry: PendingArchive, _ inventory: Inventory, _ directories: LogDirectories
  ) -> Attempt {
    let now = platform.loop.now()
    if let time = entry.retry.wait(at: now) ?? entry.breaks.wait(at: now) { return .at(time) }
    let name = inventory.name(of: version)
    do throws(Errno) {
      let directory = try directories.directory(of: version.place)
      guard let hold = try open(name, version.inode, entry, in: directory) else { return .again }
      if goal == .compress, let time = try compressionTime(hold, entry) {
        entry.hold = nil
        return .at(time)
      }
      guard try isReleased(hold, entry) else { return wait(for: version, goal, inventory, hold, entry) }
      noteReleased(entry, version)
      switch goal {
      case .letGo:
        return .done
      case .remove:
        entry.hold = nil
        do throws(Errno) {
          try platform.fileSystem.removeReleased(name, in: directory)
        } catch  where error == .noEntry {}
        return .done
      case .compress:
        let status = try hold.status()
        guard !housekeeper.staysPlain(version.file, status) else {
          return directories.target(of: version) === directory ? .done : .work(.move)
        }
        // While it waits for its turn, nothing is held up by a lease.
        entry.hold = nil
        // What is removed needs no compression, and the output needs room.
        guard housekeeper.isPruning(order.directory) else {
          return .work(.compress(bytes: status.allocated, owner: status.user))
        }
        return .at(now.advanced(by: Limits.shortestSpacePause))
      case .move:
        return .work(.move)
      }
    } catch {
      return .at(postpone(entry, goal, name, error))
    }
  }

  @discardableResult
  private func postpone(_ entry: PendingArchive, _ goal: Goal, _ name: FileName, _ errno: Errno) -> MonotonicTime {
    // Without descriptors it is one trouble for all archives, not one for each name.
    let isOfAll = errno == .tooManyFiles || errno == .tooManyFilesInSystem
    return postpone(entry, "cannot \(goal.rawValue) \(isOfAll ? "archives" : name.printable)", errno)
  }

  /// When an archive that is too young is old enough; nil when it is. Its last line is as old as its last modification,
  /// and one that the clock puts in the future is as old as it is known to be.
  private func compressionTime(_ hold: any LeasedFile, _ entry: PendingArchive) throws(Errno) -> MonotonicTime? {
    guard let after = order.policy.compression?.after, after > .zero else { return nil }
    let now = Now(platform.loop)
    let known = (now.monotonic - entry.since).nanoseconds
    let age = max((now.wall - (try hold.status().modified)).nanoseconds, known)
    guard age < after.nanoseconds else { return nil }
    return now.monotonic.advanced(by: Span(nanoseconds: after.nanoseconds - age))
  }
}
