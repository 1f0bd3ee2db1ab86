internal import EventLoop
internal import Rotation
internal import Timekeeping

// When has a log reached its limit? Nobody looks at a log that rests: it has a watch that tells of the next write, and is
// gone by that. From then on the log is looked at by time, when its growth says that it may be near the limit (Growth), and
// when it has stopped growing it gets a watch again. What could be missed between two of these is looked at:
//
//   - after each watch is set, the log is looked at: what was written before the watch tells nothing;
//   - after a directory is watched, it is listed, and after its watch is changed, what is missed in it is looked for;
//   - when the kernel has lost events, everything is watched and looked at anew.
//
// What cannot be watched is looked at each `Limits.unwatchedLook`, and more often while it grows.

/// Tells which logs have reached their limit, for all jobs that do not say themselves how often to look.
///
/// It belongs to the Supervisor and is touched on its loop alone, so it needs no lock to be named in a task's closure. It
/// has one task, which sleeps until something has changed or a growing log is to be looked at.
final class SizeWatch {
  /// A job, and its patterns taken apart.
  struct WatchedJob {
    var runtime: JobRuntime
    var patterns: [Pattern] = []
  }

  struct Pattern {
    var directory: FilePath
    var components: [NamePattern]
  }

  /// What is still to be looked through.
  enum Search {
    /// A job of which the logs are to be found.
    case job(Int32)
    /// A directory that a pattern leads to.
    case directory(Int32, WatchedLogs.Interest)
  }

  /// Logs, directories and events that are dealt with between two chances for everything else.
  static let slice = 64

  let platform: Platform
  /// The measure of logs that keep their file, which is that of their rotation.
  let heads: LogHeads
  let state: StateStore
  let pauses: SizePauses
  let notifier: Notifier
  /// Of the config that the watch goes by.
  var registry: JobRegistry
  var table = WatchedLogs()
  var jobs: [WatchedJob?] = []
  var queue = DueQueue()
  var growth: [Int32: Growth] = [:]
  /// Logs whose rotation has failed, and that are still due.
  var retries: [Int32: Backoff] = [:]
  /// What is to be searched, and which logs are to be watched and looked at, the last first.
  var searches: [Search] = []
  var unseen: [Int32] = []
  var rescan: UInt32 = 0
  var isRescanning = false
  /// Whether anything may have happened to anything.
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

  /// Takes over the jobs of a config. `rescans`: which logs they have may have changed, or their limits.
  func adopt(_ registry: JobRegistry, rescans: Bool) {
    self.registry = registry
    guard rescans else { return }
    var places: [ObjectIdentifier: Int] = [:]
    // A place that logs may still refer to is not given away.
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

  /// Looks at every log anew: sizes, and what has appeared or gone unseen.
  func lookAgain() {
    guard lastRescan != nil else { return }
    mustRescanAt = platform.loop.now()
    worker.wake()
  }

  /// The same, when events were lost: a flood of them must not make it the only work.
  private func lookAgainAfterLoss() {
    guard mustRescanAt == nil, let lastRescan else { return }
    mustRescanAt = max(platform.loop.now(), lastRescan.advanced(by: .seconds(1)))
  }

  /// Returns when every log is watched and has been looked at, or `endWait()` is called.
  func settled() async {
    guard isBusy else { return }
    let waiter = Alarm(on: platform.loop)
    self.waiter = waiter
    _ = await waiter.wait(until: .never)
  }

  /// Ends every wait for the first look at all logs: a stop was requested.
  func endWait() { waiter?.ring() }

  /// Lets the task look at its queue again.
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
    // What is due was handed to the jobs, whose runs hold their hooks back themselves.
    notifier.endGathering()
    let wake = [queue.next(), mustRescanAt].compactMap(\.self).min()
    return .sleep(until: wake.map { .monotonic($0) } ?? .never)
  }

  // MARK: Surveys

  /// Finds all logs anew; what is found no more at its end is forgotten.
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
        case .directory(let directory, let interest):
          table.directories[Int(directory)].searches -= 1
          left -= walk(directory, interest)
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

  /// A directory is to be searched for a pattern's names.
  func search(_ directory: Int32, for interest: WatchedLogs.Interest) {
    table.directories[Int(directory)].searches += 1
    searches.append(.directory(directory, interest))
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

  /// Returns whether more are due.
  private func takeTimers(_ now: MonotonicTime) -> Bool {
    for _ in 0..<Self.slice {
      guard let number = queue.take(at: now) else { return false }
      if number < 0 { retry(directory: ~number) } else { look(number) }
    }
    return queue.next().map { $0 <= now } ?? false
  }

  /// Says once what cannot be watched, and what is done instead.
  func warn(_ key: String, _ message: @autoclosure () -> String, _ errno: Errno) {
    let subject = Problems.Subject(.watch, part: key)
    guard platform.problems[subject] == nil else { return }
    let every = TimeSpan.describe(Limits.unwatchedLook)
    platform.problems.note(
      subject, Report(.note, .warning, "\(message()); looking each \(every) instead", errno: errno))
  }
}

extension SizeLimit {
  /// Whether it is left to the watch when to look.
  var isWatched: Bool { check == nil }
}
