// Times and sizes come from files, states, children, clocks and file systems, and none of them can be trusted to be in
// a sensible range. So sums, differences and products of them saturate: the greatest number means "never" or "more than
// fits". The operators below do so; for bytes there are `saturatingAdd` and the like.

/// A moment of the wall clock: nanoseconds since 1970-01-01 00:00:00 UTC, leap seconds not counted (`CLOCK_REALTIME`).
///
/// 64 bits reach from the year 1678 to 2262.
package struct WallTime: Hashable, Comparable, Sendable {
  /// Nanoseconds since the epoch.
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// A moment given in whole seconds since the epoch, saturating.
  package init(seconds: Int64) {
    self.nanoseconds = seconds.saturatingMultiply(1_000_000_000)
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
    WallTime(nanoseconds: time.nanoseconds.saturatingSubtract(span.nanoseconds))
  }

  package static func - (later: WallTime, earlier: WallTime) -> Span {
    Span(nanoseconds: later.nanoseconds.saturatingSubtract(earlier.nanoseconds))
  }
}

extension WallTime {
  /// Whether a file system with a coarser resolution of times may have rounded a time to this. ext4 with small inodes
  /// rounds down to whole seconds, vfat to every second one, exFAT to 10 ms, NTFS to 100 ns.
  package func isCutOff(from time: WallTime) -> Bool {
    guard self <= time else { return false }
    let lost = (time - self).nanoseconds
    return Self.steps.contains { lost < $0 && nanoseconds % $0 == 0 }
  }

  private static let steps: [Int64] = [100, 1_000, 1_000_000, 10_000_000, 1_000_000_000, 2_000_000_000]
}

/// A length of time in nanoseconds; negative spans point back. Its arithmetic saturates.
package struct Span: Hashable, Comparable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// A length in whole seconds.
  package static func seconds(_ seconds: Int64) -> Span {
    Span(nanoseconds: seconds.saturatingMultiply(1_000_000_000))
  }
  /// A length in whole milliseconds.
  package static func milliseconds(_ milliseconds: Int64) -> Span {
    Span(nanoseconds: milliseconds.saturatingMultiply(1_000_000))
  }

  /// No time at all.
  package static let zero = Span(nanoseconds: 0)

  package static func < (left: Span, right: Span) -> Bool { left.nanoseconds < right.nanoseconds }

  package static func - (left: Span, right: Span) -> Span {
    Span(nanoseconds: left.nanoseconds.saturatingSubtract(right.nanoseconds))
  }

  package static func * (span: Span, times: Int64) -> Span {
    Span(nanoseconds: span.nanoseconds.saturatingMultiply(times))
  }
}

extension Int64 {
  /// The sum, saturating: a time past the end of the calendar is "never", not a trap.
  package func saturatingAdd(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    guard overflow else { return sum }
    return other > 0 ? .max : .min
  }

  /// The difference, saturating.
  package func saturatingSubtract(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    guard overflow else { return difference }
    return other < 0 ? .max : .min
  }

  /// The product, saturating.
  package func saturatingMultiply(_ other: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    guard overflow else { return product }
    return (self < 0) == (other < 0) ? .max : .min
  }
}
