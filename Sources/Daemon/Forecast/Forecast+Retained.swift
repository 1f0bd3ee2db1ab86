internal import Config
internal import Control
internal import Rotation
internal import Timekeeping

// Files of another program, which grow as they did between the oldest and the newest of them.

extension Forecast {
  /// Adds a job with `retain`. Each group goes on growing at its rate, and the rules bound it, if the job is confirmed.
  mutating func add(_ job: Job, _ look: DryRun.RetainedLook, volume: (FilePath) -> UInt64?, now: WallTime) {
    var forecast = Wire.JobForecast()
    (forecast.name, forecast.limitBytes, forecast.isRatioMeasured) = (job.name, job.policy.maxTotal, true)
    (forecast.logs, forecast.bytes) = (Int64(look.groups.count), look.bytes)
    forecast.unmeasured = Int64(look.groups.count { Self.rate(of: $0) == nil })
    let growth = look.groups.reduce(0.0) { $0 + (Self.rate(of: $1) ?? 0) * 86_400 }
    forecast.growthBytes = Int64(min(growth, 9e18))
    let isConfirmed = job.policy.retained?.isConfirmed == true
    for day in 0...days {
      let sizes = look.groups.map { Self.bytes(of: $0, day: day, isConfirmed ? job.policy : nil) }
      let sum = sizes.reduce(0.0, +)
      let share = isConfirmed ? job.policy.maxTotal.map { min(1, Double($0) / max(1, sum)) } ?? 1 : 1
      for (group, size) in zip(look.groups, sizes) {
        guard let volume = volume(group.path.split.directory) else { continue }
        note(Int64(min(size * share, 9e18)), on: volume, day: day)
      }
      if day > 0 { forecast.days.append(Int64(min(sum * share, 9e18))) }
    }
    append(forecast)
  }

  /// Bytes per second; nil where the times of the files do not say.
  private static func rate(of group: RetainedFiles) -> Double? {
    guard let first = group.earliest, let last = group.newest, group.count > 1 else { return nil }
    let seconds = Double((last - first).nanoseconds) / 1e9
    return seconds > 0 ? Double(group.bytes) / seconds * Double(group.count - 1) / Double(group.count) : nil
  }

  /// The bytes of a group after some days, within the bounds of a policy.
  private static func bytes(of group: RetainedFiles, day: Int, _ policy: Policy?) -> Double {
    let one = Double(group.bytes) / Double(max(1, group.all))
    var bytes = Double(group.bytes)
    if let rate = rate(of: group) {
      bytes += rate * 86_400 * Double(day)
      if let age = policy?.maxAge { bytes = min(bytes, rate * Double(age.nanoseconds) / 1e9 + one) }
    }
    if let keep = policy?.retained?.keep { bytes = min(bytes, one * Double(keep)) }
    return bytes
  }
}
