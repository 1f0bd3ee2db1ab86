internal import Control
internal import EventLoop
internal import Rotation
internal import Timekeeping

// What operators have the daemon do: each order is a request, or many, in the one queue.

extension Operators {
  /// Submits a request and waits for its reply.
  private func ask(_ request: Request, _ replies: Replies) async throws(VarlinkError) -> Reply {
    let answer = Answer(replies.sink)
    supervisor.submit(request) { answer.reply = $0 }
    while answer.reply == nil { try await replies.wait() }
    guard let reply = answer.reply else { throw OperatorError.stopping.with() }
    if case .stopping = reply { throw OperatorError.stopping.with() }
    return reply
  }

  /// A reply that is waited for.
  private final class Answer {
    private let sink: any ReplySink
    var reply: Reply? {
      didSet { sink.wake() }
    }

    init(_ sink: any ReplySink) { self.sink = sink }
  }

  // MARK: Rotate

  func rotate(_ parameters: Wire.Parameters, takesMany: Bool, _ replies: Replies) async throws(VarlinkError) {
    let waits = parameters.wait ?? false
    let sink = replies.sink
    let order = RunOrder(
      try selection(parameters).targets, onlyDue: !(parameters.force ?? false), supervisor,
      onChange: waits ? { sink.wake() } : nil)
    order.begin()
    guard waits else {
      if order.isStopped { throw OperatorError.stopping.with() }
      return
    }
    while true {
      while let event = order.next() {
        guard takesMany else { continue }
        var reply = Wire.Reply()
        reply.event = event
        try await replies.send(reply)
      }
      if order.isStopped { throw OperatorError.stopping.with() }
      if order.isOver { break }
      try await replies.wait()
    }
    try await replies.add { ($0.rotated, $0.skipped, $0.failed) = (order.rotated, order.skipped, order.failed) }
  }

  // MARK: Pause

  func pause(_ selection: Selection, _ span: Span?, _ replies: Replies) async throws(VarlinkError) {
    if let span, span <= .zero || span > Limits.longestSpan { throw .invalidParameter("forUSec") }
    _ = try await ask(.pause(selection.runtimes.map(\.name), for: span), replies)
    let end = span.map { now.wall + $0 }
    try await replies.add { $0.until = end }
  }

  func resume(_ selection: Selection, _ replies: Replies) async throws(VarlinkError) {
    _ = try await ask(.resume(selection.runtimes.map(\.name)), replies)
  }

  // MARK: Reload

  func reload(_ parameters: Wire.Parameters, _ replies: Replies) async throws(VarlinkError) {
    let trial = parameters.trialUSec
    if let trial, trial <= .zero || trial > Limits.longestSpan { throw .invalidParameter("trialUSec") }
    if parameters.confirm == true {
      guard trial == nil else { throw .invalidParameter("confirm") }
      guard case .done = try await ask(.confirmConfig, replies) else { throw OperatorError.noTrial.with() }
      return try await replies.add { $0.configSHA256 = self.supervisor.configDigest }
    }
    let reply = try await ask(trial.map { Request.tryConfig($0) } ?? .reload, replies)
    let outcome = supervisor.lastReload
    if case .refused = reply {
      throw OperatorError.invalidConfig.with { detail in
        detail.findings = outcome.diagnostics.prefix(Limits.maxShown).map { Report($0).message }
      }
    }
    try await replies.add { reply in
      func shown(_ names: [String]?) -> [String] { Array((names ?? []).prefix(Limits.maxShown)) }
      reply.configSHA256 = self.supervisor.configDigest
      reply.added = shown(outcome.changes?.added)
      reply.changed = shown(outcome.changes?.changed)
      reply.removed = shown(outcome.changes?.removed)
      reply.until = trial.flatMap { _ in self.supervisor.trial?.ends }
    }
  }

  // MARK: Hooks

  func retryHooks(_ selection: Selection, _ replies: Replies) async throws(VarlinkError) {
    let hooks = Set(selection.runtimes.flatMap(\.job.policy.hooks))
    guard case .retried(let count) = try await ask(.retryHooks(hooks), replies) else { return }
    try await replies.add { $0.hooks = Int64(count) }
  }

