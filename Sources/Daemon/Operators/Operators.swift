package import Control
internal import EventLoop
internal import Rotation
internal import Timekeeping

/// The methods of `org.rotated.Manager`: what operators see of a supervisor, and what they have it do.
///
/// What is read is read from the jobs of one config (`JobRegistry`), log by log, with a chance for everything else after each
/// reply. What changes something is a `Request`, and goes through the one queue.
package final class Operators {
  unowned let supervisor: Supervisor
  /// Of all calls, one at a time makes a piece of work: however many clients ask, everything else has its turn after each.
  private let pieces = Gate<Void>(limit: 1)

  init(_ supervisor: Supervisor) {
    self.supervisor = supervisor
  }

  var platform: Platform { supervisor.platform }
  var now: Now { Now(platform.loop) }

  /// Answers a call. `takesMany`: the client has called with `more`.
  package func answer(_ call: OperatorCall, takesMany: Bool, to sink: any ReplySink) async throws(VarlinkError) {
    let replies = Replies(to: sink, supervisor)
    let parameters = call.parameters
    switch call.method {
    case .describe: try await describe(try selection(parameters), replies)
    case .list: try await list(try selection(parameters), parameters, replies)
    case .explain: try await explain(parameters.logs ?? [], replies)
    case .plan: try await plan(try selection(parameters), replies)
    case .rotate: try await rotate(parameters, takesMany: takesMany, replies)
    case .pause: try await pause(try selection(parameters), parameters.forUSec, replies)
    case .resume: try await resume(try selection(parameters), replies)
    case .reload: try await reload(parameters, replies)
    case .retryHooks: try await retryHooks(try selection(parameters), replies)
    case .subscribe: try await subscribe(parameters, replies)
    case .metrics: try await metrics(withLogs: parameters.withLogs ?? false, replies)
    }
    try await replies.end()
  }

  // MARK: What was asked for

  /// Jobs that a call is about, and for some of them which logs alone.
  struct Selection {
    var runtimes: [JobRuntime]
    /// Whether they were named.
    var isNamed = false
    var logs: [String: Set<FilePath>] = [:]
    /// In the order of the call.
    var targets: [RunTarget] = []

    func isWanted(_ path: FilePath, of job: String) -> Bool { logs[job]?.contains(path) ?? true }
  }

  /// The jobs by name and those that have the logs; all where neither is given.
  func selection(_ parameters: Wire.Parameters) throws(VarlinkError) -> Selection {
    let registry = supervisor.registry
    let (jobs, logs) = (parameters.jobs ?? [], parameters.logs ?? [])
    guard !(jobs.isEmpty && logs.isEmpty) else {
      return Selection(runtimes: registry.runtimes, targets: registry.runtimes.map { .job($0.name) })
    }
    var selection = Selection(runtimes: [], isNamed: true)
    var known: Set<String> = []
    for name in jobs {
      guard let runtime = registry[name] else { throw OperatorError.noSuchJob.with { $0.job = name } }
      guard known.insert(name).inserted else { continue }
      selection.runtimes.append(runtime)
      selection.targets.append(.job(name))
    }
    for path in logs {
      guard let runtime = owner(of: path) else { throw OperatorError.noSuchLog.with { $0.path = path } }
      if known.insert(runtime.name).inserted {
        selection.runtimes.append(runtime)
        selection.logs[runtime.name] = []
      }
      guard selection.logs[runtime.name]?.insert(path).inserted == true else { continue }
      selection.targets.append(.log(path))
    }
    return selection
  }

  /// The job as the config in force has it, when a reload may have come in between. One that it has no more is left out where
  /// all were asked for.
  func current(_ runtime: JobRuntime, of selection: Selection) throws(VarlinkError) -> JobRuntime? {
    if let current = supervisor.registry[runtime.name] { return current }
    guard selection.isNamed else { return nil }
    throw OperatorError.noSuchJob.with { $0.job = runtime.name }
  }

  /// The job that has a log: it claims the path, which is no archive; one that a pattern stands for is there.
  private func owner(of path: FilePath) -> JobRuntime? {
    let (directory, name) = path.split
    guard path.isAbsolute, let runtime = supervisor.registry.owner(of: path),
      supervisor.registry.isLog(name, in: directory, of: runtime.name)
    else { return nil }
    let isPlain = runtime.job.logs.contains { !$0.hasWildcard && $0.text == path }
    return isPlain || (try? platform.fileSystem.look(at: path)) != nil ? runtime : nil
  }

  // MARK: The daemon

  private func describe(_ selection: Selection, _ replies: Replies) async throws(VarlinkError) {
    var sums = Census()
    for runtime in selection.runtimes { sums.add(try await census(of: runtime)) }
    try await add(sums, to: replies)
  }

  /// Adds the reply about the daemon, with sums over the logs that were visited, and about what does not work.
  func add(_ sums: Census, to replies: Replies) async throws(VarlinkError) {
    supervisor.settleConfigProblem()
    let now = now
    var daemon = Wire.Daemon()
    (daemon.version, daemon.pid) = (ProgramVersion.number, Int64(platform.process))
    daemon.state = state
    (daemon.now, daemon.started, daemon.zone) = (now.wall, supervisor.started.wall, supervisor.zone.name)
    (daemon.configPath, daemon.configSHA256) = (platform.configPath, supervisor.configDigest)
    daemon.configLoaded = supervisor.configLoaded
    daemon.configProblem = platform.problems[Problems.Subject(.config)]?.what
    daemon.trialUntil = supervisor.trial?.ends
    daemon.rotations = Int64(supervisor.status.rotations)
    daemon.jobs = Int64(supervisor.registry.runtimes.count)
    (daemon.logs, daemon.archives, daemon.archiveBytes) = (sums.logs, sums.archives, sums.archiveBytes)
    let problems = try await worstProblems()
    (daemon.problems, daemon.hooksOwed) = (problems.count, problems.hooks)
    let shown = problems.worst.map { Wire.Problem($0, now: now) }
    try await replies.add { ($0.daemon, $0.problems) = (daemon, shown) }
  }

  /// The worst problems, in order, and how many there are; found in pieces, as each log may have some.
  private func worstProblems() async throws(VarlinkError) -> (worst: [Problems.Problem], count: Int64, hooks: Int64) {
    var (worst, count, hooks): ([Problems.Problem], Int64, Int64) = ([], 0, 0)
    var subjects = platform.problems.subjects[...]
    while !subjects.isEmpty {
      try await piece {
        // One that has ended meanwhile is none.
        let some = subjects.prefix(Limits.maxShown).compactMap { platform.problems[$0] }
        subjects = subjects.dropFirst(Limits.maxShown)
        count += Int64(some.count)
        hooks += Int64(some.count { $0.subject.topic.concern == .hook })
        worst = Array((worst + some).sorted { $0.precedes($1) }.prefix(Limits.maxShown))
      }
    }
    return (worst, count, hooks)
  }

  /// Makes a piece of work when no other call makes one, and lets everything else have its turn before the next.
  func piece<Answer>(_ work: () -> Answer) async throws(VarlinkError) -> Answer {
    await pieces.enter()
    let answer = work()
    await platform.loop.yield()
    pieces.leave()
    if supervisor.isStopping { throw OperatorError.stopping.with() }
    return answer
  }

  private var state: Wire.State {
    switch supervisor.lifecycle {
    case .starting: .starting
    case .running: .running
    case .reloading: .reloading
    case .stopping, .stopped: .stopping
    }
  }
}

