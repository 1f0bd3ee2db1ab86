package import Timekeeping

/// A command of the config.
package enum Command: Hashable, Sendable {
  /// A program and its arguments, run as they are.
  case program([ExactText])
  /// A line for `/bin/sh -c`.
  case shell(ExactText)
}

/// How a writer is told that its log was rotated. Equal notices are one: told once for all runs of one moment.
package enum Hook: Hashable, Sendable {
  /// ReloadUnit of the service manager; the result of the job is awaited.
  case reload(unit: String)
  /// KillUnit of the service manager, the main process of the unit.
  case signal(unit: String, Int32)
  /// The process whose number the file holds.
  case pidFile(path: FilePath, signal: Int32)
  /// A command, and how long it may take.
  case run(Command, limit: Span)
}
