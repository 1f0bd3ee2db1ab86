package import Timekeeping

/// How a log grows, as far as looks at its size tell, and when the next look is worth its cost.
///
/// The next look comes when half of the time to the limit is over, by the rate that was measured: a log that grows no
/// more than twice as fast as before is looked at before it is over its limit, and half a dozen looks lead up to it. The
/// first look after a wake-up comes soon, and each wait is at most four times the one before, since a rate over a
/// millisecond says little about a second.
package struct Growth: Hashable, Sendable {
  /// What comes next.
  package enum Next: Hashable, Sendable {
    case look(after: Span)
    /// The log has stopped growing.
    case rest
  }

  /// The file that was looked at.
  package private(set) var inode: UInt64
  /// Its size at the last look.
  package private(set) var size: Int64
  /// When that was, nanoseconds of the monotonic clock.
  private var time: Int64
  /// Bytes a second: what was measured last, or half of what was assumed before, whichever is more.
  private var rate = 0.0
  /// The last wait, nanoseconds.
  private var wait: Int64

  /// A log that was found growing at this moment (nanoseconds of a monotonic clock).
  package init(inode: UInt64, size: Int64, at time: Int64) {
    self.inode = inode
    self.size = size
    self.time = time
    self.wait = Limits.shortestGrowthLook.nanoseconds / 4
  }

  /// The wait for the first look after a wake-up.
  package mutating func first(limit: Int64) -> Span { next(limit) }

  /// Takes in a look at the log, which is below its limit.
  package mutating func look(inode: UInt64, size: Int64, at now: Int64, limit: Int64) -> Next {
    guard inode == self.inode, size >= self.size else {
      // Another file, or a cut one: it begins anew.
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
    // Nobody writes faster than this.
    let safe = Int64(min(left / Double(Limits.fastestGrowth) * 1e9, Double(Limits.longestSafeLook.nanoseconds)))
    let longest = min(max(Limits.longestGrowthLook.nanoseconds, safe), Limits.longestSafeLook.nanoseconds)
    let shortest = min(max(Limits.shortestGrowthLook.nanoseconds, safe), longest)
    var aim = longest
    if rate > 0, left / rate * 1e9 < Double(longest) * 2 {
      let crossing = Int64(left / rate * 1e9)
      // The last look is aimed at the limit itself.
      aim = crossing / 2 < Limits.shortestGrowthLook.nanoseconds ? crossing : crossing / 2
    }
    wait = min(max(aim, shortest), max(shortest, min(longest, wait * 4)))
    return Span(nanoseconds: wait)
  }
}
