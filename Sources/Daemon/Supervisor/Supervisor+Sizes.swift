import EventLoop
import Rotation
import Timekeeping

extension Supervisor {
  /// Begins to watch the logs of jobs that say a size and not how often to look, and returns when each was looked at.
  func watchSizes() async {
    sizes.onDue = { [notifier] runtime in
      notifier.gather(runtime.job.policy.hooks)
      runtime.alarm.ring()
    }
    sizes.onQuiet = { [notifier] in notifier.endGathering() }
    sizes.holdOff = { [weak self] in self?.pause(of: $0, $1) }
    sizes.isHalfDone = { [state] in state.log($0)?.intent != nil || state.log($0)?.cut != nil }
    sizes.adopt(registry, rescans: true)
    if isStopping { return }
    await sizes.settled()
  }

  /// A turn of the logs that have reached their limit.
  func serveDueLogs(of runtime: JobRuntime, _ job: Job, _ limit: SizeLimit) async {
    let logs = sizes.takeDue(of: runtime)
    let rotatedBefore = logs.map { state.log($0.path)?.rotated }
    var groups: [LogGroup] = []
    var places: [FilePath: Int] = [:]
    for log in logs {
      let (directory, name) = LogFinder.split(log.path)
      let place = places[directory] ?? groups.count
      places[directory] = place
      if place == groups.count { groups.append(LogGroup(directory: directory, names: [])) }
      groups[place].names.append(name)
    }
    if !groups.isEmpty { await takeTurn(runtime, job, .size(limit), of: groups) }
    for (log, before) in zip(logs, rotatedBefore) {
      sizes.settle(log.number, wasRotated: state.log(log.path)?.rotated != before)
    }
  }

  /// How long a log has to wait until it may be rotated by size again; nil when it need not. Where archives go before their
  /// time, since too little is free, none waits for its `min-interval`.
  func pause(of path: FilePath, _ limit: SizeLimit) -> Span? {
    if let rest = rest(of: path) { return rest }
    guard let least = limit.minInterval, let known = state.log(path), let rotated = known.rotated,
      known.intent == nil, known.cut == nil
    else { return nil }
    let passed = platform.loop.wallClock() - rotated
    // A rotation that lies ahead was told by a clock that was wrong.
    guard passed >= .zero, passed < least, !isActing(on: LogFinder.split(path).directory) else { return nil }
    return least - passed
  }

  /// Looks at everything now.
  func lookNow() {
    for runtime in registry.runtimes {
      runtime.looksNow = true
      runtime.alarm.ring()
    }
    sizes.lookAgain()
  }
}

extension Job {
  /// Whether it claims other logs than another job of its name, or is told of their sizes in another way.
  func claimsOtherwise(than other: Job) -> Bool {
    logs != other.logs || exclude != other.exclude || sizeLimit != other.sizeLimit
  }
}
