internal import EventLoop
internal import Rotation

/// The archives of one log that are being looked after; its task ends when nothing is left to do.
final class LogUpkeep: @unchecked Sendable {
  var order: Finisher.Order
  let path: String
  unowned let finisher: Finisher
  let alarm: Alarm
  var pending: [Version.File: PendingArchive] = [:]
  private(set) var isRetired = false
  /// An order came since the last look.
  private(set) var isRenewed = false
  private var failedLooks = 0
  /// Hidden names of sources that could not be given back.
  var stranded: Set<Location> = []
  /// The child that compresses, to be killed when that has become pointless.
  var child: (any ChildProcess)?
  /// The archive that it reads.
  var compressing: (any ArchiveHold)?

  init(_ order: Finisher.Order, path: String, finisher: Finisher) {
    self.order = order
    self.path = path
    self.finisher = finisher
    self.alarm = Alarm(on: finisher.platform.loop)
  }

  var platform: Platform { finisher.platform }
  var isOver: Bool { finisher.isStopping || isRetired }

  /// Goes on with a later order; what is fresh of the former is still waited for.
  func adopt(_ new: Finisher.Order) {
    let fresh = order.fresh
    let hadCompression = order.policy.handling.compression
    order = new
    order.fresh.merge(fresh) { new, _ in new }
    isRenewed = true
    if new.policy.handling.compression != hadCompression { child?.kill() }
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

  /// Does what can be done now; returns when to look again, nil when nothing is left.
  private func step() async -> MonotonicTime? {
    isRenewed = false
    let directories: LogDirectories
    let inventory: Inventory
    do throws(Errno) {
      directories = try openDirectories()
      settleStranded(directories)
      inventory = try look(directories)
    } catch {
      // The job's own turns report a directory that cannot be looked into.
      failedLooks += 1
      return error == .noEntry ? nil : platform.loop.now().advanced(by: Limits.retryDelay(attempts: failedLooks))
    }
    failedLooks = 0
    let wanted = wanted(inventory)
    let files = Set(wanted.map(\.version.file))
    for (file, entry) in pending where !files.contains(file) { settled(entry) }
    pending = pending.filter { files.contains($0.key) }
    order.fresh = order.fresh.filter { files.contains(Version.File(inode: $0.key, isOnLogsFileSystem: true)) }
    var wake = stranded.isEmpty ? nil : platform.loop.now().advanced(by: Limits.retryDelay(attempts: 8))
    for (version, goal) in wanted {
      let entry =
        pending[version.file]
        ?? PendingArchive(
          since: platform.loop.now(), timeout: order.policy.handling.reopenTimeout, finisher: finisher)
      pending[version.file] = entry
      switch await attempt(version, goal, entry, inventory, directories) {
      case .done:
        settled(entry)
        pending[version.file] = nil
        if version.place.isOnLogsFileSystem { order.fresh[version.inode] = nil }
      case .again: return platform.loop.now()
      case .at(let time): wake = min(wake ?? time, time)
      }
      if isOver { return nil }
    }
    return wake
  }

  /// What an archive is waited for to do.
  private enum Goal: String {
    case letGo = "look at"
    case compress, remove
    /// To the other file system, where archives belong.
    case move
  }

  private enum Attempt {
    case done
    /// Something has changed while it was waited for.
    case again
    case at(MonotonicTime)
  }

  /// The oldest first: what is held by a writer is among the newest.
  private func wanted(_ inventory: Inventory) -> [(version: Version, goal: Goal)] {
    let surplus = Upkeep.surplus(inventory.versions, keep: order.policy.keep)
    let compressible = Upkeep.compressible(inventory, order.policy)
    var others = Set(surplus + compressible)
    let astray = Upkeep.astray(inventory).filter { others.insert($0).inserted }
    let fresh = inventory.versions.filter { version in
      version.place.isOnLogsFileSystem && order.fresh[version.inode] != nil
        && !inventory.isFile(inventory.live?.inode, version) && !others.contains(version)
    }
    return surplus.map { ($0, .remove) } + compressible.map { ($0, .compress) } + astray.map { ($0, .move) }
      + fresh.map { ($0, .letGo) }
  }

  private func attempt(
    _ version: Version, _ goal: Goal, _ entry: PendingArchive, _ inventory: Inventory, _ directories: LogDirectories
  ) async -> Attempt {
    let now = platform.loop.now()
    if let time = entry.notBefore, now < time { return .at(time) }
    let name = inventory.name(of: version)
    do throws(Errno) {
      let directory = try directories.directory(of: version.place)
      guard let hold = try open(name, version.inode, entry, in: directory) else { return .again }
      if goal == .compress, let time = try compressionTime(hold, entry) {
        entry.hold = nil
        return .at(time)
      }
      guard try isReleased(hold, entry) else { return await wait(for: version, entry, inventory, directories.log) }
      noteReleased(entry)
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
        // What is removed needs no compression, and the output needs room.
        if finisher.isPruning(order.directory) { return .at(now.advanced(by: Limits.shortestSpacePause)) }
        if try await compress(version, entry) { settled(entry) }
        // Rotations that came meanwhile have moved everything.
        return .again
      case .move:
        if try await move(name, version, hold, entry) { settled(entry) }
        return .again
      }
    } catch  where error == .tooManyFiles || error == .tooManyFilesInSystem {
      // One trouble for all archives, not one for each name.
      return .at(postpone(entry, "cannot \(goal.rawValue) archives", error))
    } catch {
      return .at(postpone(entry, "cannot \(goal.rawValue) \(name.printable)", error))
    }
  }

