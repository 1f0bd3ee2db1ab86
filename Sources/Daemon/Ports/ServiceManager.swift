package import Rotation
package import Timekeeping

/// What the service manager or the operator wants of the daemon.
package enum Request: Hashable, Sendable {
  /// SIGHUP: read the config again.
  case reload
  /// SIGTERM, SIGINT: finish what runs and end.
  case stop
  /// SIGUSR1: look at every job now.
  case lookNow
  /// The system's local time zone may have changed.
  case zoneChanged
  /// Rotate these logs now, due or not, or those of them that are due.
  case run(RunTarget, onlyDue: Bool = false)
  /// Make no runs of these jobs for some time, or until a `resume`.
  case pause([String], for: Span?)
  /// Make runs of these jobs again.
  case resume([String])
  /// Read the config again, and go back after this time unless it is confirmed.
  case tryConfig(Span)
  /// The config on trial stays.
  case confirmConfig
  /// The config on trial goes, for this reason.
  case dropConfig(reason: String)
  /// Send these hooks at once if they have failed.
  case retryHooks(Set<Hook>)
  /// A signal that would end any other program and means nothing here, by its name: `SIGUSR2`.
  case ignored(signal: String)
}

/// The logs that a run is asked for.
package enum RunTarget: Hashable, Sendable {
  /// All logs of the job of this name.
  case job(String)
  /// The log at this absolute path.
  case log(FilePath)
}

/// What the daemon tells its service manager (sd_notify(3)).
package enum Notification: Hashable, Sendable {
  /// `RELOADING=1` with `MONOTONIC_USEC=` of CLOCK_MONOTONIC, which the adapter reads.
  case reloading
  /// `READY=1` with `STATUS=`.
  case ready(status: String)
  /// `STATUS=` alone.
  case status(String)
  /// `STOPPING=1` with `STATUS=`.
  case stopping(status: String)
  /// `WATCHDOG=1`.
  case watchdog
  /// `WATCHDOG=trigger`: an invariant is broken, restart us.
  case watchdogTrigger
  /// `EXTEND_TIMEOUT_USEC=`, in microseconds.
  case extendTimeout(microseconds: UInt64)
}

/// The port to systemd, or whatever stands in its place: requests come in, notifications go out.
package protocol ServiceManager: AnyObject {
  /// Called on the loop's thread for every request, from the adapter's event handler: it must not block.
  var onRequest: ((Request) -> Void)? { get set }

  /// Tells; a manager that is not there or does not listen is no error.
  func notify(_ notification: Notification)

  /// Half of `$WATCHDOG_USEC` as nanoseconds, the time between two watchdog messages; nil when none is wanted.
  var watchdogInterval: UInt64? { get }
}
