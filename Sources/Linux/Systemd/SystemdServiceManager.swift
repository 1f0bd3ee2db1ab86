internal import CSystemd
package import Daemon
package import EventLoop
internal import Glibc

/// systemd, or another program that sets `$NOTIFY_SOCKET` and sends signals: notifications (sd_notify(3)) go out,
/// signals come in.
///
/// Without a notify socket nothing is sent; signals work all the same. Nothing here waits for a manager that hangs.
package final class SystemdServiceManager: ServiceManager {
  package var onRequest: ((Request) -> Void)?
  package let watchdogInterval: UInt64?
  private var signals: SignalSource?
  private let socket: NotifySocket?

  /// The signals that are requests, and SIGUSR2, which would otherwise end the daemon.
  package static let signals = [SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGUSR2]

  /// Takes these signals from now on. Signals that arrive before `onRequest` is set and the loop runs wait in the
  /// kernel, as do those since `SignalSource.hold`.
  package init(driver: EpollDriver) throws(SystemCallError) {
    self.socket = NotifySocket(driver: driver)
    var microseconds: UInt64 = 0
    let isWanted = unsafe sd_watchdog_enabled(0, &microseconds) > 0
    // Half of the time, in nanoseconds; at least a millisecond and at most a day.
    self.watchdogInterval = isWanted ? min(max(microseconds, 2000), 172_800_000_000) * 500 : nil
    self.signals = try SignalSource(Self.signals, on: driver) { [weak self] signal in
      self?.onRequest?(Self.request(for: signal))
    }
  }

  package func notify(_ notification: Notification) {
    let (kind, text) = Self.message(for: notification, now: Self.monotonicMicroseconds())
    socket?.send(kind, text)
  }

  /// The text of a notification; `now` is CLOCK_MONOTONIC in microseconds, with which the manager distinguishes the
  /// READY after a reload from an earlier one.
  static func message(for notification: Notification, now: UInt64) -> (NotifySocket.Kind, String) {
    switch notification {
    case .reloading: (.reloading, "RELOADING=1\nMONOTONIC_USEC=\(now)")
    case .ready(let status): (.ready, "READY=1\nSTATUS=\(oneLine(status))")
    case .status(let status): (.status, "STATUS=\(oneLine(status))")
    case .stopping(let status): (.stopping, "STOPPING=1\nSTATUS=\(oneLine(status))")
    case .watchdog: (.watchdog, "WATCHDOG=1")
    case .watchdogTrigger: (.watchdogTrigger, "WATCHDOG=trigger")
    case .extendTimeout(let microseconds): (.extendTimeout, "EXTEND_TIMEOUT_USEC=\(microseconds)")
    }
  }

  private static func request(for signal: Int32) -> Request {
    switch signal {
    case SIGHUP: .reload
    case SIGUSR1: .lookNow
    case SIGUSR2: .ignored(signal: "SIGUSR2")
    default: .stop
    }
  }

  /// A newline would begin another assignment.
  private static func oneLine(_ status: String) -> String {
    String(decoding: status.utf8.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
  }

  private static func monotonicMicroseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
  }
}
