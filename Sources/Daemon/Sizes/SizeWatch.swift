internal import EventLoop
internal import Rotation
internal import Timekeeping

// When has a log reached its limit? Nothing polls a log at rest: it has a watch, which reports the next write and ends
// with it. From then on the size is checked by a timer, when the growth says that the log may be near its limit
// (Growth). A log that has stopped growing gets a watch again. Three checks cover what a watch can miss:
//
//   - after each watch is set, the log is checked: a watch does not report what was written before it;
//   - after a directory is watched, it is listed, and after its watch is changed, its missing logs are searched;
//   - when the kernel has lost events, everything is watched and checked again.
//
// What cannot be watched is checked each `Limits.unwatchedLook`, and more often while it grows.

/// Finds the logs that have reached their limit, for all jobs without a `check` interval of their own.
///
/// The Supervisor owns it and uses it only on its loop, so a task's closure can use it without a lock. Its one task
/// sleeps until something has changed or the size of a growing log has to be checked.
final class SizeWatch {
  /// A job, with its patterns split into components.
  struct WatchedJob {
    var runtime: JobRuntime
    var patterns: [Pattern] = []
  }

  struct Pattern {
    var directory: FilePath
    var components: [NamePattern]
  }

  /// A search that is still to be done.
  enum Search {
    /// The logs of a job.
    case job(Int32)
    /// The names of a pattern in a directory, which is open when some were listed already.
    case directory(Int32, WatchedLogs.Interest, OpenDirectory?)
  }

  /// Logs, directories and events that are handled before the loop gets control again.
  static let slice = 64

  let platform: Platform
  /// Measures logs that keep their file, with the measure of their rotation.
  let heads: LogHeads
  let state: StateStore
  let pauses: SizePauses
  let notifier: Notifier
  /// The jobs of the config that the watch follows.
  var registry: JobRegistry
  var table = WatchedLogs()
  var jobs: [WatchedJob?] = []
  var queue = DueQueue()
  var growth: [Int32: Growth] = [:]
  /// Logs whose rotation has failed, and that are still due.
  var retries: [Int32: Backoff] = [:]
  /// Searches that are still to be done, and logs to be watched and checked; both are taken from the end.
  var searches: [Search] = []
  var unseen: [Int32] = []
  var rescan: UInt32 = 0
  var isRescanning = false
  /// When everything must be checked again, because events may have been missed; nil if nothing need be.
  private var mustRescanAt: MonotonicTime?
  private var events: [WatchEvent] = []
  private var lastRescan: MonotonicTime?
  private let worker: Worker
  private var waiter: Alarm?

  init(
    platform: Platform, registry: JobRegistry, heads: LogHeads, state: StateStore, pauses: SizePauses,
    notifier: Notifier
  ) {
    self.platform = platform
    self.heads = heads
    self.registry = registry
    self.state = state
    self.pauses = pauses
    self.notifier = notifier
    self.worker = Worker(on: platform.loop)
  }

  // MARK: Life

  /// Takes over the jobs of a config. `rescans`: their logs or their limits may have changed.
  func adopt(_ registry: JobRegistry, rescans: Bool) {
    self.registry = registry
    guard rescans else { return }
    var places: [ObjectIdentifier: Int] = [:]
    // An index to which logs may still refer is not used again.
    var free = isRescanning ? [] : jobs.indices.filter { jobs[$0] == nil }
    for (place, job) in jobs.enumerated() {
      guard let job else { continue }
      if job.runtime.isRetired || job.runtime.job.sizeLimit?.isWatched != true {
        jobs[place] = nil
      } else {
        places[ObjectIdentifier(job.runtime)] = place
      }
    }
    for runtime in registry.runtimes where runtime.job.sizeLimit?.isWatched == true {
      let watched = WatchedJob(
        runtime: runtime,
        patterns: runtime.job.logs.filter(\.hasWildcard).map {
          Pattern(directory: $0.fixedDirectory, components: $0.components)
        })
      if let place = places[ObjectIdentifier(runtime)] ?? free.popLast() {
        jobs[place] = watched
      } else {
        jobs.append(watched)
      }
    }
    guard table.count > 0 || jobs.contains(where: { $0 != nil }) else { return }
    if lastRescan == nil { begin() }
    beginRescan()
    worker.wake()
  }

  private func begin() {
    platform.fileSystem.onWatchEvents = { [weak self] events in
      guard let self else { return }
      self.events += events
      worker.wake()
    }
    worker.start(self, atEnd: { $0.notifier.endGathering() }) { $0.pass() }
  }

  /// Checks every log again: its size, and logs that have appeared or gone without an event.
  func lookAgain() {
    guard lastRescan != nil else { return }
    mustRescanAt = platform.loop.now()
    worker.wake()
  }

