package import Timekeeping

/// A command of the config.
package enum Command: Hashable, Sendable {
  /// A program and its arguments, run without a shell.
  case program([ExactText])
  /// A line for `/bin/sh -c`.
  case shell(ExactText)
}

/// How a writer is notified that its log was rotated. Equal hooks are one: it is sent once for all runs of the same
/// moment.
package enum Hook: Hashable, Sendable {
  /// `systemctl reload` of a unit; the end of the reload is awaited.
  case reload(unit: String)
  /// `systemctl kill` of the main process of a unit.
  case signal(unit: String, Int32)
  /// A signal to the process whose number the file has.
  case pidFile(path: FilePath, signal: Int32)
  /// A command, and its time limit.
  case run(Command, limit: Span)
  /// A script that notifies writers and whose exit code is advice, since many a script fails when its service is stopped: one that
  /// fails is repeated only as long as a process has an old log open for writing.
  case script(Command, limit: Span)
}
