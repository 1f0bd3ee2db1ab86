/// When the logs of a job are due by time.
package enum Schedule: Hashable, Sendable {
  /// Every so often, counted on the monotonic clock that goes on in suspend.
  case interval(Span)
  /// Each day at a time of the local wall clock.
  case daily(TimeOfDay)
}

/// A time of the local wall clock, in whole seconds.
package struct TimeOfDay: Hashable, Sendable {
  /// Seconds since local midnight, 0 to 86,399.
  package var secondsSinceMidnight: Int

  package init(hour: Int, minute: Int, second: Int) {
    self.secondsSinceMidnight = hour * 3600 + minute * 60 + second
  }

  /// 00:00:00.
  package static let midnight = TimeOfDay(hour: 0, minute: 0, second: 0)
}
