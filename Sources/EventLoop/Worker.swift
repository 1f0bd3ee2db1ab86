/// A task that sleeps until a time, can be woken, and ends; it can be started again.
///
/// What it does is a pass, called again and again, that does what is due and says how to go on. All calls belong on the
/// thread of the loop.
package final class Worker {
  /// How a task goes on after a pass.
  package enum Next: Sendable {
    /// Sleeps until then, or until it is woken.
    case sleep(until: Alarm.Deadline)
    /// More is due: the next pass follows when everything else has had its chance.
    case again
    /// Nothing is left to wait for: the task ends, unless it was woken during the pass.
    case end
  }

  private let loop: LoopExecutor
  private let alarm: Alarm
  /// Whether the task lives.
  package private(set) var isRunning = false
  /// Whether it was stopped: it ends after the pass that is under way, and is not started again.
  package private(set) var isStopped = false

  package init(on loop: LoopExecutor) {
    self.loop = loop
    alarm = Alarm(on: loop)
  }

  /// Starts the task, or wakes the one that lives. The task keeps the owner and the worker until its end; `atEnd` is called
  /// then, unless the task goes on because it was woken.
  package func start<Owner>(
    _ owner: Owner, atEnd: @escaping @Sendable (Owner) -> Void = { _ in },
    _ pass: @escaping @Sendable (Owner) async -> Next
  ) {
    guard !isStopped else { return }
    guard !isRunning else { return wake() }
    isRunning = true
    loop.start((self, owner)) { worker, owner in await worker.run(owner, pass, atEnd) }
  }

  /// Wakes the task. One that is in a pass makes another one after it; one that does not live is left alone.
  package func wake() {
    if isRunning { alarm.ring() }
  }

  /// Ends the task, for ever.
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
      // Others may have had their turn since the end of the pass.
      case .end: if !alarm.takeRing() { break loop }
      }
    }
    isRunning = false
    atEnd(owner)
  }
}
