/// A moment of CLOCK_BOOTTIME: nanoseconds since boot, including the time in suspend. It never jumps.
package struct MonotonicTime: Hashable, Comparable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension MonotonicTime {
  /// The time after this span, saturating.
  package func advanced(by span: Span) -> MonotonicTime {
    MonotonicTime(nanoseconds: nanoseconds.saturatingAdd(span.nanoseconds))
  }

  package static func - (later: MonotonicTime, earlier: MonotonicTime) -> Span {
    Span(nanoseconds: later.nanoseconds.saturatingSubtract(earlier.nanoseconds))
  }
}
