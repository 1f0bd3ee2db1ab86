/// When a schedule is due. The contract for hard days, for `daily`:
///
/// * Due times are what the calendar says, never "the last one and 24 hours".
/// * A time that a day skips, because the clocks were put forward over it, runs at the first moment after the gap.
/// * A time that a day has twice, because the clocks were put back, runs once, the first time.
/// * A day that a place skipped altogether (Samoa, 2011-12-30) has no run.
extension Schedule {
  /// The first moment strictly after another at which a time of the day is due.
  ///
  /// Past the end of `WallTime` there is none; its last moment stands for that.
  ///
  /// - Precondition: the schedule is `.daily`; an interval counts on another clock (`nextInTime`).
  package func next(after time: WallTime, in zone: Zone) -> WallTime {
    guard case .daily(let timeOfDay) = self else {
      preconditionFailure("an interval is not counted on the wall clock")
    }
    // Clocks put back over midnight, or a repeated day at the date line, show a day again that had its run already.
    let today = zone.localTime(at: time).date.daysSinceEpoch
    for day in (today - 2)...(today + 4) {
      let due = Self.moment(of: timeOfDay, onDay: day, in: zone)
      if let due, due > time {
        return due
      }
    }
    return WallTime(nanoseconds: .max)
  }

  /// The moment of a time on a day, given in days since the epoch; nil if the day is skipped altogether.
  private static func moment(of timeOfDay: TimeOfDay, onDay day: Int, in zone: Zone) -> WallTime? {
    let midnight = Int64(day) * 86_400
    let reading = LocalTime(secondsAsUTC: midnight + Int64(timeOfDay.secondsSinceMidnight))
    let moments = zone.moments(of: reading)
    guard case .none(let gapEnd) = moments else { return moments.first }
    let isWholeDay =
      zone.moments(of: LocalTime(secondsAsUTC: midnight)) == moments
      && zone.moments(of: LocalTime(secondsAsUTC: midnight + 86_399)) == moments
    return isWholeDay ? nil : gapEnd
  }

  /// The least `anchor + k * every` strictly after a moment, k being any whole number, on one clock and in one unit.
  ///
  /// Held at the end of the type: a time past it is "never".
  ///
  /// - Precondition: `every` is positive.
  package static func nextInTime(phase anchor: Int64, every: Int64, after now: Int64) -> Int64 {
    precondition(every > 0, "an interval is positive")
    // 128 bits hold every difference and product of these.
    let distance = Int128(now) - Int128(anchor)
    let remainder = distance % Int128(every)
    let sincePhase = remainder < 0 ? remainder + Int128(every) : remainder
    return Int64(clamping: Int128(now) - sincePhase + Int128(every))
  }
}
