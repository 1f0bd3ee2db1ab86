internal import Config
internal import EventLoop
internal import Rotation
internal import Timekeeping

/// The part of a run of logrotate's files that is about one stanza.
struct LogrotateStanzaRun {
  let run: LogrotateRun
  let runtime: JobRuntime
  let terms: LogrotateTerms

  init(_ run: LogrotateRun, _ runtime: JobRuntime, _ terms: LogrotateTerms) {
    (self.run, self.runtime, self.terms) = (run, runtime, terms)
  }

  private var platform: Platform { run.supervisor.platform }

  func carryOut() async {
    run.detail("\nrotating pattern: \(terms.pattern.printable) \(period)(\(count))")
    var look = LogrotateLook(self)
    let groups = await look.dueLogs()
    guard !groups.isEmpty else { return }
    guard !run.options.isDry else { return }
    if let script = terms.firstAction {
      run.detail("running first action script")
      guard await execute(script, [terms.pattern]) else {
        return run.fail("error running first action script for \(terms.pattern.printable)")
      }
    }
    if !terms.isShared || !look.hasFailed { await rotate(groups) }
    await run.supervisor.housekeeper.settle(patience: Limits.logrotatePatience)
    guard let script = terms.lastAction else { return }
    run.detail("running last action script")
    if await !execute(script, [terms.pattern]) {
      run.fail("error running last action script for \(terms.pattern.printable)")
    }
  }

  // MARK: Rotations

  private func rotate(_ groups: [LogGroup]) async {
    let own = askDaemon(groups)
    guard !own.isEmpty else { return }
    guard !terms.isShared else { return await rotateShared(own) }
    guard terms.prerotate != nil || terms.postrotate != nil else { return await finish(await rotateAll(own)) }
    for group in own {
      for name in group.names {
        await rotate(LogGroup(directory: group.directory, names: [name], listing: nil))
        await platform.loop.yield()
      }
    }
  }

  /// Has the daemon rotate the logs that it has, and returns the others.
  private func askDaemon(_ groups: [LogGroup]) -> [LogGroup] {
    guard !run.running.logs.isEmpty else { return groups }
    var own: [LogGroup] = []
    var others: [FilePath] = []
    for group in groups {
      var rest = group
      rest.names = []
      for name in group.names {
        let path = LogFinder.join(group.directory, name)
        if run.running.logs.contains(path) { others.append(path) } else { rest.names.append(name) }
      }
      if !rest.names.isEmpty { own.append(rest) }
    }
    guard !others.isEmpty else { return own }
    let rotated = run.running.rotate(others)
    for path in others where rotated.contains(path) { run.noteRotated(path) }
    for path in others where !rotated.contains(path) {
      run.fail("\(path.printable) was not rotated by the daemon, which has it")
    }
    return own
  }

  private func rotateShared(_ groups: [LogGroup]) async {
    if let script = terms.prerotate {
      run.detail("running prerotate script")
      guard await execute(script, [terms.pattern]) else {
        return run.fail("error running shared prerotate script for \(quotedPattern)")
      }
    }
    let rotated = await rotateAll(groups)
    if let script = terms.postrotate, !rotated.isEmpty {
      run.detail("running postrotate script")
      if await !execute(script, [terms.pattern]) {
        run.fail("error running shared postrotate script for \(quotedPattern)")
      }
    }
    await finish(rotated)
  }

  /// Rotates one log, with its own scripts.
  private func rotate(_ log: LogGroup) async {
    guard let name = log.names.first else { return }
    let path = LogFinder.join(log.directory, name)
    if let script = terms.prerotate {
      run.detail("running prerotate script")
      guard await execute(script, [ExactText(bytes: path.bytes)]) else {
        return run.fail("error running non-shared prerotate script for \(path.printable) of \(quotedPattern)")
      }
    }
    let rotated = await rotateAll([log])
    if let script = terms.postrotate, let first = rotated.first {
      run.detail("running postrotate script")
      if await !execute(script, [ExactText(bytes: path.bytes), ExactText(bytes: first.archivePath.bytes)]) {
        run.fail("error running non-shared postrotate script for \(path.printable) of \(quotedPattern)")
      }
    }
    await finish(rotated)
  }

