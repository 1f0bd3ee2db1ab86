package import Rotation
package import Timekeeping

/// A child process to start.
package struct ChildRequest: Hashable, Sendable {
  /// Where standard output goes.
  package enum Output: Hashable, Sendable {
    /// Each line is handed to `onLine`, standard error with it.
    case lines
    /// The file of this token; standard error goes to `onLine`.
    case file(Int32)
  }

  /// The program, absolute or looked up in the path, and its arguments.
  package var arguments: [ExactText]
  /// Added to the daemon's own environment, of which the child has all but `$NOTIFY_SOCKET`, `$WATCHDOG_*` and the like.
  package var environment: [String: ExactText]
  /// A token of the file system that becomes standard input; nil is `/dev/null`.
  package var input: Int32?
  package var output: Output
  /// Killed, with its whole process group, when it takes longer; nil is no limit.
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
  /// It was killed because its time was over.
  case timedOut
}

/// A child that runs: to be killed, or waited for by its `onEnd`.
package protocol ChildProcess: AnyObject {
  /// Kills its process group (SIGKILL); `onEnd` is called all the same.
  func kill()
}

/// The port to processes.
package protocol ProcessSpawner: AnyObject {
  /// Starts a child in a process group of its own.
  ///
  /// - Parameters:
  ///   - request: what to start, and how.
  ///   - onLine: called for each line that the child writes, on the loop's thread; longer lines are cut.
  ///   - onEnd: called once, on the loop's thread, never before this returns, when the child has ended and its output
  ///     was read.
  /// - Returns: the child, which runs on when nobody keeps this.
  /// - Throws: what posix_spawnp(3) gives, and `Errno.noEntry` above all; then neither closure is called.
  func start(
    _ request: ChildRequest, onLine: @escaping (String) -> Void, onEnd: @escaping (ChildEnd) -> Void
  ) throws(Errno) -> any ChildProcess

  /// Sends a signal to the process whose number a file holds, by pidfd_open(2), never to a number that was given out
  /// anew: `Errno.noProcess` when there is none.
  ///
  /// A file of root or of the daemon's own user names any process. A file of one of `users`, the owners of the logs, names
  /// processes of that user alone. Every other file is refused, and every one that others than its owner can write.
  func signal(pidFile: FilePath, _ signal: Int32, ofOwners users: Set<UInt32>) throws(SignalFailure)
}

/// Why the process of a pidfile got no signal.
package enum SignalFailure: Error, Hashable, Sendable {
  case system(Errno)
  /// The file holds no number of a process.
  case noNumber
  /// The file does not decide who gets a signal; the text says what was found and what is expected.
  case refused(String)
}
