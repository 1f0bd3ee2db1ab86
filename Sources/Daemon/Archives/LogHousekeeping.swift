internal import EventLoop
internal import Rotation
internal import Timekeeping

/// The work on the archives of one log; its task ends when nothing is left to do.
final class LogHousekeeping {
  var order: Housekeeper.Order
  let path: FilePath
  unowned let housekeeper: Housekeeper
  let worker: Worker
  /// The number of the last order.
  private var number: UInt64
  /// The dated archives that a listing shows (`HousekeepingListing`).
  private(set) var listed: [Version]?
  var pending: [Version.File: PendingArchive] = [:]
  /// Until when its task sleeps, unless it is woken; nil while it does not.
  private(set) var sleepsUntil: MonotonicTime?
  private var retry = Backoff()
  /// Hidden names of sources that could not get their own name back.
  var orphaned: Set<Location> = []
  /// What the file system of the archives supports.
  private var renames = RenameSupport.full
  /// The compressor, which is killed when its work has become useless.
  var child: (any ChildProcess)?
  /// The archive that a child reads, or whose name it was given.
  var atWork: (any LeasedFile)?

  init(_ order: Housekeeper.Order, path: FilePath, housekeeper: Housekeeper) {
    self.order = order
    self.path = path
    self.housekeeper = housekeeper
    self.number = housekeeper.listing.noteOrder()
    self.worker = Worker(on: housekeeper.platform.loop)
  }

  var platform: Platform { housekeeper.platform }
  var isOver: Bool { worker.isStopped }

  /// Whether its task sleeps at least until then, or ends.
  func rests(until time: MonotonicTime) -> Bool { isOver || sleepsUntil.map { $0 >= time } ?? false }

  /// Continues with a later order; the fresh archives of the former one are still awaited.
  func adopt(_ new: Housekeeper.Order) {
    let (fresh, rotated) = (order.fresh, order.rotated)
    let hadCompression = order.policy.compression
    order = new
    number = housekeeper.listing.noteOrder()
    order.fresh.merge(fresh) { new, _ in new }
    order.rotated = new.rotated ?? rotated
    if new.policy.compression != hadCompression { child?.kill() }
    worker.wake()
  }

  /// Ends the task before its work is done: the daemon stops, or the job does not exist any more.
  func stop() {
    child?.kill()
    worker.stop()
  }

  /// Drops an archive that is gone.
  func drop(_ file: Version.File) {
    guard let entry = pending.removeValue(forKey: file) else { return }
    settled(entry)
    if let hold = entry.hold, hold === atWork {
      hold.release()
      child?.kill()
    }
    worker.wake()
  }

  /// The task has ended.
  func end() {
    for entry in pending.values { settled(entry) }
    pending = [:]
  }

  // MARK: One pass

  /// Does what can be done now. Long work is done after the scan, so that a task that waits, for instance for a slot,
  /// has no directory and no archive open.
  func pass() async -> Worker.Next {
    sleepsUntil = nil
    listed = await housekeeper.listing.archives(of: order, number: number)
    if isOver { return .end }
    switch lookOver() {
    case .nothing: return .end
    case .at(let time):
      sleepsUntil = time
      housekeeper.noteSleep()
      return .sleep(until: .monotonic(time))
    case .work(let work):
      await finish(work)
      return .again
    }
  }

  /// The result of one check of all archives.
  private enum Finding {
    case nothing
    case at(MonotonicTime)
    case work(Work)
  }

  /// Work that takes long.
  struct Work {
    var archive: Version
    var entry: PendingArchive
    var kind: Kind

    enum Kind {
      /// Compresses an archive of this owner, which takes `bytes` on disk.
      case compress(PendingStep, bytes: Int64, owner: UInt32)
      /// Copies an archive to the other file system, where archives belong.
      case transfer(PendingStep)
      /// Does with an archive what comes before its removal.
      case perform(RemovalTask, Location, RemovalReason)
      /// Gives the log back to these writers.
      case undo(Holders)
    }
  }

