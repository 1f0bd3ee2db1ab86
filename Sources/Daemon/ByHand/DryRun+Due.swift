internal import EventLoop
package import Rotation
package import Timekeeping

extension DryRun {
  /// When the logs of a job are due, and why: the schedule with its next and its last due time, and the size. A daemon counts a
  /// new job from its own start.
  package func due(_ job: Job, now: WallTime, zone: Zone) -> [String] {
    var lines: [String] = []
    if let schedule = job.schedule {
      let served = state?.served(job: job.name)
      let moment = Now(monotonic: MonotonicTime(nanoseconds: 0), wall: now)
      let clock = JobClock(schedule, served: served ?? now, now: moment, zone: zone)
      let next =
        clock.due(moment, zone: zone).map { "since \(zone.dateAndTime(at: $0))" }
        ?? clock.next.wall(now: moment).map { "next at \(zone.dateAndTime(at: $0))" } ?? "never again"
      let last = served.map { "last served at \(zone.dateAndTime(at: $0))" } ?? "not served yet"
      lines.append("due \(schedule.description): \(next), \(last)")
    }
    if job.policy.retained?.isConfirmed == false {
      lines.append("removes nothing, because `retain-confirmed` is false")
    }
    if let limit = job.sizeLimit { lines.append("due when a log has \(ByteSize.describe(limit.bytes))") }
    return lines
  }
}
