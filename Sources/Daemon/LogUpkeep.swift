internal import EventLoop
internal import Rotation

/// The archives of one log that are being looked after; its task ends when nothing is left to do.
final class LogUpkeep: @unchecked Sendable {
  /// An archive that is waited for.
  final class Pending {
    var hold: (any ArchiveHold)?
    let since: MonotonicTime
    /// Looks for a release since the last event; they come quickly at first, then no more.
    var looks = 0
    var nextLook: MonotonicTime?
    /// When the operator is told, and the writer again, that it holds on.
    var complaintAt: MonotonicTime
    var complaints = 0
    /// Failed tries.
    var failures = 0
    var notBefore: MonotonicTime?

    init(since: MonotonicTime, timeout: Span) {
      self.since = since
      self.complaintAt = since.advanced(by: timeout)
    }
  }

  var order: Finisher.Order
  let path: String
  unowned let finisher: Finisher
  let alarm: Alarm
  var pending: [Version.File: Pending] = [:]
  private(set) var isRetired = false
  var complaint: String?
  /// The child that compresses, to be killed when that has become pointless.
  var child: (any ChildProcess)?

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

  func run() async {
    while !isOver, let wake = await step() {
      _ = await alarm.wait(until: .monotonic(wake))
    }
    pending = [:]
    if complaint != nil { finisher.onTrouble(order.job, nil) }
  }

  // MARK: One look

