package import EventLoop
internal import Rotation
package import Timekeeping

/// Time that stands still while code runs, and jumps to the next event when the loop waits.
///
/// The seed decides which ready task runs next. A wait ends at the first of the loop's deadlines and the events that
/// the test has scheduled. If there is neither, nothing can ever happen again: `onIdle` is called, which must stop the
/// loop or schedule something; if it does neither, the program stops with a message. So it does when the loop makes a
/// million passes while time stands still. A test cannot hang.
package final class SimulatedDriver: LoopDriver {
  private struct Event {
    var time: MonotonicTime
    var action: () -> Void
  }

  private static let passesWithoutTime = 1_000_000

  /// Called when neither a deadline nor an event is left.
  package var onIdle: (() -> Void)?

  private var generator: SeededGenerator
  private var time: MonotonicTime
  /// Wall clock minus monotonic clock, in nanoseconds.
  private var wallOffset: Int64
  private var isClockSet = false
  private var isIdle = false
  private var passesHere = 0
  /// Latest first, so that the next one is taken from the end.
  private var events: [Event] = []

  /// `wallClock` is nanoseconds since 1970 at the start, when the monotonic clock shows `now`.
  package init(
    seed: UInt64, now: MonotonicTime = MonotonicTime(nanoseconds: 1_000_000_000),
    wallClock: Int64 = 1_767_225_600_000_000_000
  ) {
    self.generator = SeededGenerator(seed: seed)
    self.time = now
    self.wallOffset = wallClock - now.nanoseconds
  }

  /// Schedules an outside event, on the loop's thread, between passes. Events of one moment happen in the order in
  /// which they were scheduled; one in the past happens at the next wait.
  package func schedule(at time: MonotonicTime, _ action: @escaping () -> Void) {
    let place = events.firstIndex { $0.time <= time } ?? events.endIndex
    events.insert(Event(time: time, action: action), at: place)
  }

  /// The same, in nanoseconds from now.
  package func schedule(after nanoseconds: Int64, _ action: @escaping () -> Void) {
    schedule(at: MonotonicTime(nanoseconds: time.nanoseconds + nanoseconds), action)
  }

  /// Lets both clocks advance while code runs, as a slow disk does.
  package func advance(by nanoseconds: Int64) {
    precondition(nanoseconds >= 0, "The monotonic clock never goes back.")
    time.nanoseconds += nanoseconds
  }

  /// Sets the wall clock, forward or back. The next wait with a wall deadline returns true.
  package func setWallClock(_ wall: WallTime) {
    wallOffset = wall.nanoseconds - time.nanoseconds
    isClockSet = true
  }

  // MARK: LoopDriver

  package func now() -> MonotonicTime { time }

  package func wallClock() -> WallTime { WallTime(nanoseconds: time.nanoseconds + wallOffset) }

  package func choose(among count: Int) -> Int {
    count == 1 ? 0 : Int.random(in: 0..<count, using: &generator)
  }

  package func wait(until deadlines: Deadlines) -> Bool {
    if deadlines.immediate || (isClockSet && deadlines.wall != nil) {
      isIdle = false
    } else {
      jump(to: deadlines)
    }
    passesHere += 1
    precondition(passesHere < Self.passesWithoutTime, "The loop has made a million passes and time has not gone on.")
    // What an action schedules for this very moment happens at the next wait; otherwise this could go on for ever.
    let due = events.reversed().prefix { $0.time <= time }
    events.removeLast(due.count)
    for event in due { event.action() }
    // As with a timerfd: a set clock is reported to sleepers with a wall deadline, and forgotten without one.
    defer { isClockSet = false }
    return isClockSet && deadlines.wall != nil
  }

  private func jump(to deadlines: Deadlines) {
    let wall = deadlines.wall.map { MonotonicTime(nanoseconds: $0.nanoseconds.saturatingSubtract(wallOffset)) }
    let moments = [deadlines.monotonic, wall, events.last?.time].compactMap { $0 }
    guard let next = moments.min() else {
      precondition(!isIdle, "Nothing is left to wait for, and `onIdle` has not changed that.")
      isIdle = true
      onIdle?()
      return
    }
    isIdle = false
    guard next > time else { return }
    time = next
    passesHere = 0
  }
}
