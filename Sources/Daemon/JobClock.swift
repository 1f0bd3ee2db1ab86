package import EventLoop
package import Rotation

/// The two clocks at one moment.
package struct Now: Hashable, Sendable {
  package var monotonic: MonotonicTime
  package var wall: WallTime

  package init(monotonic: MonotonicTime, wall: WallTime) {
    self.monotonic = monotonic
    self.wall = wall
  }

  package init(_ loop: LoopExecutor) {
    self.init(monotonic: loop.now(), wall: WallTime(nanoseconds: loop.wallClock()))
  }
}

/// When a job is due by time, kept over restarts by the last due time that was served.
///
/// An interval is counted on the monotonic clock, from the phase that the served time gives at start: setting the wall
/// clock moves nothing, and what was missed is served once. A time of day is looked up on the wall clock, from the
/// served time on, so no day is left out and none is served twice, whatever the clock does in between; unless the
/// served time lies so far ahead that the clock must have been wrong when it was written.
package struct JobClock: Sendable {
  /// The next due time, on the clock that it is told by.
  package enum Due: Hashable, Sendable {
    case monotonic(MonotonicTime)
    case wall(WallTime)
  }

  /// How far in the future a served time may lie before it is taken for an error of the clock.
  private static let credibleLead = Span.seconds(25 * 3600)

  /// By which the job is due.
  package let schedule: Schedule
  /// The last due time that needs no more work.
  package private(set) var served: WallTime
  package private(set) var next: Due

  /// The clock of a job that has served this due time; for a new job, the time it was first seen.
  package init(_ schedule: Schedule, served: WallTime, now: Now, zone: Zone) {
    self.schedule = schedule
    self.served = served
    self.next = Self.first(schedule, after: served, now: now, zone: zone)
  }

  /// The due time that is to be served now: the latest that has come; nil when none has.
  package func due(_ now: Now, zone: Zone) -> WallTime? {
    switch next {
    case .monotonic(let time):
      guard now.monotonic >= time else { return nil }
      return WallTime(nanoseconds: now.wall.nanoseconds - (now.monotonic.nanoseconds - time.nanoseconds))
    case .wall(var time):
      guard now.wall >= time else { return nil }
      while true {
        let later = schedule.next(after: time, in: zone)
        guard later <= now.wall else { return time }
        time = later
      }
    }
  }

  /// Goes on to the due time after `now`.
  package mutating func advance(past due: WallTime, now: Now, zone: Zone) {
    switch (schedule, next) {
    case (.interval(let span), .monotonic(let time)):
      next = .monotonic(
        MonotonicTime(
          nanoseconds: Schedule.nextInTime(
            phase: time.nanoseconds, every: span.nanoseconds, after: now.monotonic.nanoseconds)))
    default:
      next = .wall(schedule.next(after: due, in: zone))
    }
  }

  /// Takes note that everything due up to `due` is done or given up.
  package mutating func markServed(_ due: WallTime) {
    served = due
  }

  /// Looks up the next due time again, after the clock or the zone was set.
  package mutating func lookUpAgain(now: Now, zone: Zone) {
    guard case .wall = next else { return }
    next = Self.first(schedule, after: served, now: now, zone: zone)
  }

  private static func first(_ schedule: Schedule, after served: WallTime, now: Now, zone: Zone) -> Due {
    switch schedule {
    case .interval(let span):
      let (wall, every) = (now.wall.nanoseconds, span.nanoseconds)
      let following = Schedule.nextInTime(phase: served.nanoseconds, every: every, after: wall)
      let missed = served.nanoseconds < following - every
      let due = missed ? following - every : following
      return .monotonic(MonotonicTime(nanoseconds: now.monotonic.nanoseconds + (due - wall)))
    case .daily:
      let credible = served > now.wall + credibleLead ? now.wall : served
      return .wall(schedule.next(after: credible, in: zone))
    }
  }
}
