internal import EventLoop
internal import Rotation
internal import Timekeeping

// Reports about the config at a start and at a reload.

extension RunReport {
  /// The most names of jobs in a message.
  private static let mostNames = 5

  /// The daemon has started: its jobs, the number of their logs, and what is due first.
  static func started(_ runtimes: [JobRuntime], logs: Int, zone: Zone, now: Now) -> Report {
    var message = "started with \(counted(runtimes.count, "job")) for \(counted(logs, "log"))"
    let due = runtimes.compactMap { runtime in
      runtime.clock?.next.wall(now: now).map { (at: $0, runtime: runtime) }
    }
    if let first = due.min(by: { $0.at < $1.at }), let schedule = first.runtime.job.schedule {
      message += "; first due: \(first.runtime.name) at \(moment(first.at, zone: zone, now: now)) (\(schedule))"
    }
    return Report(.started, .notice, message)
  }

  /// Another config is in force: how many jobs it has changed, with the first of their names.
  static func reloaded(_ changes: JobChanges, jobs: Int) -> Report {
    func part(_ names: [String], _ what: String) -> String {
      guard !names.isEmpty else { return "0 \(what)" }
      let more = names.count > mostNames ? " and \(names.count - mostNames) more" : ""
      return "\(names.count) \(what) (\(names.prefix(mostNames).joined(separator: ", "))\(more))"
    }
    let parts = [part(changes.added, "added"), part(changes.changed, "changed"), part(changes.removed, "removed")]
    let unchanged = jobs - changes.added.count - changes.changed.count
    return Report(.reloaded, .notice, "config reloaded: \(parts.joined(separator: ", ")), \(unchanged) unchanged")
  }

  /// A time of day, with the date if it is more than 20 hours ahead.
  static func moment(_ time: WallTime, zone: Zone, now: Now) -> String {
    time < now.wall + .seconds(20 * 3600) ? zone.clockTime(at: time) : zone.dateAndTime(at: time)
  }

  /// `1 log`, `2 logs`.
  static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
