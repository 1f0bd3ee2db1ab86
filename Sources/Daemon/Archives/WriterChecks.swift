internal import EventLoop
internal import Rotation
internal import Timekeeping

// The most common mistake in rotation: a process goes on writing to the archive, since nothing makes it open its log
// again. Nobody notices before the lines are missed. So in every job, each archive that was made by moving a log is
// checked when `reopen-timeout` is over. An archive that no process has open for writing is finished. One that is open,
// which is rare, goes to the Housekeeper, which reports the writer, notifies it again, or undoes the rotation. The
// state has the awaited archives, so a restart forgets none.
//
// One task does this for all logs, by their paths: when 100,000 logs are rotated at midnight, none needs a task or a
// watch of its own.

/// Checks new archives when their writers have had the time to close them.
final class WriterChecks {
  /// Logs that are checked before the loop gets control again.
  private static let slice = 64

  private let platform: Platform
  private let state: StateStore
  private let housekeeper: Housekeeper
  /// The jobs of the config in force.
  var registry: JobRegistry
  /// The logs to be checked at each time, by their directories, in which they share a listing.
  private var due: [MonotonicTime: [FilePath: Set<FileName>]] = [:]
  private let worker: Worker

  init(platform: Platform, registry: JobRegistry, state: StateStore, housekeeper: Housekeeper) {
    self.platform = platform
    self.registry = registry
    self.state = state
    self.housekeeper = housekeeper
    self.worker = Worker(on: platform.loop)
  }

  /// Checks the archives of a log after a delay, if any of them is awaited by then.
  func expect(_ log: FilePath, after delay: Span) {
    guard !worker.isStopped else { return }
    // Logs that are due at about the same time are checked together, and cost one wake-up.
    let grain = max(1_000_000, min(1_000_000_000, delay.nanoseconds / 8))
    let time = platform.loop.now().advanced(by: delay).nanoseconds
    let rounded = time.saturatingAdd(grain - 1) / grain
    let end = MonotonicTime(nanoseconds: rounded.saturatingMultiply(grain))
    let isSooner = due.keys.allSatisfy { end < $0 }
    let (directory, name) = LogFinder.split(log)
    due[end, default: [:]][directory, default: []].insert(name)
    if isSooner || !worker.isRunning { worker.start(self) { await $0.pass() } }
  }

  func stop() {
    due = [:]
    worker.stop()
  }

  private func pass() async -> Worker.Next {
    guard let next = due.keys.min() else { return .end }
    guard platform.loop.now() >= next else { return .sleep(until: .monotonic(next)) }
    if let logs = due.removeValue(forKey: next) { await check(logs) }
    return .again
  }

  private func check(_ logs: [FilePath: Set<FileName>]) async {
    var records: [StateRecord] = []
    var count = 0
    for (directory, names) in logs.sorted(by: { $0.key < $1.key }) {
      var listed: [SharedListings] = []
      for name in names.sorted() {
        var found = check(name, in: directory, listed)
        if found == nil, let policy = registry.owner(of: LogFinder.join(directory, name))?.job.policy {
          if let shared = await SharedListings(directory, policy, platform) { listed.append(shared) }
          if worker.isStopped { return }
          found = check(name, in: directory, listed, isListed: true)
        }
        records += found ?? []
        count += 1
        guard count.isMultiple(of: Self.slice) else { continue }
        state.record(records)
        records = []
        await platform.loop.yield()
        if worker.isStopped { return }
      }
      for index in listed.indices { await listed[index].listings.drop(on: platform.loop) }
    }
    state.record(records)
  }

  /// Checks the awaited archives of a log, and hands those that are still open on. Returns the records of the others; nil if a
  /// listing is needed for that, unless the directory `isListed` as far as it can be.
  private func check(
    _ name: FileName, in parent: FilePath, _ listed: [SharedListings], isListed: Bool = false
  ) -> [StateRecord]? {
    let path = LogFinder.join(parent, name)
    guard let known = state.log(path), !known.awaited.isEmpty, let job = registry.owner(of: path)?.job else {
      return []
    }
    // A later rotation has a check of its own.
    let hasLater =
      known.intent != nil || !known.owed.isEmpty || due.values.contains { $0[parent]?.contains(name) == true }
    var released: [StateRecord] = []
    var fresh: [UInt64: Housekeeper.Fresh] = [:]
    var looksAgain = false
    let now = Now(platform.loop)
    for archive in known.awaited {
      switch look(for: archive.inode, name, parent, job.policy, listed) {
      case .unseen where !isListed: return nil
      case .unlisted where hasLater, .renamed: looksAgain = true
      case .unlisted, .closed: released.append(.released(log: path, inode: archive.inode))
      case .open, .unseen:
        let log = RotatedLog(
          job: job.name, directory: parent, name: name, archive: FilePath(name), inode: archive.inode)
        // A time in the future is not trusted: the clock was set back, and the timeout counts as over.
        let age = archive.since > now.wall ? job.policy.reopenTimeout : now.wall - archive.since
        let since = MonotonicTime(nanoseconds: now.monotonic.nanoseconds.saturatingSubtract(age.nanoseconds))
        fresh[archive.inode] = Housekeeper.Fresh(log: log, since: since)
      }
    }
    if looksAgain, !hasLater { expect(path, after: job.policy.reopenTimeout) }
    if !fresh.isEmpty {
      housekeeper.attend(
        Housekeeper.Order(job: job.name, policy: job.policy, directory: parent, name: name, fresh: fresh))
    }
    return released
  }

  private enum Look {
    /// A process has it open for writing, or that is unknown: the Housekeeper tries again, and reports the problem.
    case open
    case closed
    /// A listing is needed.
    case unseen
    /// It is not in the listing: it is gone, or younger than the listing.
    case unlisted
    /// It does not have the name any more that the listing gives.
    case renamed
  }

  private func look(
    for inode: UInt64, _ log: FileName, _ parent: FilePath, _ policy: Policy, _ listed: [SharedListings]
  ) -> Look {
    do throws(Errno) {
      let directory = try platform.fileSystem.openDirectory(parent)
      directory.actsAsOwner = policy.actsAsOwner
      let directories = try LogDirectories(directory, policy, on: platform.fileSystem, makes: false)
      let place: Location
      if let newest = try newest(inode, log, directories, policy) {
        place = newest
      } else {
        guard let shared = listed.first(where: { $0.fits(parent, policy) }) else { return .unseen }
        guard let found = shared.place(of: inode, log) else { return .unlisted }
        place = found
      }
      let hold = try platform.fileSystem.hold(place.name, in: try directories.directory(of: place.place))
      guard try hold.status().inode == inode else { return .renamed }
      do throws(Errno) {
        return try hold.takeLease() ? .closed : .open
      } catch  where error.meansNoLeases {
        return hold.writers().isEmpty ? .closed : .open
      }
    } catch {
      return error == .noEntry ? .renamed : .open
    }
  }

  /// The place of the newest archive, if that is the one.
  private func newest(
    _ inode: UInt64, _ log: FileName, _ directories: LogDirectories, _ policy: Policy
  ) throws(Errno) -> Location? {
    let naming = policy.naming
    guard !naming.isDated else { return nil }
    let isAtHome = directories.home.isOnLogsFileSystem && directories.archives != nil
    let place: DirectoryRole = isAtHome ? directories.home : .logDirectory
    let newest = Location(naming.name(of: log, .number(1)), in: place)
    let found = try platform.fileSystem.status(of: newest.name, in: try directories.directory(of: place))
    return found?.inode == inode ? newest : nil
  }
}
