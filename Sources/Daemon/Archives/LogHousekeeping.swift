internal import EventLoop
internal import Rotation
internal import Timekeeping

/// The archives of one log that are being looked after; its task ends when nothing is left to do.
final class LogHousekeeping {
  var order: Housekeeper.Order
  let path: FilePath
  unowned let housekeeper: Housekeeper
  let alarm: Alarm
  var pending: [Version.File: PendingArchive] = [:]
  private(set) var isRetired = false
  /// An order came since the last look.
  private(set) var isRenewed = false
  private var failedLooks = 0
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
    self.alarm = Alarm(on: housekeeper.platform.loop)
  }

  var platform: Platform { housekeeper.platform }
  var isOver: Bool { housekeeper.isStopping || isRetired }

  /// Goes on with a later order; what is fresh of the former is still waited for.
  func adopt(_ new: Housekeeper.Order) {
    let fresh = order.fresh
    let hadCompression = order.policy.compression
    order = new
    order.fresh.merge(fresh) { new, _ in new }
    isRenewed = true
    if new.policy.compression != hadCompression { child?.kill() }
    alarm.ring()
  }

  /// Ends it without an end of the work.
  func stop() {
    child?.kill()
    alarm.ring()
  }

  /// Ends it because the job is no more.
  func retire() {
    isRetired = true
    stop()
  }

  /// Lets go of an archive that is no more.
  func drop(_ file: Version.File) {
    guard let entry = pending.removeValue(forKey: file) else { return }
    settled(entry)
    if let hold = entry.hold, hold === compressing {
      hold.release()
      child?.kill()
    }
    alarm.ring()
  }

  func run() async {
    while !isOver, let wake = await step() {
      _ = await alarm.wait(until: .monotonic(wake))
    }
    for entry in pending.values { settled(entry) }
    pending = [:]
  }

  // MARK: One look

  /// Does what can be done now; returns when to look again, nil when nothing is left. What takes its time is done when the
  /// look is over, so that who waits, be it for one of few places, has no directory and no archive open.
  private func step() async -> MonotonicTime? {
    let now: MonotonicTime
    switch lookOver() {
    case .nothing: return nil
    case .at(let time): return time
    case .work(let work):
      await finish(work)
      now = platform.loop.now()
    }
    return isOver ? nil : now
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
    isRenewed = false
    // What is compared with the log if this life of the daemon ends now stays as it is. The end of the cut is a new order.
    if housekeeper.state.log(path)?.cut != nil { return .at(afterFailedLook()) }
    let directories: LogDirectories
    let plan: Plan
    do throws(Errno) {
      directories = try openDirectories()
      plan = try self.plan(directories)
    } catch {
      // The job's own turns report a directory that cannot be looked into.
      return error == .noEntry ? .nothing : .at(afterFailedLook())
    }
    guard carryOut(plan, directories) else { return .at(afterFailedLook()) }
    failedLooks = 0
    let wanted = wanted(plan)
    let files = Set(wanted.map(\.archive.file))
    for (file, entry) in pending where !files.contains(file) { settled(entry) }
    pending = pending.filter { files.contains($0.key) }
    for inode in order.fresh.keys where !files.contains(Version.File(inode: inode, isOnLogsFileSystem: true)) {
      order.fresh[inode] = nil
      housekeeper.onReleased(path, inode)
    }
    var wake: MonotonicTime?
    // The oldest surplus archive that could not be removed keeps the newer ones, until it is gone.
    var removes = true
    for errand in wanted where !errand.isRemoval || removes {
      let entry =
        pending[errand.archive.file]
        ?? PendingArchive(since: platform.loop.now(), timeout: order.policy.reopenTimeout)
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

  private func afterFailedLook() -> MonotonicTime {
    failedLooks += 1
    return platform.loop.now().advanced(by: Limits.retryDelay(attempts: failedLooks))
  }

  /// What is to be done with the archives now.
  func plan(_ directories: LogDirectories) throws(Errno) -> Plan {
    Planner.plan(try look(directories), order.policy, .housekeeping, renames: renames)
  }

  /// Carries out what does not wait: gives hidden sources their names back, removes unfinished copies. Returns whether that is
  /// done.
  @discardableResult
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
