internal import Config
package import Control
internal import EventLoop
internal import Rotation
internal import Timekeeping

/// What jobs will occupy on disk: the planner of the daemon, on inventories that grow as they were measured to grow.
package struct Forecast {
  /// By job, in the order of the config.
  package private(set) var jobs: [Wire.JobForecast] = []
  /// Where a bound will be hit.
  package private(set) var findings: [Wire.Finding] = []

  /// A log to be played, and the file system that its archives are on.
  struct Subject {
    var log: SimulatedLog
    var volume: UInt64
  }

  /// A file system with archives.
  struct Volume {
    var path: FilePath
    var space: Space
    /// What logs and archives on it occupy: now, and after each day.
    var bytes: [Int64]
  }

  private let now: WallTime
  private let count: Int
  /// How many days are shown.
  var days: Int { count }
  private var volumes: [UInt64: Volume] = [:]

  init(days: Int, now: WallTime) {
    (count, self.now) = (days, now)
  }

  /// Adds a file system.
  mutating func add(_ volume: UInt64, _ path: FilePath, _ space: Space) {
    guard volumes[volume] == nil else { return }
    volumes[volume] = Volume(path: path, space: space, bytes: Array(repeating: 0, count: count + 1))
  }

  /// Plays the logs of a job, day by day.
  mutating func play(_ job: Job, _ subjects: [Subject], _ measured: Wire.JobForecast) {
    var (subjects, forecast) = (subjects, measured)
    var dayOfTotal: Int?
    note(subjects, day: 0)
    forecast.bytes = subjects.reduce(0) { $0.saturatingAdd($1.log.bytes) }
    for day in 1...count {
      let end = now + Span.seconds(86_400) * Int64(day)
      var hasRotated = false
      for index in subjects.indices {
        while let next = subjects[index].log.next, next <= end {
          subjects[index].log.grow(to: next)
          subjects[index].log.rotate()
          hasRotated = true
        }
      }
      // The daemon compares with `max-total` after a rotation, and lets the logs grow beyond it until the next.
      if hasRotated || job.policy.maxAge != nil, retain(&subjects, job, end), dayOfTotal == nil { dayOfTotal = day }
      for index in subjects.indices {
        subjects[index].log.grow(to: end)
        subjects[index].log.tidy()
      }
      forecast.days.append(subjects.reduce(0) { $0.saturatingAdd($1.log.bytes) })
      note(subjects, day: day)
    }
    jobs.append(forecast)
    if let dayOfTotal, let most = job.policy.maxTotal {
      findings.append(
        Wire.Finding(
          .warning, "forecast", job: job.name,
          "`max-total` of \(ByteSize.describe(most)) removes archives before `keep` does, \(Self.when(dayOfTotal))",
          advice: "raise `max-total`, or lower `keep` to what fits"))
    }
    if subjects.contains(where: \.log.isCut) {
      findings.append(
        Wire.Finding(
          .notice, "forecast", job: job.name, "rotates too often for all of its rotations to be played",
          advice: "ask for fewer days with --days"))
    }
  }

  /// Removes what the rules of the job remove at a moment; whether `max-total` removes something.
  private func retain(_ subjects: inout [Subject], _ job: Job, _ moment: WallTime) -> Bool {
    guard job.policy.maxAge != nil || job.policy.maxTotal != nil else { return false }
    var tally = RemovalTally(job.policy, now: moment)
    for subject in subjects { tally.add(subject.log.found(job: job.name)) }
    var gone: [FilePath: Set<UInt64>] = [:]
    var isByTotal = false
    for removal in tally.removals {
      gone[removal.archive.log, default: []].insert(removal.archive.inode)
      if case .total = removal.reason { isByTotal = true }
    }
    for index in subjects.indices {
      if let inodes = gone[subjects[index].log.path] { subjects[index].log.remove(inodes) }
    }
    return isByTotal
  }

  /// Adds what a job will occupy.
  mutating func append(_ job: Wire.JobForecast) { jobs.append(job) }

  /// Adds bytes to what a file system has after a day.
  mutating func note(_ bytes: Int64, on volume: UInt64, day: Int) {
    let before = volumes[volume]?.bytes[day] ?? 0
    volumes[volume]?.bytes[day] = before.saturatingAdd(bytes)
  }

  private mutating func note(_ subjects: [Subject], day: Int) {
    for subject in subjects {
      let before = volumes[subject.volume]?.bytes[day] ?? 0
      volumes[subject.volume]?.bytes[day] = before.saturatingAdd(subject.log.bytes)
    }
  }

  /// Compares the file systems with their room and with `keep-free`, once all jobs were played.
  mutating func compare(with settings: DaemonSettings) {
    for volume in volumes.values.sorted(by: { $0.path < $1.path }) {
      let free = volume.bytes.map {
        volume.space.free.saturatingSubtract($0.saturatingSubtract(volume.bytes[0]))
      }
      let total = ByteSize.describe(volume.space.total)
      if let day = free.indices.dropFirst().first(where: { free[$0] <= 0 }) {
        findings.append(
          Wire.Finding(
            .error, "forecast", path: volume.path, "the file system of \(total) is full \(Self.when(day))",
            advice: "lower `keep`, set `max-total` or `keep-free`, or give it more room"))
      }
      guard let bound = settings.keepFree else { continue }
      let least = bound.bytes(of: volume.space.total)
      if let day = free.indices.dropFirst().first(where: { free[$0] < least }) {
        findings.append(
          Wire.Finding(
            .warning, "forecast", path: volume.path,
            "less than `keep-free` of \(bound.description) is free \(Self.when(day)): the oldest archives are removed",
            advice: "lower `keep`, or give the file system more room"))
      }
    }
  }

  private static func when(_ day: Int) -> String { day == 1 ? "within a day" : "within \(day) days" }
}
