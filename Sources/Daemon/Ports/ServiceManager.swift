package import Rotation
package import Timekeeping

/// A request to the daemon by the service manager or the operator.
package enum Request: Hashable, Sendable {
  /// SIGHUP: read the config again.
  case reload
  /// SIGTERM, SIGINT: finish what is in progress and end.
  case stop
  /// SIGUSR1: check every job now.
  case lookNow
  /// The system's local time zone may have changed.
  case zoneChanged
  /// Rotate these logs now, due or not; with `onlyDue`, those of them that are due.
  case run(RunTarget, onlyDue: Bool = false)
  /// Make no runs of these jobs for some time, or until a `resume`.
  case pause([String], for: Span?)
  /// Make runs of these jobs again.
  case resume([String])
  /// Read the config again, and return to the former one after this time unless the new one is confirmed.
  case tryConfig(Span)
  /// Keep the config on trial.
  case confirmConfig
  /// Drop the config on trial, for this reason.
  case dropConfig(reason: String)
  /// Send these hooks at once if they have failed.
  case retryHooks(Set<Hook>)
  /// The name of a signal that would end other programs and has no meaning here: `SIGUSR2`.
  case ignored(signal: String)
}

/// The logs of a requested run.
package enum RunTarget: Hashable, Sendable {
  /// All logs of the job of this name.
  case job(String)
  /// The log at this absolute path.
  case log(FilePath)
}

/// A notification of the service manager (sd_notify(3)).
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
  /// `WATCHDOG=trigger`: an invariant is broken, so the service manager should restart the daemon.
  case watchdogTrigger
  /// `EXTEND_TIMEOUT_USEC=`, in microseconds.
  case extendTimeout(microseconds: UInt64)
}

/// The port to systemd or a replacement of it: requests come in, notifications go out.
package protocol ServiceManager: AnyObject {
  /// Called on the loop's thread for every request, from the adapter's event handler: it must not block.
  var onRequest: ((Request) -> Void)? { get set }

  /// Sends a notification; an absent manager is no error.
  func notify(_ notification: Notification)

  /// Half of `$WATCHDOG_USEC` in nanoseconds, the time between two watchdog messages; nil if none are wanted.
  var watchdogInterval: UInt64? { get }
}
