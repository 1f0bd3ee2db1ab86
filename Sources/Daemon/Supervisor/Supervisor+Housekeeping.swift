import Config
import EventLoop
import Rotation
import Timekeeping

extension Supervisor {
  /// Goes on waiting for the writers of logs that an earlier run has rotated. Those that are still to be notified come later,
  /// when they are.
  func resumeWaiting(of names: Set<String>) {
    let now = platform.loop.wallClock()
    for (path, awaited) in state.awaited {
      guard let job = registry.owner(of: path)?.job, names.contains(job.name) else { continue }
      let owed = state.log(path)?.owed ?? []
      let timeout = job.policy.reopenTimeout
      let ages = awaited.filter { !owed.contains($0.inode) }.map { max(.zero, now - $0.since) }
      // One that has waited for long does not wait for the others; they are looked at again then.
      for age in Set([ages.max(), ages.min()].compactMap(\.self)) {
        let rest = timeout.nanoseconds.saturatingSubtract(age.nanoseconds)
        writerChecks.expect(path, after: max(.zero, Span(nanoseconds: rest)))
      }
    }
  }

  /// Looks at the archives of all logs of these jobs: what a crash, or a config that kept more or compressed nothing, has left
  /// is taken up. Each directory is listed once, however many logs it has, and where nothing is to be done, nothing of the
  /// look stays in memory. Returns how many logs the jobs have, as far as it got.
  @discardableResult
  func sweep(_ runtimes: [JobRuntime]) async -> Int {
    let registry = registry
    var directories: [FilePath] = []
    var groups: [FilePath: [(runtime: JobRuntime, group: LogGroup)]] = [:]
    for (index, runtime) in runtimes.enumerated() {
      if index % Self.slice == Self.slice - 1 { await platform.loop.yield() }
      let found = await registry.find(runtime.job, alsoGone: true, on: platform.loop)
      if isStopping { return 0 }
      runs.reportSkipped(found.skipped, runtime)
      for group in found.groups {
        if groups[group.directory] == nil { directories.append(group.directory) }
        groups[group.directory, default: []].append((runtime, group))
      }
    }
    var listed: SharedListings?
    var count = 0
    for directory in directories {
      var found = Array((groups.removeValue(forKey: directory) ?? []).reversed())
      while case (let runtime, var group)? = found.popLast() {
        let policy = runtime.job.policy
        if listed?.fits(directory, policy) != true {
          await listed?.listings.drop(on: platform.loop)
          listed = await SharedListings(directory, policy, platform)
        }
        guard let listed else { continue }
        for name in group.names where registry.owns(runtime.name, LogFinder.join(directory, name)) {
          attend(name, runtime.job, listed)
          count += 1
          if count % Self.slice == 0 { await platform.loop.yield() }
          if isStopping || runtime.isRetired { return count }
        }
        await group.drop(on: platform.loop)
      }
    }
    await listed?.listings.drop(on: platform.loop)
    return count
  }

  private func attend(_ name: FileName, _ job: Job, _ listed: SharedListings) {
    let inventory = Inventory(
      name: name, live: nil, versions: listed.listings.versions(of: name), naming: listed.naming, home: listed.home)
    guard Housekeeping.isWanted(inventory, job.policy) else { return }
    housekeeper.attend(Housekeeper.Order(job: job.name, policy: job.policy, directory: listed.directory, name: name))
  }
}
