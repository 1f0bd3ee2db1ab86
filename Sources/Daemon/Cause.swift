package import Rotation

/// Why a log is rotated.
package enum Cause: Hashable, Sendable {
  /// The job's schedule came due at this moment of the wall clock.
  case schedule(Schedule, due: WallTime)
  /// Logs of at least the limit's size are due.
  case size(SizeLimit)
  /// An operator asked for it.
  case byHand

  /// The due time that a rotation of this cause serves.
  package var due: WallTime? {
    if case .schedule(_, let due) = self { due } else { nil }
  }

  /// Whether a rotation that served `served` has served this cause too. The due times of an interval are told by a
  /// clock that is slewed, so the same one may come out a little different after a restart.
  package func isServed(by served: WallTime) -> Bool {
    switch self {
    case .schedule(.interval(let span), let due):
      served > due + Span(nanoseconds: -span.nanoseconds / 2)
    case .schedule(.daily, let due): served >= due
    case .size, .byHand: false
    }
  }

  /// The cause in words, for a log of this many bytes: `every 30s`, `size 2.1K >= 1K`.
  package func describe(size: Int64) -> String {
    switch self {
    case .schedule(let schedule, _): schedule.description
    case .size(let limit): "size \(ByteSize.describe(size)) >= \(ByteSize.describe(limit.bytes))"
    case .byHand: "by hand"
    }
  }
}

extension Schedule: CustomStringConvertible {
  /// `every 30s`, `daily at 00:00`.
  package var description: String {
    switch self {
    case .interval(let span): "every \(TimeSpan.describe(span))"
    case .daily(let time): "daily at \(time)"
    }
  }
}

extension TimeOfDay: CustomStringConvertible {
  /// `HH:MM`, with seconds where there are any.
  package var description: String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let seconds = secondsSinceMidnight % 60
    let minutes = "\(two(secondsSinceMidnight / 3600)):\(two(secondsSinceMidnight / 60 % 60))"
    return seconds == 0 ? minutes : "\(minutes):\(two(seconds))"
  }
}
