extension Schedule {
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