  /// When an archive that is too young is old enough; nil when it is. Its last line is as old as its last modification,
  /// and one that the clock puts in the future is as old as it is known to be.
  private func compressionTime(_ hold: any ArchiveHold, _ entry: PendingArchive) throws(Errno) -> MonotonicTime? {
    guard let after = order.policy.handling.compression?.after, after > .zero else { return nil }
    let now = Now(platform.loop)
    let known = now.monotonic.nanoseconds - entry.since.nanoseconds
    let age = max((now.wall - (try hold.status().modified)).nanoseconds, known)
    guard age < after.nanoseconds else { return nil }
    return now.monotonic.advanced(by: Span(nanoseconds: after.nanoseconds - age))
  }

  // MARK: Writers

  func noteChange(_ entry: PendingArchive?) {
    if let hold = entry?.hold, !hold.isProven {
      // Whoever opens it for writing waits for us.
      hold.release()
      if hold === compressing { child?.kill() }
    }
    entry?.looks = 0
    entry?.nextLook = nil
    alarm.ring()
  }

  /// Whether no writer has the archive: proven, or, where there are no leases, by the time that a writer is known to need.
  func isReleased(_ hold: any ArchiveHold, _ entry: PendingArchive) throws(Errno) -> Bool {
    do throws(Errno) {
      let isProven = try hold.prove()
      entry.isLeaseless = false
      return isProven
    } catch  where error != .io {
      entry.isLeaseless = true
      let delay = order.policy.handling.reopenTimeout
      finisher.noteLeaseless(order.directory, error, delay: delay)
      let end = entry.since.advanced(by: delay)
      if platform.loop.now() >= end { return true }
      entry.nextLook = end
      return false
    }
  }

  /// The next look at an archive that a writer holds. The kernel says when a writer closes it, a little early: so quick
  /// looks by timer follow on each event, and slower ones on those.
  private func wait(
    for version: Version, _ entry: PendingArchive, _ inventory: Inventory, _ directory: OpenDirectory
  ) async -> Attempt {
    let now = platform.loop.now()
    if now >= entry.complaintAt, !entry.isLeaseless { await complain(version, entry, inventory, directory) }
    if !finisher.mayHold { entry.hold = nil }
    let look: MonotonicTime
    if let next = entry.nextLook, now < next {
      look = next
    } else {
      let delay = Limits.releaseDelay(looks: entry.looks)
      look = now.advanced(by: entry.hold == nil ? min(delay, Limits.unheldDelay) : delay)
      entry.looks += 1
      entry.nextLook = look
    }
    return .at(entry.isLeaseless ? look : min(look, entry.complaintAt))
  }

  /// The writer holds on for too long: the operator is told, and the writer again, less and less often.
  private func complain(
    _ version: Version, _ entry: PendingArchive, _ inventory: Inventory, _ directory: OpenDirectory
  ) async {
    entry.complaints += 1
    let timeout = order.policy.handling.reopenTimeout.nanoseconds
    let delay = Span(nanoseconds: timeout << Int64(min(entry.complaints, 6)))
    entry.complaintAt = platform.loop.now().advanced(by: min(delay, max(.seconds(3600), Span(nanoseconds: timeout))))
    let name = inventory.name(of: version)
    if order.policy.handling.undoesWhenStuck, await undo(version.inode, directory) { return }
    let writers = entry.hold?.writers() ?? []
    let who = writers.isEmpty ? "a process that is not to be seen" : writers.joined(separator: ", ")
    say(
      entry, .heldOpen(writers),
      "\(name.printable) is still open for writing in \(who), so it is neither compressed nor removed")
    if let log = order.fresh[version.inode] { finisher.tellAgain([log], order.policy) }
  }

  private func noteReleased(_ entry: PendingArchive) {
    guard case .heldOpen = entry.trouble else { return }
    settled(entry)
    platform.report(
      Report(.note, .notice, "job \(order.job): \(path.printable): its writer has let go", job: order.job, log: path))
  }
}