/// The replies to one call, in their order: that one is the last is known when the call is over.
final class Replies {
  let sink: any ReplySink
  private let supervisor: Supervisor
  private var last: Wire.Reply?

  init(to sink: any ReplySink, _ supervisor: Supervisor) {
    self.sink = sink
    self.supervisor = supervisor
  }

  /// Adds a reply, when the client has taken the one before.
  func add(_ make: (inout Wire.Reply) -> Void) async throws(VarlinkError) {
    if let last { try await send(last) }
    var reply = Wire.Reply()
    make(&reply)
    last = reply
    try check()
  }

  /// Sends a reply at once, after which others follow.
  func send(_ reply: Wire.Reply) async throws(VarlinkError) {
    guard await sink.send(reply, continues: true) else { throw OperatorError.stopping.with() }
    try check()
  }

  /// Ends the call.
  func end() async throws(VarlinkError) {
    _ = await sink.send(last ?? Wire.Reply(), continues: false)
  }

  /// Ends the call of a daemon that stops.
  func check() throws(VarlinkError) {
    if supervisor.isStopping { throw OperatorError.stopping.with() }
  }

  /// Waits for what `sink.wake` is called for.
  func wait() async throws(VarlinkError) {
    try check()
    guard await sink.wait() else { throw OperatorError.stopping.with() }
    try check()
  }
}

extension OperatorError {
  /// The error with what it says.
  func with(_ make: (inout Wire.ErrorDetail) -> Void) -> VarlinkError {
    var detail = Wire.ErrorDetail()
    make(&detail)
    return with(detail)
  }
}
