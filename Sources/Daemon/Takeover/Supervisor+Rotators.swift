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
    let rotator = search.rotator
    let registry = registry
    var looked = 0
    for runtime in registry.runtimes {
      let subject = Problems.Subject(.rotators, of: runtime.name)
      var both: [(log: FilePath, place: String)] = []
      // Without another rotator, nothing has to be listed.
      for group in rotator == nil ? [] : registry.find(runtime.job).groups {
        for name in group.names {
          let log = LogFinder.join(group.directory, name)
          if let place = rotator?.place(naming: log) { both.append((log, place)) }
          looked += 1
          if looked % Self.slice == 0 { await platform.loop.yield() }
          if isStopping || runtime.isRetired { return }
        }
      }
      guard let first = both.first, let rotator else {
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
}