  /// Does the same after lost events, at most once a second: a flood of events must leave time for other work.
  private func lookAgainAfterLoss() {
    guard mustRescanAt == nil, let lastRescan else { return }
    mustRescanAt = max(platform.loop.now(), lastRescan.advanced(by: .seconds(1)))
  }

  /// Returns when every log is watched and was checked, or when `endWait()` is called.
  func settled() async {
    guard isBusy else { return }
    let waiter = Alarm(on: platform.loop)
    self.waiter = waiter
    _ = await waiter.wait(until: .never)
  }

  /// Ends every wait for the first check of all logs, because a stop was requested.
  func endWait() { waiter?.ring() }

  /// Wakes the task, so that it reads its queue again.
  func wakeUp() { worker.wake() }

  func stop() {
    worker.stop()
    endWait()
  }

  private var isBusy: Bool { !searches.isEmpty || !unseen.isEmpty || isRescanning }

  private func pass() -> Worker.Next {
    takeEvents()
    let now = platform.loop.now()
    if let time = mustRescanAt, time <= now, !isBusy { beginRescan() }
    let hasMore = takeTimers(now)
    search()
    if !events.isEmpty || hasMore || isBusy { return .again }
    waiter?.ring()
    waiter = nil
    // Due logs were handed to their jobs, whose runs hold their hooks back themselves.
    notifier.endGathering()
    let wake = [queue.next(), mustRescanAt].compactMap(\.self).min()
    return .sleep(until: wake.map { .monotonic($0) } ?? .never)
  }

  // MARK: Rescans

  /// Searches all logs again; a log that is not found by the end is forgotten.
  private func beginRescan() {
    mustRescanAt = nil
    lastRescan = platform.loop.now()
    rescan &+= 1
    isRescanning = true
    table.forgetInterests()
    searches = jobs.indices.reversed().filter { jobs[$0] != nil }.map { .job(Int32($0)) }
    unseen = []
  }

  private func search() {
    var left = Self.slice
    while left > 0 {
      if let log = unseen.popLast() {
        arm(log)
        left -= 1
      } else if let next = searches.popLast() {
        switch next {
        case .job(let place): left -= register(place)
        case .directory(let directory, let interest, let listing):
          table.directories[Int(directory)].searches -= 1
          left -= walk(directory, interest, listing)
        }
      } else {
        if isRescanning { endRescan() }
        return
      }
    }
  }

  private func endRescan() {
    isRescanning = false
    for index in table.logs.indices where table.logs[index].state != .gone {
      let log = table.logs[index]
      if log.rescan != rescan, log.state != .due || jobs[Int(log.job)] == nil { forget(Int32(index)) }
    }
    for index in table.directories.indices { releaseIfIdle(Int32(index)) }
  }

  /// Adds a search of a directory for the names of a pattern, or what is left of it once some were listed.
  func search(_ directory: Int32, for interest: WatchedLogs.Interest, _ listing: OpenDirectory? = nil) {
    table.directories[Int(directory)].searches += 1
    searches.append(.directory(directory, interest, listing))
  }

  // MARK: Events and timers

  private func takeEvents() {
    let now = Array(events.prefix(Self.slice))
    events.removeFirst(now.count)
    for event in now {
      switch event {
      case .written(let watch):
        for log in table.logs(of: watch) { wake(log) }
      case .moved(let watch):
        for log in table.logs(of: watch) {
          table.setWatch(-1, of: log)
          if table.logs[Int(log)].state == .resting { unseen.append(log) }
        }
        for directory in table.directories(of: watch) { lose(directory) }
      case .named(let watch, let name, let isDirectory):
        for directory in table.directories(of: watch) { see(name, in: directory, isDirectory: isDirectory) }
      case .lost:
        lookAgainAfterLoss()
      }
    }
  }

  /// Checks what is due now. Returns whether more is due.
  private func takeTimers(_ now: MonotonicTime) -> Bool {
    for _ in 0..<Self.slice {
      guard let number = queue.take(at: now) else { return false }
      if number < 0 { retry(directory: ~number) } else { look(number) }
    }
    return queue.next().map { $0 <= now } ?? false
  }

  /// Reports once what cannot be watched, and what is done instead.
  func warn(_ key: String, _ message: @autoclosure () -> String, _ errno: Errno) {
    let subject = Problems.Subject(.watch, part: key)
    guard platform.problems[subject] == nil else { return }
    let every = TimeSpan.describe(Limits.unwatchedLook)
    platform.problems.note(
      subject, Report(.note, .warning, "\(message()); checking every \(every) instead", errno: errno))
  }
}

extension SizeLimit {
  /// Whether the watch decides when to check the size.
  var isWatched: Bool { check == nil }
}
