/// When the logs of a job are due by time.
package enum Schedule: Hashable, Sendable {
  /// At a fixed interval, on the monotonic clock that includes suspend.
  case interval(Span)
  /// At moments of the wall clock.
  case calendar(CalendarSchedule)

  /// Each day at a time of the local wall clock.
  package static func daily(_ time: TimeOfDay) -> Schedule { .calendar(.daily(time)) }

  /// The shortest distance of two consecutive due times: an interval, or for a calendar a day, an hour, a minute or a
  /// second.
  package var grain: Span {
    switch self {
    case .interval(let span): span
    case .calendar(let calendar): calendar.grain
    }
  }
}

extension Schedule: CustomStringConvertible {
  /// `every 30s`, `daily at 00:00`, `calendar Mon..Fri 22:30`.
  package var description: String {
    switch self {
    case .interval(let span): "every \(TimeSpan.show(span))"
    case .calendar(let calendar): calendar.name
    }
  }
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

extension TimeOfDay: CustomStringConvertible {
  /// `HH:MM`, with seconds if they are not 0.
  package var description: String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let seconds = secondsSinceMidnight % 60
    let minutes = "\(two(secondsSinceMidnight / 3600)):\(two(secondsSinceMidnight / 60 % 60))"
    return seconds == 0 ? minutes : "\(minutes):\(two(seconds))"
  }
}
