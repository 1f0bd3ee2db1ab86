internal import Control
internal import Rotation
internal import Timekeeping

/// What was reported and counted since the start. A job that has nothing counted costs nothing.
final class Activity {
  private let sink: (Report) -> Void
  private let now: () -> WallTime
  private var subscriptions: [ObjectIdentifier: Subscription] = [:]
  private var jobs: [String: JobActivity] = [:]

  init(_ sink: @escaping (Report) -> Void, now: @escaping () -> WallTime) {
    self.sink = sink
    self.now = now
  }

  /// What was counted of a job; nil when nothing was.
  subscript(_ job: String) -> JobActivity? { jobs[job] }

  private func change(_ job: String, _ body: (JobActivity) -> Void) {
    let known = jobs[job] ?? JobActivity()
    jobs[job] = known
    body(known)
  }

  /// Forgets jobs that the config has no more.
  func forget(_ names: [String]) {
    for name in names { jobs[name] = nil }
  }

  // MARK: Reports

  /// Passes a report on to where all go, and to those who have subscribed.
  func take(_ report: Report) {
    sink(report)
    guard !subscriptions.isEmpty else { return }
    var event: Wire.Event?
    for subscription in subscriptions.values where subscription.wants(report) {
      let made = event ?? Wire.Event(report, at: now())
      event = made
      subscription.add(made)
    }
  }

  func add(_ subscription: Subscription) { subscriptions[ObjectIdentifier(subscription)] = subscription }

  func remove(_ subscription: Subscription) { subscriptions[ObjectIdentifier(subscription)] = nil }

  // MARK: Counts

  /// Takes in what came of a log in a run.
  func note(_ outcome: Outcome, _ cause: Cause, _ path: FilePath, job: String) {
    switch outcome {
    case .rotated(let rotated):
      let time = now()
      change(job) { counts in
        counts.rotations[cause.word, default: 0] += 1
        counts.rotatedBytes = counts.rotatedBytes.saturatingAdd(rotated.bytes)
        counts.last = (path, Wire.Rotated(rotated, at: time))
        if case .size(let limit) = cause, rotated.way != .leave {
          counts.overshoot = max(counts.overshoot, rotated.bytes - limit.bytes)
        }
        if let due = cause.due { counts.late = max(counts.late, time - due) }
        guard !rotated.pruned.isEmpty else { return }
        counts.removed[RemovalReason.keep.word, default: (0, 0)].files += Int64(rotated.pruned.count)
        counts.removed[RemovalReason.keep.word]?.bytes += rotated.prunedBytes
      }
    case .failed(let failure):
      // The first word is what was done; the rest names files.
      let step = failure.step.split(separator: " ").first.map(String.init) ?? ""
      change(job) { $0.noteFailure(step, failure.errno) }
    case .settled, .skipped, .cleared: break
    }
  }

  /// Takes in how a run of a job has ended.
  func note(_ end: Run.End, job: String) {
    let time = now()
    if end.rotations > 0, end.isComplete { change(job) { $0.lastSuccess = time } }
  }

  func noteCompression(from: Int64, to: Int64, job: String) {
    change(job) { counts in
      counts.compressed.read = counts.compressed.read.saturatingAdd(from)
      counts.compressed.written = counts.compressed.written.saturatingAdd(to)
    }
  }

  func noteRemoval(_ reason: RemovalReason, bytes: Int64, job: String) {
    change(job) { counts in
      let known = counts.removed[reason.word] ?? (0, 0)
      counts.removed[reason.word] = (known.files + 1, known.bytes.saturatingAdd(bytes))
    }
  }
}

/// What was counted of a job since the start, or since it came into the config.
final class JobActivity {
  /// A failure by what was done and the kernel's error.
  struct Failure: Hashable {
    var step: String
    var errno: Errno
  }

  fileprivate(set) var rotations: [String: Int64] = [:]
  fileprivate(set) var failures: [Failure: Int64] = [:]
  fileprivate(set) var removed: [String: (files: Int64, bytes: Int64)] = [:]
  fileprivate(set) var rotatedBytes: Int64 = 0
  fileprivate(set) var compressed: (read: Int64, written: Int64) = (0, 0)
  fileprivate(set) var overshoot: Int64 = 0
  fileprivate(set) var late = Span.zero
  /// When a run that has rotated something has ended without an error.
  fileprivate(set) var lastSuccess: WallTime?
  fileprivate(set) var last: (log: FilePath, rotated: Wire.Rotated)?

  fileprivate func noteFailure(_ step: String, _ errno: Errno) {
    let failure = Failure(step: step, errno: errno)
    guard failures[failure] != nil || failures.count < Limits.maxFailureKinds else { return }
    failures[failure, default: 0] += 1
  }
}

/// What a client wants to hear of, and what it has not taken yet.
final class Subscription {
  private let jobs: Set<String>
  private let logs: Set<FilePath>
  private let onEvent: () -> Void
  private var events: ArraySlice<Wire.Event> = []
  private var missed: Int64 = 0

  init(jobs: [String], logs: [FilePath], onEvent: @escaping () -> Void) {
    self.jobs = Set(jobs)
    self.logs = Set(logs)
    self.onEvent = onEvent
  }

  func wants(_ report: Report) -> Bool {
    jobs.isEmpty && logs.isEmpty || report.job.map(jobs.contains) == true || report.log.map(logs.contains) == true
  }

  func add(_ event: Wire.Event) {
    guard events.count < Limits.maxUnreadEvents else { return missed += 1 }
    var event = event
    if missed > 0 { event.missed = missed }
    missed = 0
    events.append(event)
    onEvent()
  }

  /// The next event; nil when there is none.
  func next() -> Wire.Event? { events.popFirst() }
}

extension Cause {
  /// The word of a metric's label.
  var word: String {
    switch self {
    case .schedule: "schedule"
    case .size: "size"
    case .byHand: "hand"
    case .recovery: "recovery"
    }
  }
}

extension RemovalReason {
  /// The word of a metric's label.
  var word: String {
    switch self {
    case .keep: "keep"
    case .age: "max-age"
    case .total: "max-total"
    case .free: "keep-free"
    case .copy, .replaced, .secondName, .leftover, .unfinished, .undone: "leftover"
    }
  }
}
