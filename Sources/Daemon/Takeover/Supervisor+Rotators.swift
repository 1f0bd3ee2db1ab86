import EventLoop
import Rotation

extension Supervisor {
  /// Finds the logs that logrotate rotates, too: a problem of each job that has some, until a reload finds that it is over.
  func findOtherRotators() async {
    guard var search = platform.otherRotators?() else { return }
    while search.step() {
      await platform.loop.yield()
      if isStopping { return }
    }
    let registry = registry
    for (index, runtime) in registry.runtimes.enumerated() {
      if index % Self.slice == Self.slice - 1 { await platform.loop.yield() }
      let subject = Problems.Subject(.rotators, of: runtime.name)
      var both: [(log: FilePath, place: String)] = []
      // Without another rotator, nothing has to be listed.
      if let rotator = search.rotator { both = await logs(of: runtime.job, in: registry, alsoOf: rotator) }
      if isStopping { return }
      if runtime.isRetired { continue }
      guard let first = both.first, let rotator = search.rotator else {
        platform.problems.clear(
          subject, Report(.resolved, .notice, "job \(runtime.name): logrotate rotates none of its logs any more"))
        continue
      }
      let more = both.count > 1 ? " and \(both.count - 1) more of its logs" : ""
      platform.problems.note(
        subject,
        Report(
          .rotators, .error,
          "job \(runtime.name): logrotate (\(rotator.runner)) rotates \(first.log.printable)\(more), too: \(first.place)",
          job: runtime.name, log: first.log))
    }
  }

  /// The logs of a job that the config of another rotator names, with the places.
  private func logs(
    of job: Job, in registry: JobRegistry, alsoOf rotator: OtherRotator
  ) async -> [(log: FilePath, place: String)] {
    var groups = await registry.find(job, on: platform.loop).groups
    groups.reverse()
    if isStopping { return [] }
    var both: [(log: FilePath, place: String)] = []
    var looked = 0
    while var group = groups.popLast() {
      for name in group.names {
        let log = LogFinder.join(group.directory, name)
        if let place = rotator.place(naming: log) { both.append((log, place)) }
        // Each file of the other's config is searched for the log.
        looked += rotator.files.count
        guard looked >= Self.slice else { continue }
        looked = 0
        await platform.loop.yield()
        if isStopping { return [] }
      }
      await group.drop(on: platform.loop)
    }
    return both
  }
}
