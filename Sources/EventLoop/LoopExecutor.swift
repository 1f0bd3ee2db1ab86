internal import Glibc
package import Timekeeping

/// The loop: runs Swift tasks, and the actors that name it as their executor, on the thread that made it.
///
/// It runs in passes. A pass wakes the sleepers that are due, runs what is ready and what that makes ready (at most
/// `passLimit` jobs), and then asks the driver for events, waiting only when nothing is ready. So a flood of ready
/// jobs delays a signal by one pass, not by the flood. What has yielded, and what sleeps, continues in a later pass.
///
/// Tasks belong to it by `Task(executorPreference: loop) { … }`, and with them their groups and `async let`s; an
/// actor belongs to it by `nonisolated var unownedExecutor`. `Task { … }`, `Task.yield()` and `Task.sleep` do not:
/// they go to Dispatch and start threads. A job that comes back from there ends the program in `enqueue`.
///
/// Calls between actors of one loop do not wait. Code without an actor becomes ready once more each time it continues,
/// because the runtime moves it back to its own context: let a task enter its actor once and stay there.
@safe package final class LoopExecutor: SerialExecutor, TaskExecutor, @unchecked Sendable {
  /// How many jobs run before the loop asks for outside events again.
  package static let passLimit = 256

  private let driver: any LoopDriver
  private let thread = pthread_self()
  private var ready = ReadyQueue()
  private var yielded: [UnsafeContinuation<Void, Never>] = unsafe []
  private var monotonicSleepers = DeadlineHeap(of: .monotonic)
  private var wallSleepers = DeadlineHeap(of: .wall)
  private var isRunning = false
  private var isStopping = false

  /// How many passes the loop has made: an idle one makes none.
  package private(set) var passes: UInt64 = 0

  /// Whether each piece of work, from one suspension to the next, is timed; that costs two clock reads each.
  package var timesPieces = false
  /// The longest piece so far, in nanoseconds.
  package private(set) var longestPiece: Int64 = 0

  /// The longest pass so far, in nanoseconds: a task that became ready in the pass before waited as long.
  package private(set) var longestPass: Int64 = 0

  /// A loop on the calling thread, the only one from which it may be used.
  package init(driver: any LoopDriver) {
    self.driver = driver
  }

  // MARK: Running

  /// Runs passes until `stop()` is called, now or before; it may be run again afterwards.
  package func run() {
    preconditionOnThread()
    precondition(!isRunning, "A loop is not run from within itself.")
    isRunning = true
    while !isStopping {
      pass()
      if isStopping { break }
      let wasClockSet = driver.wait(until: deadlines)
      if wasClockSet { wakeForSetClock() }
    }
    isStopping = false
    isRunning = false
  }

  /// Ends `run()` when the current pass has ended. Tasks that are not done stay as they are.
  package func stop() {
    preconditionOnThread()
    isStopping = true
  }

  /// Puts the calling task behind everything that is ready now, and lets the loop ask for events in between.
  package func yield() async {
    preconditionOnThread()
    // Resumed in place, a continuation would continue without a pass in between; the pass resumes it at its end.
    await unsafe withUnsafeContinuation { unsafe yielded.append($0) }
  }

  // MARK: Clocks

  /// CLOCK_BOOTTIME, as the driver reads it.
  package func now() -> MonotonicTime { driver.now() }

  /// CLOCK_REALTIME, as the driver reads it.
  package func wallClock() -> WallTime { driver.wallClock() }

  // MARK: Executor

  /// Makes a job ready. Called by the Swift runtime, and only on the loop's thread: there is no lock and no wake-up.
  package func enqueue(_ job: consuming ExecutorJob) {
    preconditionOnThread()
    ready.append(UnownedJob(job))
  }

  /// Two loops are never the same context, not even on one thread.
  package func isSameExclusiveExecutionContext(other: LoopExecutor) -> Bool { self === other }

  /// Stops the program when isolation is assumed on another thread.
  package func checkIsolated() {
    preconditionOnThread()
  }

  /// Whether the caller may use what the loop isolates.
  package func isIsolatingCurrentContext() -> Bool? {
    pthread_equal(thread, pthread_self()) != 0
  }

  /// Ends the program if the caller is not on the loop's thread.
  func preconditionOnThread() {
    precondition(
      pthread_equal(thread, pthread_self()) != 0,
      "A loop is used only on the thread that made it: look for a bare Task, Task.sleep or a detached task.")
  }

  // MARK: Sleepers

  /// Adds an alarm to the heaps of the clocks it has a deadline on.
  func addSleeper(_ alarm: Alarm, until deadline: Alarm.Deadline) {
    if let monotonic = deadline.monotonic { monotonicSleepers.insert(alarm, deadline: monotonic.nanoseconds) }
    if let wall = deadline.wall { wallSleepers.insert(alarm, deadline: wall.nanoseconds) }
  }

  /// Takes an alarm out of both heaps.
  func removeSleeper(_ alarm: Alarm) {
    monotonicSleepers.remove(alarm)
    wallSleepers.remove(alarm)
  }

  // MARK: One pass

  private var deadlines: Deadlines {
    Deadlines(
      monotonic: monotonicSleepers.earliest.map { MonotonicTime(nanoseconds: $0) },
      wall: wallSleepers.earliest.map { WallTime(nanoseconds: $0) },
      immediate: ready.count > 0)
  }

  private func pass() {
    passes += 1
    wakeDue()
    guard ready.count > 0 else { return }
    let start = driver.now().nanoseconds
    defer { longestPass = max(longestPass, driver.now().nanoseconds - start) }
    var remaining = Self.passLimit
    while remaining > 0, ready.count > 0 {
      // Among those that surely run in this pass: what waits longest is not passed over for long.
      let choices = min(ready.count, remaining)
      let choice = driver.choose(among: choices)
      precondition(choice >= 0 && choice < choices, "A driver chooses among the jobs of the pass.")
      let job = ready.take(at: choice)
      let began = timesPieces ? driver.now().nanoseconds : 0
      unsafe job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
      if timesPieces { longestPiece = max(longestPiece, driver.now().nanoseconds - began) }
      remaining -= 1
    }
    // Resuming only makes a task ready: nothing is added while this runs.
    for index in unsafe yielded.indices { unsafe yielded[index].resume() }
    unsafe yielded.removeAll(keepingCapacity: true)
  }

  private func wakeDue() {
    if !monotonicSleepers.isEmpty {
      let now = driver.now().nanoseconds
      while let earliest = monotonicSleepers.earliest, earliest <= now { monotonicSleepers.first?.wake(.due) }
    }
    if !wallSleepers.isEmpty {
      let now = driver.wallClock().nanoseconds
      while let earliest = wallSleepers.earliest, earliest <= now { wallSleepers.first?.wake(.due) }
    }
  }

  /// Wakes every task with a wall deadline: with the clock, its deadline may have changed.
  private func wakeForSetClock() {
    wakeDue()
    for alarm in wallSleepers.alarms { alarm.wake(.clockSet) }
  }
}

extension Now {
  /// Both clocks of a loop.
  package init(_ loop: LoopExecutor) {
    self.init(monotonic: loop.now(), wall: loop.wallClock())
  }
}
