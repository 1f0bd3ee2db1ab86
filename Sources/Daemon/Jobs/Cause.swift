package import Rotation
package import Timekeeping

/// Why a log is rotated.
package enum Cause: Hashable, Sendable {
  /// The job's schedule came due at this moment of the wall clock.
  case schedule(Schedule, due: WallTime)
  /// Logs of at least the limit's size are due.
  case size(SizeLimit)
  /// An operator has requested it.
  case byHand
  /// A rotation that was begun, for any cause, is finished.
  case recovery

  /// The due time that a rotation for this cause serves.
  package var due: WallTime? {
    if case .schedule(_, let due) = self { due } else { nil }
  }

  /// The demand on the planner: only a schedule asks for the conditions of the policy.
  package var demand: Demand {
    if case .schedule = self { .rotateWhenMet } else { .rotate }
  }

  /// Whether a rotation that served `served` has served this cause too. If `served` is a later due time, this one
  /// was not served: the clock was wrong then, and is right now.
  package func isServed(by served: WallTime) -> Bool {
    switch self {
    case .schedule(.interval(let span), let due):
      // A clock that is slewed may give a slightly different due time after a restart.
      (served - due).nanoseconds.magnitude < span.nanoseconds.magnitude / 2
    case .schedule(.calendar, let due): served == due
    case .size, .byHand, .recovery: false
    }
  }

  /// The cause in words, for a log of this many bytes: `every 30s`, `size 2.1K >= 1K`.
  package func describe(size: Int64) -> String {
    switch self {
    case .schedule(let schedule, _): schedule.description
    case .size(let limit): "size \(ByteSize.describe(size)) >= \(ByteSize.describe(limit.bytes))"
    case .byHand: "by hand"
    case .recovery: "begun before"
    }
  }
}
