package import Rotation
package import Timekeeping

/// A child process to start.
package struct ChildRequest: Hashable, Sendable {
  /// The destination of standard output.
  package enum Output: Hashable, Sendable {
    /// Each line goes to `onLine`, and so does standard error.
    case lines
    /// The file of this token; standard error goes to `onLine`.
    case file(Int32)
  }

  /// The program, absolute or searched in `$PATH`, and its arguments.
  package var arguments: [ExactText]
  /// Added to the daemon's own environment, without `$NOTIFY_SOCKET`, `$WATCHDOG_*` and the like.
  package var environment: [String: ExactText]
  /// A token of the file system that becomes standard input; nil for `/dev/null`.
  package var input: Int32?
  package var output: Output
  /// After this time, the child and its process group are killed; nil for no limit.
  package var limit: Span?
  /// Whether it runs with the lowest CPU and the idle I/O priority (ioprio_set(2), sched(7)).
  package var isBackground: Bool

  package init(
    arguments: [ExactText], environment: [String: ExactText] = [:], input: Int32? = nil, output: Output = .lines,
    limit: Span? = nil, isBackground: Bool = false
  ) {
    self.arguments = arguments
    self.environment = environment
    self.input = input
    self.output = output
    self.limit = limit
    self.isBackground = isBackground
  }
}

/// How a child has ended.
package enum ChildEnd: Hashable, Sendable {
  case exited(Int32)
  case killed(signal: Int32)
  /// It was killed at its time limit.
  case timedOut
}

/// A running child, whose end `onEnd` reports.
package protocol ChildProcess: AnyObject {
  /// Kills its process group (SIGKILL); `onEnd` is still called.
  func kill()
}

/// The port to processes.
package protocol ProcessSpawner: AnyObject {
  /// Starts a child in a process group of its own.
  ///
  /// - Parameters:
  ///   - request: what to start, and how.
  ///   - onLine: called for each line that the child writes, on the loop's thread; long lines are truncated.
  ///   - onEnd: called once, on the loop's thread, never before this returns, when the child has ended and its output
  ///     was read.
  /// - Returns: the child, which continues even if the result is not kept.
  /// - Throws: the error of posix_spawnp(3), mostly `Errno.noEntry`; then neither closure is called.
  func start(
    _ request: ChildRequest, onLine: @escaping (String) -> Void, onEnd: @escaping (ChildEnd) -> Void
  ) throws(Errno) -> any ChildProcess

  /// Sends a signal to the process whose number a file has, by pidfd_open(2), and never to a number that was reused:
  /// `Errno.noProcess` if there is no such process.
  ///
  /// A file of root or of the daemon's own user may name any process. A file of one of `users`, the owners of the logs,
  /// may name only processes of that user. Every other file is refused, and so is a file that others than its owner can
  /// write.
  func signal(pidFile: FilePath, _ signal: Int32, ofOwners users: Set<UInt32>) throws(SignalFailure)
}

/// Why the process of a pidfile got no signal.
package enum SignalFailure: Error, Hashable, Sendable {
  case system(Errno)
  /// The file has no process number.
  case noNumber
  /// The file is not trusted; the text says what was found and what is expected.
  case refused(String)
}
