internal import EventLoop
internal import Rotation
internal import Timekeeping

// From the steps of a plan to the next attempt with each archive, and what is said where one fails.

extension LogHousekeeping {
  /// An archive whose writers are awaited, and the step that follows; a nil step if none follows.
  struct Errand {
    var archive: Version
    var step: Step?

    var isRemoval: Bool { step?.isRemoval ?? false }

    /// The work in words that follow "cannot": `compress app.log.1`.
    func describe(_ name: FileName?) -> String {
      let verb =
        switch step {
        case .compress: "compress"
        case .transfer: "move"
        // What cannot be overwritten is said, and removed; so an error is one of the removal.
        case .remove, .perform(.overwrite, _, _): "remove"
        case .perform: "do what comes before the removal of"
        default: "check"
        }
      return "\(verb) \(name?.printable ?? "archives")"
    }
  }

  enum Attempt {
    case done
    /// Something has changed meanwhile: plan again.
    case again
    case at(MonotonicTime)
    case work(Work.Kind)
  }

  /// The next step of the plan with each archive, and the archives of which only the writers are awaited.
  func wanted(_ plan: Plan) -> [Errand] {
    // An undo in progress removes the empty file itself.
    let isUndoing = housekeeper.state.log(path)?.isUndoing == true
    var seen: Set<Version.File> = []
    var errands: [Errand] = []
    for pending in plan.whenReleased {
      if case .perform(let task, _, _) = pending.step, hasPerformed(task, pending.archive) { continue }
      guard seen.insert(pending.archive.file).inserted else { continue }
      errands.append(Errand(archive: pending.archive, step: pending.step))
    }
    if isUndoing { errands.removeAll { $0.archive.isEmptied } }
    let others = Set(errands.map(\.archive))
    let inventory = plan.inventory
    errands += inventory.versions.filter { version in
      version.place.isOnLogsFileSystem && order.fresh[version.inode] != nil
        && !inventory.isFile(inventory.live?.inode, version) && !others.contains(version)
    }.map { Errand(archive: $0) }
    return errands
  }

  private func hasPerformed(_ task: RemovalTask, _ archive: Version) -> Bool {
    pending[archive.file]?.performed.contains(task) ?? false
  }

  func attempt(
    _ errand: Errand, _ entry: PendingArchive, _ inventory: Inventory, _ directories: LogDirectories
  ) -> Attempt {
    let now = platform.loop.now()
    if let time = entry.retry.wait(at: now) ?? entry.breaks.wait(at: now) { return .at(time) }
    let archive = errand.archive
    do throws(Errno) {
      let directory = try directories.directory(of: archive.place)
      guard let hold = try open(inventory.name(of: archive), archive.inode, entry, in: directory) else { return .again }
      if case .compress = errand.step, let time = try compressionTime(hold, entry) {
        entry.hold = nil
        return .at(time)
      }
      guard try isReleased(hold, entry) else { return wait(for: errand, inventory, hold, entry) }
      noteReleased(entry, archive)
      guard let step = errand.step else { return .done }
      let pending = PendingStep(archive, step)
      switch step {
      case .compress:
        let status = try hold.status()
        // While the archive waits for its slot, its lease would delay other processes.
        entry.hold = nil
        // While archives are removed for space, a compression would waste room for an archive that may be removed next.
        guard housekeeper.isPruning(order.directory) else {
          return .work(.compress(pending, bytes: status.allocated, owner: status.user))
        }
        return .at(now.advanced(by: Limits.shortestSpacePause))
      case .perform(let task, let location, let reason): return .work(.perform(task, location, reason))
      case .remove(let location, let reason):
        let bytes = try hold.status().allocated
        entry.hold = nil
        try remove(archive, location, reason, bytes: bytes, directories)
        if reason == .undone { housekeeper.noteEmptying(path, 0) }
        return .done
      default: return .work(.transfer(pending))
      }
    } catch {
      return .at(postpone(entry, errand, error))
    }
  }

  /// Removes an archive that no process has open for writing; one that is gone needs nothing.
  func remove(
    _ archive: Version, _ location: Location, _ reason: RemovalReason, bytes: Int64, _ directories: LogDirectories
  ) throws(Errno) {
    do throws(Errno) {
      try housekeeper.applier.remove(location, reason, inode: archive.inode, in: directories)
      housekeeper.events.send(.removed(of: order.job, reason, bytes: bytes))
    } catch  where error == .noEntry {}
  }

  @discardableResult
  func postpone(_ entry: PendingArchive, _ errand: Errand, _ errno: Errno) -> MonotonicTime {
    // Without free descriptors there is one problem for all archives, not one for each name.
    let isOfAll = errno == .tooManyFiles || errno == .tooManyFilesInSystem
    let name = order.policy.naming.name(of: order.name, errand.archive.key, suffix: errand.archive.suffix)
    return postpone(entry, "cannot \(errand.describe(isOfAll ? nil : name))", errno)
  }

  /// When an archive that is too young is old enough; nil if it is now. Its age counts from its last modification, and is
  /// at least the time for which the archive is known, because a modification time may lie in the future.
  private func compressionTime(_ hold: any LeasedFile, _ entry: PendingArchive) throws(Errno) -> MonotonicTime? {
    guard let after = order.policy.compression?.after, after > .zero else { return nil }
    let now = Now(platform.loop)
    let known = (now.monotonic - entry.since).nanoseconds
    let age = max((now.wall - (try hold.status().modified)).nanoseconds, known)
    guard age < after.nanoseconds else { return nil }
    return now.monotonic.advanced(by: Span(nanoseconds: after.nanoseconds - age))
  }

  // MARK: Problems

  /// Reports a problem of an archive, and not again while it stays the same, although each rotation renames the
  /// archive.
  func say(
    _ entry: PendingArchive, _ problem: PendingArchive.Problem, _ what: String, errno: Errno? = nil,
    nextTry: MonotonicTime? = nil, isCommand: Bool = false
  ) {
    // An archive that was removed meanwhile has no problem.
    guard pending[entry.file] === entry else { return }
    entry.problem = problem
    let message = "job \(order.job): \(path.printable): \(what)"
    let kind: Report.Kind = isCommand ? .hookFailed : errno == nil ? .note : .failed
    platform.problems.note(
      subject(entry),
      Report(kind, isCommand ? .error : .warning, message, job: order.job, log: path, errno: errno),
      key: problem.key, nextTry: nextTry)
  }

  private func subject(_ entry: PendingArchive) -> Problems.Subject {
    Problems.Subject(.archive, of: order.job, path, part: "\(entry.file.inode) \(entry.file.isOnLogsFileSystem)")
  }

  /// Ends the problem of an archive.
  func settled(_ entry: PendingArchive) {
    guard entry.problem != nil else { return }
    entry.problem = nil
    platform.problems.clear(subject(entry))
  }

  /// Tries an archive again later. Returns the time of that try.
  @discardableResult
  func postpone(
    _ entry: PendingArchive, _ what: String, _ errno: Errno? = nil, because reason: String? = nil,
    isCommand: Bool = false
  ) -> MonotonicTime {
    let time = entry.retry.postpone(Limits.retryDelays, from: platform.loop.now())
    entry.hold = nil
    let why = reason ?? errno.map(\.description) ?? ""
    say(
      entry, .failed(why), "\(what): \(why); trying again later", errno: errno, nextTry: time,
      isCommand: isCommand)
    return time
  }
}
