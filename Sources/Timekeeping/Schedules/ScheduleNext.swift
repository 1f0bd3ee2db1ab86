extension Schedule {
  /// The first `anchor + k * every` strictly after a time, where k is any whole number. All are on one clock and in one
  /// unit.
  ///
  /// The result saturates: the greatest value means "never".
  ///
  /// - Precondition: `every` is positive.
  package static func nextInTime(phase anchor: Int64, every: Int64, after now: Int64) -> Int64 {
    precondition(every > 0, "an interval is positive")
    // Every difference and product of these fits into 128 bits.
    let distance = Int128(now) - Int128(anchor)
    let remainder = distance % Int128(every)
    let sincePhase = remainder < 0 ? remainder + Int128(every) : remainder
    return Int64(clamping: Int128(now) - sincePhase + Int128(every))
  }
}
