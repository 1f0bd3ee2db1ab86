package import Timekeeping

/// A sleeper: one task waits on it, or one function is called after it; any other may wake it early with `ring()`.
///
/// There is no cancellation: to end a task, set the flag that the task checks, and ring its alarm. All calls are made on
/// the thread of the loop, so an alarm needs no lock.
@safe package final class Alarm: @unchecked Sendable {
  /// Until when to sleep: the first of a moment on either clock, or for ever.
  package struct Deadline: Hashable, Sendable {
    /// On the loop's monotonic clock; nil for none.
    package var monotonic: MonotonicTime?
    /// On the wall clock; nil for none.
    package var wall: WallTime?

    package init(monotonic: MonotonicTime? = nil, wall: WallTime? = nil) {
      self.monotonic = monotonic
      self.wall = wall
    }

    /// Until `ring()`.
    package static let never = Deadline()

    /// A moment of the monotonic clock.
    package static func monotonic(_ time: MonotonicTime) -> Deadline { Deadline(monotonic: time) }

    /// A moment of the wall clock.
    package static func wall(_ time: WallTime) -> Deadline { Deadline(wall: time) }
  }

  /// Why a wait has ended.
  package enum Wake: Hashable, Sendable {
    /// The deadline, or one of the two, has come.
    case due
    /// The wall clock was set, and the wall deadline has not come; only for waits that have one.
    case clockSet
    /// `ring()` was called.
    case rung
  }

  private let loop: LoopExecutor
  /// What a wake calls.
  private var sleeper: ((Wake) -> Void)?
  private var isRung = false
  private var monotonicPosition: Int32 = -1
  private var wallPosition: Int32 = -1

  /// An alarm of a loop; it may be made on any thread, but it is rung and waited on only on the loop's thread.
  package init(on loop: LoopExecutor) {
    self.loop = loop
  }

  /// Suspends the calling task until the deadline, a set of the wall clock, or a ring, whichever comes first.
  ///
  /// An earlier ring ends the wait at once. A deadline that has passed costs one pass of the loop, so that a task that is
  /// always late does not starve others. Only one task may wait at a time.
  package func wait(until deadline: Deadline) async -> Wake {
    loop.preconditionOnThread()
    return await unsafe withUnsafeContinuation { continuation in
      // Checked in here: a task without an actor may be queued on its way here, and the alarm may be rung in it.
      call(after: deadline) { unsafe continuation.resume(returning: $0) }
    }
  }

  /// Calls a function once, with the reason, when a wait would end. What sleeps so needs no task.
  package func call(after deadline: Deadline, _ function: @escaping (Wake) -> Void) {
    loop.preconditionOnThread()
    if takeRing() { return function(.rung) }
    precondition(sleeper == nil, "Only one task may wait on an alarm.")
    sleeper = function
    loop.addSleeper(self, until: deadline)
  }

  /// Wakes the task that waits; with none, the next wait ends at once. Ringing twice is ringing once.
  package func ring() {
    loop.preconditionOnThread()
    if sleeper == nil {
      isRung = true
    } else {
      wake(.rung)
    }
  }

  /// Takes a ring that came while nobody waited; returns whether there was one.
  func takeRing() -> Bool {
    defer { isRung = false }
    return isRung
  }

  /// Resumes the sleeping task, with the reason; it runs when its turn comes.
  func wake(_ reason: Wake) {
    loop.removeSleeper(self)
    guard let function = sleeper else { preconditionFailure("An alarm has woken twice from one sleep.") }
    sleeper = nil
    function(reason)
  }

  /// The position of the alarm in the heap of a clock; nil if it is not in it.
  package func position(on clock: DeadlineHeap.Clock) -> Int? {
    let position = clock == .monotonic ? monotonicPosition : wallPosition
    return position < 0 ? nil : Int(position)
  }

  /// Only the heap writes it, whenever it moves the alarm.
  func setPosition(_ position: Int?, on clock: DeadlineHeap.Clock) {
    let compact = Int32(position ?? -1)
    switch clock {
    case .monotonic: monotonicPosition = compact
    case .wall: wallPosition = compact
    }
  }
}