  private func lookOver() -> Finding {
    // If the daemon ends now, the next one compares these archives with the log: they stay unchanged until the
    // truncation has ended, which is a new order.
    if housekeeper.state.log(path)?.cut != nil {
      return .at(retry.postpone(Limits.retryDelays, from: platform.loop.now()))
    }
    let directories: LogDirectories
    let plan: Plan
    do throws(Errno) {
      directories = try openDirectories()
      plan = try self.plan(directories)
    } catch {
      // The job's own runs report a directory that cannot be read.
      return error == .noEntry ? .nothing : .at(retry.postpone(Limits.retryDelays, from: platform.loop.now()))
    }
    guard carryOut(plan, directories) else { return .at(retry.postpone(Limits.retryDelays, from: platform.loop.now())) }
    retry.reset()
    let wanted = wanted(plan)
    let files = Set(wanted.map(\.archive.file))
    for (file, entry) in pending where !files.contains(file) { settled(entry) }
    pending = pending.filter { files.contains($0.key) }
    for inode in order.fresh.keys where !files.contains(Version.File(inode: inode, isOnLogsFileSystem: true)) {
      order.fresh[inode] = nil
      housekeeper.noteReleased(path, inode)
    }
    var wake: MonotonicTime?
    // If the oldest surplus archive could not be removed, the newer ones stay until it is gone.
    var removes = true
    for errand in wanted where !errand.isRemoval || removes {
      let entry =
        pending[errand.archive.file]
        ?? PendingArchive(errand.archive.file, since: platform.loop.now(), timeout: order.policy.reopenTimeout)
      pending[errand.archive.file] = entry
      if let fresh = order.fresh[errand.archive.inode] { entry.note(since: fresh.since, order.policy.reopenTimeout) }
      switch attempt(errand, entry, plan.inventory, directories) {
      case .done:
        settled(entry)
        pending[errand.archive.file] = nil
        if errand.archive.place.isOnLogsFileSystem { order.fresh[errand.archive.inode] = nil }
      case .again: return .at(platform.loop.now())
      case .at(let time):
        wake = min(wake ?? time, time)
        if errand.isRemoval, case .failed = entry.problem { removes = false }
      case .work(let kind): return .work(Work(archive: errand.archive, entry: entry, kind: kind))
      }
    }
    return wake.map { .at($0) } ?? .nothing
  }

  /// Plans the work on the archives now.
  func plan(_ directories: LogDirectories) throws(Errno) -> Plan {
    Planner.plan(
      try look(directories), order.policy, .housekeeping, at: order.rotated.map { Moment($0, in: .utc) } ?? .none,
      renames: renames)
  }

  /// Carries out the steps that need not wait: gives hidden sources their names back, removes unfinished copies.
  /// Returns whether all of them succeeded.
  func carryOut(_ plan: Plan, _ directories: LogDirectories) -> Bool {
    do throws(StepFailure) {
      _ = try housekeeper.applier.apply(plan.now, live: order.name, in: directories)
      orphaned = []
      return true
    } catch {
      switch error.errno {
      case .invalid, .notImplemented: renames = .linkOnly
      // The directory has changed since the scan.
      case .noEntry, .exists: break
      default:
        let message = "job \(order.job): \(path.printable): cannot \(error.step.description.printable): \(error.errno)"
        platform.report(Report(.failed, .error, message, job: order.job, log: path, errno: error.errno))
      }
      return false
    }
  }

  private func finish(_ work: Work) async {
    let entry = work.entry
    do throws(Errno) {
      switch work.kind {
      case .compress(let pending, let bytes, let owner):
        // The wait for a slot is here, because ten thousand archives may wait, and none needs much memory here.
        let pass = await housekeeper.children.enter(bytes: bytes, owner: owner)
        defer { housekeeper.children.leave(pass) }
        if try await compress(pending, entry, pass) { settled(entry) }
      case .transfer(let pending): if try await transfer(pending, entry) { settled(entry) }
      case .perform(let task, let location, let reason):
        try await perform(task, location, reason, work.archive, entry)
      case .undo(let holders):
        if !(await undo(work.archive.inode)) { warn(of: holders, work.archive, entry) }
      }
    } catch {
      switch work.kind {
      case .compress(let pending, _, _), .transfer(let pending):
        postpone(entry, Errand(archive: pending.archive, step: pending.step), error)
      case .perform(let task, let location, let reason):
        postpone(entry, Errand(archive: work.archive, step: .perform(task, location, reason)), error)
      case .undo: break
      }
    }
  }
}
