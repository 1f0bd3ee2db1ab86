/// Delays between failed attempts: the first, multiplied after each try, up to the longest.
package struct Delays: Hashable, Sendable {
  package var first: Span
  package var factor: Int64
  package var longest: Span

  /// The first delay is at most `longest`, too.
  package init(first: Span, factor: Int64 = 2, longest: Span) {
    self.first = first
    self.factor = factor
    self.longest = longest
  }

  /// The delay before the next try, after this number of earlier delays.
  package func delay(after attempts: Int) -> Span {
    var delay = first
    // Ends the loop if the delay does not grow, or if the number of attempts is extreme.
    for _ in 0..<min(max(0, attempts), 63) where delay < longest { delay = delay * factor }
    return min(delay, longest)
  }
}

/// When to repeat what has failed: later after each consecutive failure, at once after a success.
package struct Backoff: Hashable, Sendable {
  private var count: Int32 = 0
  /// The time of the next attempt; nil if it may begin at once.
  package private(set) var next: MonotonicTime?

  package init() {}

  /// Consecutive failures.
  package var attempts: Int { Int(count) }

  /// Records a failure, and returns when to try again.
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

  /// Until when to wait; nil if the next attempt may begin.
  package func wait(at now: MonotonicTime) -> MonotonicTime? {
    guard let next, now < next else { return nil }
    return next
  }
}
