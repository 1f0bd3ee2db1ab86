internal import Config
internal import Daemon
internal import EventLoop
internal import Rotation

/// Requests of an administrator and the service manager, also several in one moment.
extension World {
  /// A new config and a reload; often more requests before the first is done: in the same pass of the loop, or in one
  /// of the next, during the reload.
  func requestAtOnce() {
    change()
    manager.send(.reload)
    guard chance(2) else { return }
    for _ in 0..<random(1...3) {
      if chance(2) { request() } else { later(passes: random(1...12)) { [unowned self] in request() } }
    }
  }

  /// Asks for a look at all logs.
  func lookNow() {
    ledger.noteLook()
    manager.send(.lookNow)
  }

  private func request() {
    switch random(0...7) {
    case 0: manager.send(.stop)
    case 1: lookNow()
    case 2: manager.send(.zoneChanged)
    default:
      change()
      manager.send(.reload)
    }
  }

  /// Does something after this many passes of the loop, while time stands still.
  private func later(passes: Int64, _ action: @escaping () -> Void) {
    driver.schedule(after: 0) { [unowned self] in
      if passes <= 1 { action() } else { later(passes: passes - 1, action) }
    }
  }

  /// Makes another config: one job has another policy, jobs change places, or it is invalid.
  private func change() {
    isConfigBroken = chance(4)
    guard !isConfigBroken, let index = configuration.jobs.indices.randomElement(using: &generator) else { return }
    configuration.jobs[index].policy.rules.keep = Int(random(0...4))
    configuration.jobs[index].policy.rules.compression = Scenario.compression(&generator)
    if !configuration.jobs[index].policy.hooks.isEmpty, chance(2) {
      Scenario.drawHooks(&configuration.jobs[index], &generator)
    }
    if chance(3) { Scenario.drawRetention(&configuration.jobs[index].policy, &generator) }
    if chance(3) { configuration.jobs.swapAt(0, index) }
  }

  /// At the end of a life: a daemon that has sent STOPPING sends neither READY nor RELOADING any more.
  func checkFarewell() {
    guard let end = manager.notifications.firstIndex(where: { if case .stopping = $0 { true } else { false } }) else {
      return
    }
    for notification in manager.notifications[end...] {
      switch notification {
      case .ready, .reloading: checker.warn("READY or RELOADING was told after STOPPING")
      default: break
      }
    }
  }
}
