package import Daemon

/// A service manager that a test plays: it sends requests and records notifications.
package final class SimulatedServiceManager: ServiceManager {
  package var onRequest: ((Request) -> Void)?
  package var watchdogInterval: UInt64?
  package private(set) var notifications: [Notification] = []

  package init(watchdogInterval: UInt64? = nil) {
    self.watchdogInterval = watchdogInterval
  }

  package func notify(_ notification: Notification) {
    notifications.append(notification)
  }

  /// Sends a request, as a signal would.
  package func send(_ request: Request) {
    onRequest?(request)
  }

  /// How often the daemon has sent `READY=1`.
  package var readyCount: Int {
    notifications.count { if case .ready = $0 { true } else { false } }
  }
}
