import Rotation
import Timekeeping

/// What one table of the config says about a job, `[defaults]` or a job's own; nil is "nothing said".
struct JobSettings {
  /// The keys that are there, their values sound or not: what follows from an absent key is not said of a wrong one.
  var given = JobKeys()
  var logs: [LogPattern] = []
  /// Where each of `logs` stands.
  var logPlaces: [Place] = []
  var exclude: [LogPattern]?
  /// nil also where `daily = false` takes a schedule away; then `namesSchedule` is true. The jitter is not in it yet.
  var schedule: Schedule?
  var catchesUp: Bool?
  var jitter: Span?
  var sizeBytes: Int64?
  var check: SizeCheck?
  var minInterval: Span?
  var keep: Int?
  var rotatesEmpty: Bool?
  var creation: Creation?
  /// nil when nothing is said of it.
  var handling: HandlingSettings?

  /// Whether the table decides on the schedule, so that the one of `[defaults]` does not count.
  var namesSchedule: Bool { JobKey.schedules.contains { given.contains($0) } }

  /// The job that these settings make, with `defaults` where they say nothing, and the program's own below that, on
  /// the machine of this id.
  func job(named name: String, defaults: JobSettings, machine: String, boxes: HandlingCache) -> Job {
    let bytes = given.contains(.size) ? sizeBytes : defaults.sizeBytes
    let limit = bytes.map {
      SizeLimit(
        bytes: $0, check: (check ?? defaults.check ?? Defaults.check).span,
        minInterval: minInterval ?? defaults.minInterval)
    }
    let schedule = spread(namesSchedule ? schedule : defaults.schedule, jitter ?? defaults.jitter, machine, name)
    return Job(
      name: name, logs: logs, exclude: exclude ?? defaults.exclude ?? [], schedule: schedule,
      catchesUp: catchesUp ?? defaults.catchesUp ?? Defaults.catchesUp, sizeLimit: limit,
      policy: Policy(
        keep: keep ?? defaults.keep ?? Defaults.keep,
        rotatesEmpty: rotatesEmpty ?? defaults.rotatesEmpty ?? Defaults.rotatesEmpty,
        creation: creation ?? defaults.creation ?? Defaults.creation,
        handling: box(defaults, schedule, limit, boxes)))
  }

  /// What these settings and `defaults` say of the handling, together; nil when neither says anything.
  func handlingSettings(over defaults: JobSettings) -> HandlingSettings? {
    guard let base = defaults.handling else { return handling }
    return handling.map { $0.over(base) } ?? base
  }

  private func box(
    _ defaults: JobSettings, _ schedule: Schedule?, _ limit: SizeLimit?, _ boxes: HandlingCache
  ) -> Policy.Box {
    guard let settings = handlingSettings(over: defaults) else { return .standard }
    return boxes.box(settings.handling(schedule: schedule, sizeLimit: limit))
  }
}

extension JobSettings {
  private func spread(_ schedule: Schedule?, _ jitter: Span?, _ machine: String, _ job: String) -> Schedule? {
    guard case .calendar(var calendar) = schedule, let jitter else { return schedule }
    calendar.delay = Jitter.share(of: jitter, machine: machine, job: job)
    return .calendar(calendar)
  }
}

/// When sizes are looked at.
enum SizeCheck {
  /// When a log has grown enough.
  case auto
  case every(Span)

  /// The span between two looks; nil for `auto`.
  var span: Span? { if case .every(let span) = self { span } else { nil } }
}

/// A set of keys, without memory of its own: there may be a hundred thousand.
struct JobKeys {
  private var bits: UInt64 = 0

  /// Adds a key.
  mutating func insert(_ key: JobKey) { bits |= 1 << UInt64(key.position) }

  /// Whether a key is in the set.
  func contains(_ key: JobKey) -> Bool { bits & 1 << UInt64(key.position) != 0 }
}
