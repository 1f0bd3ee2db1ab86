import Config
internal import EventLoop
internal import Rotation
internal import Timekeeping

// The way from logrotate: a job of its files that was never seen before goes on from the last rotations in its state file.

extension Supervisor {
  /// Has the new ones of these jobs go on from where logrotate has stopped, before their clocks are set. What was read is in the
  /// state then, so that it happens once. Returns false where a stop has cut it short: as after a kill, jobs without a served time are
  /// new at the next start, if their clocks are not set now.
  func goOnFromLogrotate(_ runtimes: [JobRuntime]) async -> Bool {
    guard let handover = settings.handover else { return true }
    var jobs: [JobRuntime] = []
    for (index, runtime) in runtimes.enumerated() {
      if index % Self.slice == Self.slice - 1 { await platform.loop.yield() }
      guard handover.jobs.contains(runtime.name), state.served(job: runtime.name) == nil else { continue }
      jobs.append(runtime)
    }
    guard !jobs.isEmpty else { return true }
    let last = await lastRotations(in: handover.state, of: Set(jobs.map(\.name)))
    var (logs, due) = (0, 0)
    for runtime in jobs {
      if isStopping { return false }
      guard let last = last[runtime.name] else { continue }
      let counts = await goOn(runtime, from: last)
      (logs, due) = (logs + counts.logs, due + counts.due)
    }
    let message =
      "went on from the last rotations in \(handover.state.printable): \(RunReport.counted(logs, "log")), of which "
      + "\(due) \(due == 1 ? "is" : "are") due now"
    if isStopping { return false }
    if logs > 0 { platform.report(Report(.note, .notice, message)) }
    return true
  }

  /// The last rotations of the logs of these jobs by a state file of logrotate, by job. What cannot be read is reported once.
  private func lastRotations(
    in path: FilePath, of jobs: Set<String>
  ) async -> [String: [FilePath: WallTime]] {
    let registry = registry
    var last: [String: [FilePath: WallTime]] = [:]
    func take(_ entry: LogrotateState.Entry) {
      let log = entry.log
      guard let job = registry.owner(of: log)?.name, jobs.contains(job) else { return }
      last[job, default: [:]][log] = zone.moments(of: entry.last).first
    }
    var reader = LogrotateState.Reader()
    do throws(Errno) {
      let file = try platform.openInPieces(path)
      while !reader.isOver {
        let piece = try file.next()
        if piece.isEmpty { break }
        reader.read(piece, take)
        await platform.loop.yield()
        if isStopping { return [:] }
      }
    } catch {
      let message =
        "cannot read the state of logrotate, \(path.printable): \(error); "
        + "logs of its files of which rotated knows no rotation are due at their next due time"
      // Where logrotate has never run, there is none.
      platform.report(Report(.note, error == .noEntry ? .notice : .warning, message, errno: error))
      // A part of the file would have some logs rotated at once and others not.
      return [:]
    }
    reader.end(take)
    if let first = reader.flaws.first {
      let more = reader.flaws.count - 1
      let message =
        "the state of logrotate, \(path.printable), line \(first.line): \(first.reason)"
        + (more > 0 ? "; \(more) more of its lines cannot be read" : "")
      platform.report(Report(.note, .warning, message))
    }
    return last
  }

  /// Records what is known of the logs of a job that begins, and from when on the job is due.
  private func goOn(
    _ runtime: JobRuntime, from known: [FilePath: WallTime]
  ) async -> (logs: Int, due: Int) {
    guard let schedule = runtime.job.schedule else { return (0, 0) }
    let groups = await registry.find(runtime.job, on: platform.loop).groups
    if isStopping { return (0, 0) }
    let now = Now(platform.loop)
    var oldest: WallTime?
    await visit(groups) { log in
      guard let last = lastRotation(of: log, known[log], now.wall) else { return }
      oldest = min(oldest ?? last, last)
    }
    guard let oldest, !isStopping else { return (0, 0) }
    let handover = ScheduleHandover(schedule, oldest: oldest, now: now.wall, zone: zone)
    var counts = (logs: 0, due: 0)
    var records: [StateRecord] = []
    await visit(groups) { log in
      let last = lastRotation(of: log, known[log], now.wall)
      let served = handover.served(last)
      if last != nil { counts.logs += 1 }
      if last != nil, served == nil, handover.isDue { counts.due += 1 }
      if last != nil || served != nil && handover.isDue {
        records.append(.imported(log: log, rotated: last, served: served, seen: now.wall))
      }
    } afterEach: {
      state.record(records)
      records = []
    }
    if !isStopping { state.record([.served(job: runtime.name, handover.jobServed)]) }
    return counts
  }

  /// What an entry says of a log; nil where it says nothing. One that lies ahead is of a wrong clock. One that is older than a rotation
  /// by this program is of the time before an earlier takeover; `--undo` writes such a rotation into it, without its fraction of a
  /// second.
  private func lastRotation(of log: FilePath, _ entry: WallTime?, _ now: WallTime) -> WallTime? {
    guard let entry, entry <= now, !state.isHalfDone(log) else { return nil }
    guard let known = state.log(log), known.imported == nil, let rotated = known.rotated else { return entry }
    return entry.seconds < rotated.seconds ? nil : entry
  }

  /// Goes over logs in slices, up to a stop.
  private func visit(
    _ groups: [LogGroup], _ body: (FilePath) -> Void, afterEach: () -> Void = {}
  ) async {
    var count = 0
    for group in groups {
      for name in group.names {
        body(LogFinder.join(group.directory, name))
        count += 1
        guard count % Self.slice == 0 else { continue }
        afterEach()
        await platform.loop.yield()
        if isStopping { return }
      }
    }
    afterEach()
  }
}

/// What of a schedule was served before rotated had the job.
///
/// There is one question: whether a log was rotated since the job was last due, by the clocks of now. What was due before that is
/// served with it, as after a time in which the machine was off.
struct ScheduleHandover {
  /// When the job was last due; nil if it never was.
  private let latest: WallTime?
  /// Whether a log has not been rotated since.
  let isDue: Bool
  /// The last due time that the job has served, for its clock.
  let jobServed: WallTime

  /// How far back a due time is searched: more than a year.
  private static let longest = Span.seconds(400 * 86_400)

  /// For a job of whose logs the one that was not rotated for the longest time was rotated at a time before now.
  init(_ schedule: Schedule, oldest: WallTime, now: WallTime, zone: Zone) {
    switch schedule {
    case .calendar(let calendar):
      let end = now - calendar.delay
      latest = calendar.latest(after: end - Self.longest, through: end, in: zone)
      isDue = latest.map { oldest < $0 } ?? false
      jobServed = isDue ? latest.map { $0 - Span(nanoseconds: 1) } ?? now : now
    case .interval(let span):
      // Its phase is that of the oldest rotation, as the clock of the job has it from the time that it is given.
      let (every, phase) = (span.nanoseconds, oldest.nanoseconds)
      let next = Schedule.nextInTime(phase: phase, every: every, after: now.nanoseconds)
      let last = WallTime(nanoseconds: next.saturatingSubtract(every))
      (latest, isDue, jobServed) = (last, oldest < last, oldest)
    }
  }

  /// The due time that a log has served by its last rotation; nil if it is due now. A log without one is new, and due from the next
  /// due time on.
  func served(_ last: WallTime?) -> WallTime? {
    guard let latest, let last, last < latest else { return latest }
    return nil
  }
}