  /// Rotates all these logs, and records each that was.
  private func rotateAll(_ groups: [LogGroup]) async -> [RotatedLog] {
    var request = Run(of: runtime, for: .byHand, logs: groups)
    request.handsOn = false
    // A script sees what is removed after it.
    if terms.postrotate != nil, request.job.policy.keep == 0 { request.job.policy.rules.keep = 1 }
    var rotated: [RotatedLog] = []
    let runs = run.supervisor.runs
    await runs.gate.enter()
    defer { runs.gate.leave() }
    _ = await runs.carryOut(request) { path, result in
      run.detail("rotating log \(path.printable), log->rotateCount is \(runtime.job.policy.keep)")
      let (directory, name) = LogFinder.split(path)
      switch result.outcome {
      case .rotated, .settled:
        run.noteRotated(path)
        rotated += runs.ended(result, name, in: directory, runtime.job)
      case .skipped(let skip): run.fail("\(path.printable): not rotated: \(skip)")
      // The report of the run has said why.
      case .failed: run.fail("\(path.printable): not rotated")
      // Of files of other programs; a stanza has none.
      case .cleared: break
      }
    }
    return rotated
  }

  /// Mails what is to be mailed when it was rotated; then compresses, moves and removes.
  private func finish(_ logs: [RotatedLog]) async {
    if let script = terms.mail {
      for log in logs {
        let (path, archive) = (LogFinder.join(log.directory, log.name), log.archivePath)
        if await !execute(
          script, [ExactText(bytes: path.bytes), ExactText(bytes: archive.bytes)], limit: Limits.mailLimit)
        {
          run.fail("mail command failed for \(archive.printable)")
        }
      }
    }
    keepHouse(logs)
  }

  /// Compresses, moves and removes what is to be.
  private func keepHouse(_ logs: [RotatedLog]) {
    let policy = runtime.job.policy
    guard
      policy.compression != nil || policy.archiveDirectory != nil || policy.keep == 0 || !policy.beforeRemoval.isEmpty
    else { return }
    for log in logs {
      run.supervisor.housekeeper.attend(
        Housekeeper.Order(
          job: runtime.name, policy: policy, directory: log.directory, name: log.name, rotated: run.due.now))
    }
  }

  // MARK: Scripts

  /// Runs a script as logrotate does, with its output where that of the command goes; whether it has exited with 0.
  private func execute(_ script: ExactText, _ arguments: [ExactText], limit: Span? = nil) async -> Bool {
    let ended = Alarm(on: platform.loop)
    let result = ScriptEnd()
    let request = ChildRequest(
      arguments: ["/bin/sh", "-c", script, "logrotate_script"] + arguments, output: .file(1), limit: limit)
    do throws(Errno) {
      let child = try platform.processes.start(request) { line in
        run.tell(.said(line))
      } onEnd: { end in
        result.end = end
        ended.ring()
      }
      while result.end == nil { _ = await ended.wait(until: .never) }
      _ = child
    } catch {
      run.fail("cannot start /bin/sh: \(error)")
    }
    return result.end == .exited(0)
  }

  private final class ScriptEnd {
    var end: ChildEnd?
  }

  // MARK: Words

  private var quotedPattern: String { "'\(terms.pattern.printable)'" }

  private var count: String {
    runtime.job.policy.keep == 0 ? "no old logs will be kept" : "\(runtime.job.policy.keep) rotations"
  }

  private var period: String {
    guard !run.options.isForced else { return "forced from command line " }
    return switch terms.criterion {
    case .hourly: "hourly "
    case .daily: "after 1 days "
    case .weekly: "weekly "
    case .monthly: "monthly "
    case .yearly: "yearly "
    case .minutes(let minutes): "after \(minutes) minutes "
    case .size(let bytes): "\(bytes) bytes "
    }
  }
}
