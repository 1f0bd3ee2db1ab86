internal import Config
import EventLoop
package import Rotation

extension Supervisor {
  /// What `rotatectl rotate` does when no daemon runs: a run of each of these jobs, due or not, in the order of the
  /// config, and each hook once, for the logs of all of them and for what earlier runs owe. The caller has loaded the
  /// state, and this supervisor does nothing else.
  ///
  /// Writers that cannot be notified are owed, and the daemon notifies them at its next start. It does the
  /// housekeeping, too, which it plans from the directories and the state.
  package func rotateOnce(_ names: [String]) async -> (runs: [(job: String, result: RunResult)], failedHooks: [Hook]) {
    housekeeper.stop()
    writerChecks.stop()
    let runtimes = registry.runtimes.filter { names.contains($0.name) }
    var results: [(job: String, result: RunResult)] = []
    let failed = await notifier.sendOnce(Set(runtimes.flatMap(\.job.policy.hooks))) {
      notifyOwed(of: runtimes)
      for runtime in runtimes {
        await runs.gate.enter()
        results.append((runtime.name, await result(of: Run(of: runtime, for: .byHand))))
        runs.gate.leave()
      }
    }
    return (results, failed)
  }
}
