/// How the times of a calendar are treated on days with a clock change. This is the only place that decides it.
package enum ClockChangeRule: Hashable, Sendable {
  /// The contract of rotated. A time that does not exist runs at the first moment after the gap, so that no due
  /// rotation is lost; several such times run once. A time that exists twice runs once, the first time. Two
  /// exceptions:
  ///
  /// * An expression that matches in every hour of the day (`hourly`, `*:0/10`) is due whenever the clock shows one of
  ///   its times. In a doubled hour it matches both times, because otherwise the job would pause for an hour. Nothing is
  ///   caught up for a skipped hour, because the hours before and after have their own runs.
  /// * A day that a zone skipped altogether has no run (Samoa, 2011-12-30): it is not a day of its calendar.
  case served
  /// What systemd 252 does, for comparison. A time that does not exist is left out. A doubled time elapses the first
  /// time, and once more if the search starts between the two; `hourly` is left out in the second of the doubled hours.
  case asSystemd
}

extension CalendarExpression {
  /// The first moment strictly after another at which the expression is due.
  ///
  /// - Parameters:
  ///   - time: the moment to search from.
  ///   - defaultZone: the zone of an expression that names none.
  ///   - clockChangeRule: how times are treated that a day does not have, or has twice.
  /// - Returns: the moment; nil if there is none up to the year 2199.
  package func next(after time: WallTime, in defaultZone: Zone, clockChangeRule: ClockChangeRule = .served) -> WallTime?
  {
    let zone = self.zone ?? defaultZone
    switch clockChangeRule {
    case .asSystemd:
      return nextShown(from: zone.reading(following: time), after: time, in: zone)
    case .served:
      return matchesEveryHour ? nextOnRunningClock(after: time, in: zone) : nextServed(after: time, in: zone)
    }
  }

  private var matchesEveryHour: Bool { (0...23).allSatisfy { hours.least(from: $0, through: $0) == $0 } }

  /// The moment at which the clocks first show a time of the expression, or a later time if they skip it.
  private func nextServed(after time: WallTime, in zone: Zone) -> WallTime? {
    // A later reading never has an earlier moment. So the first reading that is due after `time` is the first one that
    // the clocks have neither shown nor skipped up to then.
    var earliest = zone.unshownReading(after: time)
    while let reading = firstReading(notBefore: earliest) {
      let moments = zone.moments(ofReading: reading.wholeSeconds)
      guard case .none(let gapEnd) = moments else { return moments.first.adding(fractionOf: reading) }
      guard zone.skipsDay(of: reading) else { return gapEnd }
      earliest = zone.reading(at: gapEnd)
    }
    return nil
  }

  /// The next moment at which the clocks show a time of the expression.
  private func nextOnRunningClock(after time: WallTime, in zone: Zone) -> WallTime? {
    let unshown = zone.unshownReading(after: time)
    let forward = nextShown(from: unshown, after: time, in: zone)
    // Clocks put back show readings again; of these, only what they showed before can be due before `forward`.
    var period = zone.period(holding: time.seconds)
    var earliest = zone.reading(following: time)
    repeat {
      if earliest < unshown, let reading = firstReading(notBefore: earliest), reading < unshown,
        reading.wholeSeconds < period.end.saturatingAdd(period.offset)
      {
        let again = WallTime(seconds: reading.wholeSeconds - period.offset).adding(fractionOf: reading)
        return forward.map { min($0, again) } ?? again
      }
      guard period.end < .max else { break }
      period = zone.period(holding: period.end)
      earliest = (period.start + period.offset).inMicroseconds
    } while earliest < unshown
    return forward
  }

  /// The next moment at which the clocks show a time of the expression, not before a reading; what they skip is left
  /// out, and of two moments the first after `time` is taken.
  private func nextShown(from first: Int64, after time: WallTime, in zone: Zone) -> WallTime? {
    var earliest = first
    while let reading = firstReading(notBefore: earliest) {
      switch zone.moments(ofReading: reading.wholeSeconds) {
      case .none(let gapEnd):
        earliest = zone.reading(at: gapEnd)
      case .one(let moment):
        return moment.adding(fractionOf: reading)
      case .two(let moment, let other):
        let candidate = moment.adding(fractionOf: reading)
        return candidate > time ? candidate : other.adding(fractionOf: reading)
      }
    }
    return nil
  }
}

extension Zone {
  /// What the clocks show at a moment: microseconds since the epoch on a clock that shows UTC.
  fileprivate func reading(at time: WallTime) -> Int64 {
    time.microseconds + Int64(offset(at: time)) * 1_000_000
  }

  /// The first reading in whole microseconds after the one at a moment.
  fileprivate func reading(following time: WallTime) -> Int64 { reading(at: time) + 1 }

  /// The first reading that the clocks have not shown up to a moment, that included.
  fileprivate func unshownReading(after time: WallTime) -> Int64 {
    var unshown = reading(following: time)
    var start = period(holding: time.seconds).start
    // Clocks that were put back have shown more than they show now. They go back by at most the difference of two
    // offsets.
    let span = Int64(ZoneType.offsets.count)
    while start > time.seconds - span {
      let before = period(holding: start - 1)
      unshown = max(unshown, (start + before.offset).inMicroseconds)
      start = before.start
    }
    return unshown
  }

  /// Whether a reading that the clocks do not show belongs to a day of which they show nothing.
  fileprivate func skipsDay(of reading: Int64) -> Bool {
    let second = reading.wholeSeconds
    let midnight = second - ((second % 86_400) + 86_400) % 86_400
    guard case .none(let gapEnd) = moments(ofReading: midnight) else { return false }
    return self.reading(at: gapEnd) >= (midnight + 86_400).inMicroseconds
  }
}

extension WallTime {
  /// Whole microseconds since the epoch, rounded down.
  fileprivate var microseconds: Int64 {
    let quotient = nanoseconds / 1000
    return nanoseconds % 1000 < 0 ? quotient - 1 : quotient
  }

  /// The moment and what a reading in microseconds has more than whole seconds.
  fileprivate func adding(fractionOf reading: Int64) -> WallTime {
    self + Span(nanoseconds: (reading - reading.wholeSeconds.inMicroseconds) * 1000)
  }
}

extension Int64 {
  /// Microseconds in whole seconds, rounded down.
  fileprivate var wholeSeconds: Int64 {
    let quotient = self / 1_000_000
    return self % 1_000_000 < 0 ? quotient - 1 : quotient
  }

  /// Seconds in microseconds; a zone file may contain changes beyond the range of microseconds.
  fileprivate var inMicroseconds: Int64 { saturatingMultiply(1_000_000) }
}
