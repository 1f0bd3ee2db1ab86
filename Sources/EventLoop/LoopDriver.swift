package import Timekeeping

/// How long the loop may wait: until the first of these, or an outside event.
package struct Deadlines: Hashable, Sendable {
  /// On CLOCK_BOOTTIME; nil for none.
  package var monotonic: MonotonicTime?
  /// On CLOCK_REALTIME; nil for none.
  package var wall: WallTime?
  /// Tasks are ready: look for events, do not wait.
  package var immediate: Bool

  package init(monotonic: MonotonicTime? = nil, wall: WallTime? = nil, immediate: Bool = false) {
    self.monotonic = monotonic
    self.wall = wall
    self.immediate = immediate
  }
}

/// The port to time, waiting and choice: all the nondeterminism that a loop has.
package protocol LoopDriver: AnyObject {
  /// CLOCK_BOOTTIME.
  func now() -> MonotonicTime
  /// CLOCK_REALTIME.
  func wallClock() -> WallTime
  /// Returns when a deadline has come, an outside event was delivered (its handler has been called, on this
  /// thread, before the return), or the wall clock was set; true in the last case.
  func wait(until deadlines: Deadlines) -> Bool
  /// Which of `count` ready tasks runs next, 0 ..< count; a production driver says 0, first come first served.
  func choose(among count: Int) -> Int
}
