/// Delays between tries that fail: the first, multiplied after each try, up to the longest.
package struct Delays: Hashable, Sendable {
  package var first: Span
  package var factor: Int64
  package var longest: Span

  /// `longest` bounds the first delay, too.
  package init(first: Span, factor: Int64 = 2, longest: Span) {
    self.first = first
    self.factor = factor
    self.longest = longest
  }

  /// The delay before the next try, after this number of earlier delays.
  package func delay(after attempts: Int) -> Span {
    var delay = first
    // A delay that does not grow, or a number of attempts without end, is not counted out.
    for _ in 0..<min(max(0, attempts), 63) where delay < longest { delay = delay * factor }
    return min(delay, longest)
  }
}

/// When to try again what has failed: later after each failure in a row, at once after a success.
package struct Backoff: Hashable, Sendable {
  private var count: Int32 = 0
  /// The next try is not before this; nil when nothing stands against it.
  package private(set) var next: MonotonicTime?

  package init() {}

  /// Failures in a row.
  package var attempts: Int { Int(count) }

  /// Notes a failure; returns when to try again.
  @discardableResult
  package mutating func postpone(_ delays: Delays, from now: MonotonicTime) -> MonotonicTime {
    let time = now.advanced(by: delays.delay(after: attempts))
    count = max(count, count &+ 1)
    next = time
    return time
  }

  /// Sets the next try without a failure; nil allows it at once.
  package mutating func hold(until time: MonotonicTime?) { next = time }

  /// Forgets all failures: the next one is the first again.
  package mutating func reset() { self = Backoff() }

  /// Until when to wait; nil when the next try may begin.
  package func wait(at now: MonotonicTime) -> MonotonicTime? {
    guard let next, now < next else { return nil }
    return next
  }
}
