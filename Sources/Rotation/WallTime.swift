/// A moment of the wall clock: nanoseconds since 1970-01-01 00:00:00 UTC, leap seconds not counted (`CLOCK_REALTIME`).
///
/// 64 bits reach from the year 1678 to 2262.
package struct WallTime: Hashable, Comparable, Sendable {
  /// Nanoseconds since the epoch.
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// A moment given in whole seconds since the epoch.
  package init(seconds: Int64) {
    self.nanoseconds = seconds * 1_000_000_000
  }

  /// Whole seconds since the epoch, rounded down.
  package var seconds: Int64 {
    let quotient = nanoseconds / 1_000_000_000
    return nanoseconds % 1_000_000_000 < 0 ? quotient - 1 : quotient
  }

  package static func < (left: WallTime, right: WallTime) -> Bool { left.nanoseconds < right.nanoseconds }

  package static func + (time: WallTime, span: Span) -> WallTime {
    WallTime(nanoseconds: time.nanoseconds.saturatingAdd(span.nanoseconds))
  }

  package static func - (time: WallTime, span: Span) -> WallTime {
    time + Span(nanoseconds: span.nanoseconds == .min ? .max : -span.nanoseconds)
  }

  package static func - (later: WallTime, earlier: WallTime) -> Span {
    Span(nanoseconds: later.nanoseconds.saturatingAdd(earlier.nanoseconds == .min ? .max : -earlier.nanoseconds))
  }
}

/// A length of time in nanoseconds; negative spans point back.
package struct Span: Hashable, Comparable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// A length in whole seconds.
  package static func seconds(_ seconds: Int64) -> Span { Span(nanoseconds: seconds * 1_000_000_000) }
  /// A length in whole milliseconds.
  package static func milliseconds(_ milliseconds: Int64) -> Span { Span(nanoseconds: milliseconds * 1_000_000) }

  /// No time at all.
  package static let zero = Span(nanoseconds: 0)

  package static func < (left: Span, right: Span) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Int64 {
  /// The sum, held at the bounds of the type: a time past the end of the calendar is "never", not a trap.
  func saturatingAdd(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    guard overflow else { return sum }
    return other > 0 ? .max : .min
  }
}
