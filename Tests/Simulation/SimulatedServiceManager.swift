package import Daemon
internal import EventLoop
internal import Timekeeping

/// A service manager that a test plays: it hands in requests and keeps what it is told.
package final class SimulatedServiceManager: ServiceManager {
  /// What becomes of a request to tell a unit.
  package struct Answer {
    /// Nanoseconds that it takes; nil is for ever.
    package var delay: Int64?
    package var failure: String?

    package init(after delay: Int64? = 0, failure: String? = nil) {
      self.delay = delay
      self.failure = failure
    }
  }

  package var onRequest: ((Request) -> Void)?
  package var watchdogInterval: UInt64?
  package private(set) var notifications: [Notification] = []
  /// What each unit answers; without one, all goes well at once.
  package var script: (_ unit: String, UnitAction) -> Answer = { _, _ in Answer() }
  /// What units were told, and when: nanoseconds of the monotonic clock.
  package private(set) var told: [(time: Int64, unit: String, action: UnitAction)] = []
  private let driver: SimulatedDriver?
  private var isOver = false

  package init(watchdogInterval: UInt64? = nil, driver: SimulatedDriver? = nil) {
    self.watchdogInterval = watchdogInterval
    self.driver = driver
  }

  package func notify(_ notification: Notification) {
    notifications.append(notification)
  }

  package func tell(unit: String, _ action: UnitAction, done: @escaping (UnitFailure?) -> Void) {
    guard let driver else { preconditionFailure("A service manager that is asked needs a driver.") }
    told.append((driver.now().nanoseconds, unit, action))
    let answer = script(unit, action)
    guard let delay = answer.delay else { return }
    driver.schedule(after: delay) { [self] in
      if !isOver { done(answer.failure.map { UnitFailure(message: $0) }) }
    }
  }

  /// The daemon is dead: nobody is told of an answer any more.
  package func endLife() { isOver = true }

  /// Sends a request, as a signal would.
  package func send(_ request: Request) {
    onRequest?(request)
  }

  /// How often the daemon has said `READY=1`.
  package var readyCount: Int {
    notifications.count { if case .ready = $0 { true } else { false } }
  }
}
