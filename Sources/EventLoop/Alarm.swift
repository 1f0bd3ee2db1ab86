package import Timekeeping

/// A sleeper: one task waits on it, any other may wake it early with `ring()`.
///
/// There is no cancellation: who wants a task to end sets what the task looks at and rings its alarm. All calls
/// belong on the thread of the loop, which is why it may be shared without a lock.
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
    /// Somebody rang.
    case rung
  }

  private let loop: LoopExecutor
  private var sleeper: UnsafeContinuation<Wake, Never>?
  private var isRung = false
  private var monotonicPosition: Int32 = -1
  private var wallPosition: Int32 = -1

  /// An alarm of a loop; it may be made on any thread, but only rung and waited on in the loop's.
  package init(on loop: LoopExecutor) {
    self.loop = loop
  }

  /// Suspends the calling task until the deadline, a set of the wall clock, or a ring, whichever comes first.
  ///
  /// A ring that came before is taken at once; a deadline that has passed costs one turn of the loop, so that a task
  /// that is always late starves nobody. Only one task may wait at a time.
  package func wait(until deadline: Deadline) async -> Wake {
    loop.preconditionOnThread()
    return await unsafe withUnsafeContinuation { continuation in
      // Looked at in here: a task without an actor may take a turn on its way here, in which somebody may have rung.
      if isRung {
        isRung = false
        return unsafe continuation.resume(returning: .rung)
      }
      precondition(unsafe sleeper == nil, "Only one task may wait on an alarm.")
      unsafe sleeper = continuation
      loop.addSleeper(self, until: deadline)
    }
  }

  /// Wakes the task that waits; with none, the next wait ends at once. Ringing twice is ringing once.
  package func ring() {
    loop.preconditionOnThread()
    if unsafe sleeper == nil {
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

  /// Lets the sleeping task go on, with its reason; it runs in a later turn of the loop.
  func wake(_ reason: Wake) {
    loop.removeSleeper(self)
    guard let continuation = unsafe sleeper else { preconditionFailure("An alarm has woken twice from one sleep.") }
    unsafe sleeper = nil
    unsafe continuation.resume(returning: reason)
  }

  /// Where the alarm stands in the heap of a clock; nil when it is not in it.
  package func position(on clock: DeadlineHeap.Clock) -> Int? {
    let position = clock == .monotonic ? monotonicPosition : wallPosition
    return position < 0 ? nil : Int(position)
  }

  /// Written by the heap alone, whenever it moves the alarm.
  func setPosition(_ position: Int?, on clock: DeadlineHeap.Clock) {
    let compact = Int32(position ?? -1)
    switch clock {
    case .monotonic: monotonicPosition = compact
    case .wall: wallPosition = compact
    }
  }
}
