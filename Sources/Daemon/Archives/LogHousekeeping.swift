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
  /// Hidden names under which a source was left that could not be given its own back.
  var orphaned: Set<Location> = []
  /// What its file system can do.
  private var renames = RenameSupport.full
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
    var archive: Version
    var entry: PendingArchive
    var kind: Kind

    enum Kind {
      /// Compresses an archive of this owner, which takes so many bytes on disk.
      case compress(PendingStep, bytes: Int64, owner: UInt32)
      /// To the other file system, where archives belong.
      case transfer(PendingStep)
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
    let plan: Plan
    do throws(Errno) {
      directories = try openDirectories()
      plan = try self.plan(directories)
    } catch {
      // The job's own runs report a directory that cannot be looked into.
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
    // The oldest surplus archive that could not be removed keeps the newer ones, until it is gone.
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

  /// What is to be done with the archives now.
  func plan(_ directories: LogDirectories) throws(Errno) -> Plan {
    Planner.plan(try look(directories), order.policy, .housekeeping, renames: renames)
  }

  /// Carries out what does not wait: gives hidden sources their names back, removes unfinished copies. Returns whether that is
  /// done.
  func carryOut(_ plan: Plan, _ directories: LogDirectories) -> Bool {
    do throws(StepFailure) {
      _ = try housekeeper.applier.apply(plan.now, live: order.name, in: directories)
      orphaned = []
      return true
    } catch {
      switch error.errno {
      case .invalid, .notImplemented: renames = .linkOnly
      // It has changed since the look.
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
        // Here and not further in: of ten thousand archives that wait for their turn, none needs much memory.
        let pass = await housekeeper.children.enter(bytes: bytes, owner: owner)
        defer { housekeeper.children.leave(pass) }
        if try await compress(pending, entry, pass) { settled(entry) }
      case .transfer(let pending): if try await transfer(pending, entry) { settled(entry) }
      case .undo(let holders):
        if !(await undo(work.archive.inode)) { warn(of: holders, work.archive, entry) }
      }
    } catch {
      switch work.kind {
      case .compress(let pending, _, _), .transfer(let pending):
        postpone(entry, Errand(archive: pending.archive, step: pending.step), error)
      case .undo: break
      }
    }
  }
}
