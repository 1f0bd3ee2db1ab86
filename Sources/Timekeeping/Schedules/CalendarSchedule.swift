/// The calendar of a job: a list of expressions, whose times are combined, and the job's own delay by jitter.
///
/// A due time is always the time that the calendar names. The delay says when the job acts on it. It is not part of the
/// due time that the state records, so a change of the jitter neither repeats nor skips a due time.
package struct CalendarSchedule: Hashable, Sendable {
  /// As reports name it: `daily at 03:30`, `weekly`, `calendar Mon..Fri 22:30 Europe/Berlin`.
  package let name: String
  /// At least one.
  package let expressions: [CalendarExpression]
  /// How long after each due time the job acts.
  package var delay: Span

  package init(name: String, _ expressions: [CalendarExpression], delay: Span = .zero) {
    precondition(!expressions.isEmpty, "a calendar has an expression")
    self.name = name
    self.expressions = expressions
    self.delay = delay
  }

  /// Each day at a time of the local wall clock.
  package static func daily(_ time: TimeOfDay) -> CalendarSchedule {
    CalendarSchedule(name: "daily at \(time)", [CalendarExpression(daily: time)])
  }

  /// The finest field in which its times differ within a day, as a span: a day, an hour, a minute or a second.
  package var grain: Span {
    func differ(_ field: (CalendarExpression) -> CalendarField) -> Bool {
      Set(expressions.map(field)).count > 1 || !field(expressions[0]).isOneValue
    }
    return .seconds(differ(\.seconds) ? 1 : differ(\.minutes) ? 60 : differ(\.hours) ? 3600 : 86_400)
  }

  /// The first due time strictly after a moment, by the contract of `ClockChangeRule.served`.
  ///
  /// Due times are what the calendar says, never "the last one and 24 hours".
  ///
  /// - Parameters:
  ///   - time: the moment to search from.
  ///   - zone: the zone of the expressions that name none.
  /// - Returns: the due time, without the delay; nil if there is none up to the year 2199.
  package func next(after time: WallTime, in zone: Zone) -> WallTime? {
    expressions.lazy.compactMap { $0.next(after: time, in: zone) }.min()
  }

  /// The last due time after a moment and up to another; nil if there is none.
  ///
  /// The number of searches grows with the logarithm of the time between: a job for each second may have missed years.
  package func latest(after start: WallTime, through end: WallTime, in zone: Zone) -> WallTime? {
    guard var latest = next(after: start, in: zone), latest <= end else { return nil }
    // There is no due time after `bound` and up to `end`. Bisection finds the last one. The check in between nearly
    // always ends the search at once.
    var bound = end
    var asksForEnd = true
    while latest < bound {
      // The distance of the two may not fit into a signed number.
      let half = Int64(UInt64(bitPattern: bound.nanoseconds &- latest.nanoseconds) / 2)
      let probe = asksForEnd ? latest : WallTime(nanoseconds: latest.nanoseconds + half)
      if let later = next(after: probe, in: zone), later <= end {
        latest = later
        asksForEnd.toggle()
      } else {
        bound = probe
      }
    }
    return latest
  }
}
