/// A task that sleeps until a time, can be woken, and ends; it can be started again.
///
/// Its work is a function, the pass, that is called repeatedly. It does what is due and says how to continue. All calls are
/// made on the thread of the loop.
package final class Worker {
  /// How a task continues after a pass.
  package enum Next: Sendable {
    /// Sleeps until that time, or until it is woken.
    case sleep(until: Alarm.Deadline)
    /// More is due: the next pass follows after everything else that is ready.
    case again
    /// Nothing is left to wait for: the task ends, unless it was woken during the pass.
    case end
  }

  private let loop: LoopExecutor
  private let alarm: Alarm
  /// Whether the task is running.
  package private(set) var isRunning = false
  /// Whether it was stopped: it ends after the current pass, and is not started again.
  package private(set) var isStopped = false

  package init(on loop: LoopExecutor) {
    self.loop = loop
    alarm = Alarm(on: loop)
  }

  /// Starts the task, or wakes it if it is running. The task keeps the owner and the worker until its end. Then `atEnd` is
  /// called, unless the task continues because it was woken.
  package func start<Owner>(
    _ owner: Owner, atEnd: @escaping @Sendable (Owner) -> Void = { _ in },
    _ pass: @escaping @Sendable (Owner) async -> Next
  ) {
    guard !isStopped else { return }
    guard !isRunning else { return wake() }
    isRunning = true
    loop.start((self, owner)) { worker, owner in await worker.run(owner, pass, atEnd) }
  }

  /// Wakes the task. During a pass, this causes one more pass after it. It does nothing if the task is not running.
  package func wake() {
    if isRunning { alarm.ring() }
  }

  /// Ends the task for good.
  package func stop() {
    isStopped = true
    wake()
  }

  private func run<Owner>(
    _ owner: Owner, _ pass: @Sendable (Owner) async -> Next, _ atEnd: @Sendable (Owner) -> Void
  ) async {
    loop: while !isStopped {
      switch await pass(owner) {
      case .again: await loop.yield()
      case .sleep(let deadline): if !isStopped { _ = await alarm.wait(until: deadline) }
      // Other tasks may have run since the end of the pass.
      case .end: if !alarm.takeRing() { break loop }
      }
    }
    isRunning = false
    atEnd(owner)
  }
}