  /// Does what can be done now; returns when to look again, nil when nothing is left.
  private func step() async -> MonotonicTime? {
    let directories: LogDirectories
    let inventory: Inventory
    do throws(Errno) {
      directories = try openDirectories()
      inventory = try look(directories)
    } catch {
      // The job's own turns report a directory that cannot be looked into.
      return error == .noEntry ? nil : platform.loop.now().advanced(by: Limits.retryDelay(attempts: 8))
    }
    let wanted = wanted(inventory)
    let files = Set(wanted.map(\.version.file))
    pending = pending.filter { files.contains($0.key) }
    order.fresh = order.fresh.filter { files.contains(Version.File(inode: $0.key, isOnLogsFileSystem: true)) }
    var wake: MonotonicTime?
    for (version, goal) in wanted {
      let entry =
        pending[version.file]
        ?? Pending(
          since: platform.loop.now(), timeout: order.policy.handling.reopenTimeout)
      pending[version.file] = entry
      switch await attempt(version, goal, entry, inventory, directories) {
      case .done:
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
    let moved = astray.map { version in
      // What a crash has left beside the whole of it goes.
      let isThere = inventory.versions.contains { $0.key == version.key && Upkeep.isWhole($0, of: version) }
      return (version, isThere ? Goal.remove : .move)
    }
    return surplus.map { ($0, .remove) } + compressible.map { ($0, .compress) } + moved + fresh.map { ($0, .letGo) }
  }

  /// The directories of the log and its archives, as they are now.
  func openDirectories() throws(Errno) -> LogDirectories {
    let directory = try platform.fileSystem.openDirectory(order.directory)
    directory.actsAsOwner = order.policy.handling.actsAsOwner
    return try LogDirectories(directory, order.policy, on: platform.fileSystem, makes: true)
  }

  /// What is on disk of the log now.
  func look(_ directories: LogDirectories) throws(Errno) -> Inventory {
    try finisher.reader.read(
      order.name, in: directories, order.policy.naming, suffix: order.policy.handling.compression?.suffix)
  }

  private func attempt(
    _ version: Version, _ goal: Goal, _ entry: Pending, _ inventory: Inventory, _ directories: LogDirectories
  ) async -> Attempt {
    let now = platform.loop.now()
    if let time = entry.notBefore, now < time { return .at(time) }
    let name = inventory.name(of: version)
    do throws(Errno) {
      let directory = try directories.directory(of: version.place)
      if entry.hold == nil {
        let hold = try platform.fileSystem.hold(name, in: directory)
        guard try hold.status().inode == version.inode else { return .again }
        hold.onChange = { [weak self, weak entry] in self?.noteChange(entry) }
        entry.hold = hold
      }
      guard let hold = entry.hold else { return .again }
      if goal == .compress, let time = try compressionTime(hold) { return .at(time) }
      guard try isReleased(hold, entry) else { return await wait(for: version, entry, inventory, directories.log) }
      noteReleased()
      switch goal {
      case .letGo:
        return .done
      case .remove:
        entry.hold = nil
        try platform.fileSystem.removeReleased(name, in: directory)
        return .done
      case .compress:
        let isDone = try await compress(name, version, entry, hold)
        return isDone ? .done : .again
      case .move:
        let isDone = try await move(name, version, hold)
        return isDone ? .done : .again
      }
    } catch {
      return .at(postpone(entry, "cannot \(goal.rawValue) \(name.printable): \(error)", error))
    }
  }

  /// When an archive that is too young is old enough; nil when it is. Its last line is as old as its last modification.
  private func compressionTime(_ hold: any ArchiveHold) throws(Errno) -> MonotonicTime? {
    guard let after = order.policy.handling.compression?.after, after > .zero else { return nil }
    let now = Now(platform.loop)
    let age = now.wall - (try hold.status().modified)
    guard age < after else { return nil }
    return now.monotonic.advanced(by: Span(nanoseconds: after.nanoseconds - max(0, age.nanoseconds)))
  }

  // MARK: Writers

  private func noteChange(_ entry: Pending?) {
    if let hold = entry?.hold, !hold.isProven {
      // Whoever opens it for writing waits for us.
      hold.release()
      if hold === compressing { child?.kill() }
    }
    entry?.looks = 0
    entry?.nextLook = nil
    alarm.ring()
  }

  /// The archive that a child reads now.
  var compressing: (any ArchiveHold)?

  private func isReleased(_ hold: any ArchiveHold, _ entry: Pending) throws(Errno) -> Bool {
    do throws(Errno) {
      return try hold.prove()
    } catch  where error != .io {
      // No leases: what is left is to give the writer the time that it is known to need.
      let delay = order.policy.handling.reopenTimeout
      finisher.noteLeaseless(order.directory, error, delay: delay)
      if platform.loop.now() >= entry.since.advanced(by: delay) { return true }
      entry.nextLook = entry.since.advanced(by: delay)
      return false
    }
  }

  /// The next look at an archive that a writer holds. The kernel says when a writer closes it, a little early: so a few
  /// looks by timer follow on each event, and none after them.
  private func wait(
    for version: Version, _ entry: Pending, _ inventory: Inventory, _ directory: OpenDirectory
  ) async -> Attempt {
    let now = platform.loop.now()
    if now >= entry.complaintAt { await complain(version, entry, inventory, directory) }
    if let look = entry.nextLook, now < look { return .at(min(look, entry.complaintAt)) }
    guard entry.looks < Limits.releaseLooks else { return .at(entry.complaintAt) }
    let delay = Span.milliseconds(1 << (2 * Int64(entry.looks)))
    entry.looks += 1
    entry.nextLook = now.advanced(by: delay)
    return .at(min(now.advanced(by: delay), entry.complaintAt))
  }

  /// The writer holds on for too long: the operator is told, and the writer again, less and less often.
  private func complain(
    _ version: Version, _ entry: Pending, _ inventory: Inventory, _ directory: OpenDirectory
  ) async {
    entry.complaints += 1
    let timeout = order.policy.handling.reopenTimeout.nanoseconds
    let delay = Span(nanoseconds: timeout << Int64(min(entry.complaints, 6)))
    entry.complaintAt = platform.loop.now().advanced(by: min(delay, max(.seconds(3600), Span(nanoseconds: timeout))))
    entry.looks = 0
    let name = inventory.name(of: version)
    if order.policy.handling.undoesWhenStuck, undo(version, inventory, directory) { return }
    let writers = entry.hold?.writers() ?? []
    let who = writers.isEmpty ? "a process that is not to be seen" : writers.joined(separator: ", ")
    say("\(name.printable) is still open for writing in \(who), so it is neither compressed nor removed")
    if let log = order.fresh[version.inode] { finisher.tellAgain([log], order.policy) }
  }

  private func noteReleased() {
    guard complaint != nil else { return }
    complaint = nil
    finisher.onTrouble(order.job, nil)
    platform.report(
      Report(.note, .notice, "job \(order.job): \(path.printable): its writer has let go", job: order.job, log: path))
  }

  // MARK: Trouble

  /// Says something of this log, once as long as it stays the same.
  func say(_ what: String, errno: Errno? = nil) {
    let message = "job \(order.job): \(path.printable): \(what)"
    guard complaint != message else { return }
    complaint = message
    finisher.onTrouble(order.job, message)
    platform.report(
      Report(errno == nil ? .note : .failed, .warning, message, job: order.job, log: path, errno: errno))
  }

  /// Tries an archive again later; returns when.
  func postpone(_ entry: Pending, _ what: String, _ errno: Errno? = nil) -> MonotonicTime {
    let time = platform.loop.now().advanced(by: Limits.retryDelay(attempts: entry.failures))
    entry.failures += 1
    entry.notBefore = time
    entry.hold = nil
    say("\(what); trying again later", errno: errno)
    return time
  }
}
