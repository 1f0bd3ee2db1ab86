/// A value that only the thread of a loop touches, wrapped so that the compiler accepts it where a `Sendable` value is
/// needed, as in NIOLoopBound.
///
/// This is the only place that makes this promise to the compiler. `init` and `value` check that the caller is on the
/// loop's thread, and end the program otherwise.
package struct LoopBound<Value>: @unchecked Sendable {
  private let content: Value
  private let loop: LoopExecutor

  /// Binds a value to the loop of the calling thread.
  package init(_ value: Value, to loop: LoopExecutor) {
    loop.preconditionOnThread()
    self.content = value
    self.loop = loop
  }

  /// The value, on the loop's thread.
  package var value: Value {
    loop.preconditionOnThread()
    return content
  }
}

extension LoopExecutor {
  /// Starts a task on the loop that works with this value.
  package func start<Value>(_ value: Value, _ body: @escaping @Sendable (Value) async -> Void) {
    let bound = LoopBound(value, to: self)
    Task(executorPreference: self) { await body(bound.value) }
  }

  /// Runs the loop until this work has ended, and returns its result; nil if the loop was stopped before.
  package func run<Value, Result>(_ value: Value, _ body: @escaping @Sendable (Value) async -> Result) -> Result? {
    let outcome = Outcome<Result>()
    start((self, value, outcome)) { loop, value, outcome in
      outcome.result = await body(value)
      loop.stop()
    }
    run()
    return outcome.result
  }

  private final class Outcome<Result> {
    var result: Result?
  }
}