  // MARK: Events

  func subscribe(_ parameters: Wire.Parameters, _ replies: Replies) async throws(VarlinkError) {
    for name in parameters.jobs ?? [] where supervisor.registry[name] == nil {
      throw OperatorError.noSuchJob.with { $0.job = name }
    }
    let sink = replies.sink
    let subscription = Subscription(jobs: parameters.jobs ?? [], logs: parameters.logs ?? []) { sink.wake() }
    supervisor.activity.add(subscription)
    defer { supervisor.activity.remove(subscription) }
    try await replies.send(Wire.Reply())
    while true {
      while let event = subscription.next() {
        var reply = Wire.Reply()
        reply.event = event
        try await replies.send(reply)
      }
      try await replies.wait()
    }
  }
}

/// Runs that a client has asked for: a bounded number of requests at a time, each with its reply. It goes on when the client leaves.
final class RunOrder {
  private var targets: ArraySlice<RunTarget>
  private let onlyDue: Bool
  private unowned let supervisor: Supervisor
  /// nil where nobody waits for the results, and none are kept.
  private let onChange: (() -> Void)?
  private var underWay = 0
  private var results: ArraySlice<(job: String?, logs: ArraySlice<(path: FilePath, outcome: Outcome)>)> = []
  /// What is to be said of targets without a run.
  private var remarks: [Wire.Event] = []
  private(set) var rotated: Int64 = 0
  private(set) var skipped: Int64 = 0
  private(set) var failed: Int64 = 0
  /// The daemon stops: the rest is not done.
  private(set) var isStopped = false

  init(_ targets: [RunTarget], onlyDue: Bool, _ supervisor: Supervisor, onChange: (() -> Void)?) {
    self.targets = targets[...]
    self.onlyDue = onlyDue
    self.supervisor = supervisor
    self.onChange = onChange
  }

  /// Whether all is done, and `next` has given all results.
  var isOver: Bool { underWay == 0 && targets.isEmpty && results.isEmpty && remarks.isEmpty }

  func begin() {
    while underWay < Limits.maxOrdered, !isStopped, let target = targets.popFirst() {
      underWay += 1
      supervisor.submit(.run(target, onlyDue: onlyDue)) { self.take($0, of: target) }
    }
  }

  private func take(_ reply: Reply, of target: RunTarget) {
    underWay -= 1
    switch reply {
    case .ran(let result):
      for (_, outcome) in result.logs { count(outcome) }
      let job: String? = if case .job(let name) = target { name } else { nil }
      if onChange != nil, !result.logs.isEmpty { results.append((job, result.logs[...])) }
    case .paused:
      skipped += 1
      remark(target, "skipped", .info, "the job is paused")
    case .unknown, .refused, .done, .retried:
      failed += 1
      remark(target, "failed", .error, "no job has it any more")
    case .stopping: isStopped = true
    }
    begin()
    onChange?()
  }

  private func count(_ outcome: Outcome) {
    switch outcome {
    case .rotated: rotated += 1
    case .settled, .skipped: skipped += 1
    case .cleared: break
    case .failed: failed += 1
    }
  }

  private func remark(_ target: RunTarget, _ kind: String, _ severity: Wire.Severity, _ reason: String) {
    guard onChange != nil else { return }
    var event = Wire.Event()
    (event.at, event.kind, event.severity, event.reason) = (now, kind, severity, reason)
    switch target {
    case .job(let name): (event.job, event.message) = (name, "job \(name): not rotated: \(reason)")
    case .log(let path): (event.path, event.message) = (path, "\(path.printable): not rotated: \(reason)")
    }
    remarks.append(event)
  }

  private var now: WallTime { supervisor.platform.loop.wallClock() }

  /// What came of the next log; nil when that is not known yet.
  func next() -> Wire.Event? {
    if !remarks.isEmpty { return remarks.removeFirst() }
    guard let first = results.first, let log = results[results.startIndex].logs.popFirst() else { return nil }
    if results[results.startIndex].logs.isEmpty { results.removeFirst() }
    let job = first.job ?? supervisor.registry.owner(of: log.path)?.name
    return Wire.Event(log.outcome, of: log.path, job: job, at: now)
  }
}
