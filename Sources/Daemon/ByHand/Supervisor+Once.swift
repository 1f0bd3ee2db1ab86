internal import Config
import EventLoop
package import Rotation

extension Supervisor {
  /// What `rotatectl rotate` does where no daemon runs: a run of each of these jobs, and of those that have these logs for these
  /// logs alone, due or not, in the order of the config; and each hook once, for all these logs and for what earlier runs owe. The
  /// caller has loaded the state, and nothing else is asked of this supervisor.
  ///
  /// What cannot be notified is owed, and notified by the daemon at its next start. So is housekeeping: what is to be done with
  /// archives is seen from the directories and from the state.
  package func rotateOnce(
    _ names: [String], logs: [FilePath] = []
  ) async -> (runs: [(job: String, result: RunResult)], failedHooks: [Hook]) {
    housekeeper.stop()
    writerChecks.stop()
    let owners = logs.compactMap { registry.owner(of: $0)?.name }
    let runtimes = registry.runtimes.filter { names.contains($0.name) || owners.contains($0.name) }
    var results: [(job: String, result: RunResult)] = []
    let failed = await notifier.sendOnce(Set(runtimes.flatMap(\.job.policy.hooks))) {
      notifyOwed(of: runtimes)
      for runtime in runtimes {
        let isWhole = names.contains(runtime.name)
        let found = isWhole ? nil : await registry.find(runtime.job, on: platform.loop).groups
        // Only what the job itself finds, as when a client of the daemon asks for a log.
        let groups = found.map { groups in logs.flatMap { log in groups.compactMap { $0.only(log) } } }
        if groups?.isEmpty == true { continue }
        await runs.gate.enter()
        results.append((runtime.name, await result(of: Run(of: runtime, for: .byHand, logs: groups))))
        runs.gate.leave()
      }
    }
    return (results, failed)
  }
}
