internal import Rotation
package import Timekeeping

/// When a job is due by time, preserved over restarts by the last due time that was served. The article Schedules is
/// its contract.
///
/// An interval runs on the monotonic clock, from the phase that the served time gives at start: setting the wall clock
/// has no effect, and missed times are served once. A calendar is computed on the wall clock, from the served time on,
/// so no due time is left out and none is served twice, however the clock is set in between. The exception is a served
/// time so far ahead that the clock must have been wrong when it was written.
package struct JobClock: Sendable {
  /// When the job acts next, on the clock that it follows.
  package enum Due: Hashable, Sendable {
    case monotonic(MonotonicTime)
    case wall(WallTime)
    /// The calendar has no due time left.
    case never

    /// The same on the wall clock, which may be set before then; nil for never.
    package func wall(now: Now) -> WallTime? {
      switch self {
      case .wall(let time): time
      case .monotonic(let time): now.wall + (time - now.monotonic)
      case .never: nil
      }
    }
  }

  /// How far in the future a served time may be before it counts as an error of the clock.
  private static let credibleLead = Span.seconds(25 * 3600)

  /// The schedule of the job.
  package let schedule: Schedule
  /// The last due time that needs no more work.
  package private(set) var served: WallTime
  package private(set) var next: Due

  /// The clock of a job that has served this due time; for a new job, the time of its first start.
  package init(_ schedule: Schedule, served: WallTime, now: Now, zone: Zone) {
    self.schedule = schedule
    self.served = served
    self.next = Self.first(schedule, after: served, now: now, zone: zone)
  }

  /// The due time that is to be served now: the latest that has come; nil if none has.
  package func due(_ now: Now, zone: Zone) -> WallTime? {
    switch (schedule, next) {
    case (.interval(let span), .monotonic(let time)):
      guard now.monotonic >= time else { return nil }
      let (every, monotonic) = (span.nanoseconds, now.monotonic.nanoseconds)
      let next = Schedule.nextInTime(phase: time.nanoseconds, every: every, after: monotonic)
      return now.wall + Span(nanoseconds: next.saturatingSubtract(every).saturatingSubtract(monotonic))
    case (.calendar(let calendar), .wall(let time)):
      guard now.wall >= time else { return nil }
      let due = time - calendar.delay
      return calendar.latest(after: due, through: now.wall - calendar.delay, in: zone) ?? due
    default: return nil
    }
  }

  /// Continues with the due time after `now`.
  package mutating func advance(past due: WallTime, now: Now, zone: Zone) {
    switch (schedule, next) {
    case (.interval(let span), .monotonic(let time)):
      next = .monotonic(
        MonotonicTime(
          nanoseconds: Schedule.nextInTime(
            phase: time.nanoseconds, every: span.nanoseconds, after: now.monotonic.nanoseconds)))
    case (.calendar(let calendar), _):
      next = Self.following(due, calendar, zone)
    default: preconditionFailure("an interval is told by the monotonic clock")
    }
  }

  /// Records that everything due up to `due` is done or given up.
  package mutating func markServed(_ due: WallTime) {
    served = due
  }

  /// Gives up a due time that has come and was not noticed in time (`Limits.punctuality`): for a job without
  /// `catch-up`.
  ///
  /// - Returns: the latest due time that was given up; nil if there is none.
  package mutating func skipMissed(now: Now, zone: Zone) -> WallTime? {
    guard let due = due(now, zone: zone), now.wall - (due + schedule.delay) > Limits.punctuality else { return nil }
    advance(past: due, now: now, zone: zone)
    served = due
    return due
  }

  /// Computes the next due time again, after the wall clock was set.
  package mutating func lookUpAgain(now: Now, zone: Zone) {
    next = Self.first(schedule, after: served, now: now, zone: zone, keeping: next)
  }

  /// Computes the next due time in another zone. Due times of that zone before now need no work; one that has already
  /// come in the former zone is served as it was due.
  package mutating func zoneWasChanged(now: Now, zone: Zone) {
    guard case .calendar(let calendar) = schedule, due(now, zone: zone) == nil else { return }
    served = max(served, now.wall - calendar.delay)
    next = Self.first(schedule, after: served, now: now, zone: zone)
  }

  private static func first(
    _ schedule: Schedule, after served: WallTime, now: Now, zone: Zone, keeping known: Due? = nil
  ) -> Due {
    switch schedule {
    case .interval(let span):
      if let known { return known }
      let (wall, every) = (now.wall.nanoseconds, span.nanoseconds)
      let following = Schedule.nextInTime(phase: served.nanoseconds, every: every, after: wall)
      let last = following.saturatingSubtract(every)
      let due = WallTime(nanoseconds: served.nanoseconds < last ? last : following)
      return .monotonic(now.monotonic.advanced(by: due - now.wall))
    case .calendar(let calendar):
      return Self.following(served > now.wall + credibleLead ? now.wall : served, calendar, zone)
    }
  }

  private static func following(_ due: WallTime, _ calendar: CalendarSchedule, _ zone: Zone) -> Due {
    calendar.next(after: due, in: zone).map { .wall($0 + calendar.delay) } ?? .never
  }
}

extension Schedule {
  /// How long after its due times a job acts.
  fileprivate var delay: Span {
    if case .calendar(let calendar) = self { calendar.delay } else { .zero }
  }
}
