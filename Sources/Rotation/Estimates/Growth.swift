package import Timekeeping

/// How a log grows, according to checks of its size, and when the next check is worth its cost.
///
/// The next check comes after half of the time to the limit, by the measured rate: a log that grows at most twice as
/// fast as before is checked before it exceeds its limit, and half a dozen checks lead up to that. The first check
/// after a wake-up comes soon, and each pause is at most four times the one before, because a rate over a millisecond
/// says little about a second.
package struct Growth: Hashable, Sendable {
  /// What comes next.
  package enum Next: Hashable, Sendable {
    case look(after: Span)
    /// The log has stopped growing.
    case rest
  }

  /// The file that was checked.
  package private(set) var inode: UInt64
  /// Its size at the last check.
  package private(set) var size: Int64
  /// The time of the last check, in nanoseconds of the monotonic clock.
  private var time: Int64
  /// Bytes per second: the last measured rate, or half of the rate before, whichever is more.
  private var rate = 0.0
  /// The last pause, in nanoseconds.
  private var wait: Int64

  /// A log that was found growing at this time, in nanoseconds of a monotonic clock.
  package init(inode: UInt64, size: Int64, at time: Int64) {
    self.inode = inode
    self.size = size
    self.time = time
    self.wait = Limits.shortestGrowthLook.nanoseconds / 4
  }

  /// The pause before the first check after a wake-up.
  package mutating func first(limit: Int64) -> Span { next(limit) }

  /// Adds a check of the log, which is below its limit.
  package mutating func look(inode: UInt64, size: Int64, at now: Int64, limit: Int64) -> Next {
    guard inode == self.inode, size >= self.size else {
      // Another file, or a truncated one: start again.
      self = Growth(inode: inode, size: size, at: now)
      return .look(after: next(limit))
    }
    let passed = max(1, now.saturatingSubtract(time))
    let grown = size.saturatingSubtract(self.size)
    rate = max(Double(grown) / Double(passed) * 1e9, rate / 2)
    self.size = size
    time = now
    if grown == 0, passed >= Limits.longestGrowthLook.nanoseconds { return .rest }
    return .look(after: next(limit))
  }

  private mutating func next(_ limit: Int64) -> Span {
    let left = Double(max(0, limit.saturatingSubtract(size)))
    // No writer is faster than this.
    let safe = Int64(min(left / Double(Limits.fastestGrowth) * 1e9, Double(Limits.longestSafeLook.nanoseconds)))
    let longest = min(max(Limits.longestGrowthLook.nanoseconds, safe), Limits.longestSafeLook.nanoseconds)
    let shortest = min(max(Limits.shortestGrowthLook.nanoseconds, safe), longest)
    var aim = longest
    if rate > 0, left / rate * 1e9 < Double(longest) * 2 {
      let crossing = Int64(left / rate * 1e9)
      // The last check is at the limit itself.
      aim = crossing / 2 < Limits.shortestGrowthLook.nanoseconds ? crossing : crossing / 2
    }
    wait = min(max(aim, shortest), max(shortest, min(longest, wait * 4)))
    return Span(nanoseconds: wait)
  }
}
