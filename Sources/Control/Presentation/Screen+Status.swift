internal import Rotation
internal import Timekeeping

extension Screen {
  /// `rotatectl status`: the daemon, what does not work, jobs and logs.
  package mutating func status(_ overview: Wire.Overview) {
    let (daemon, problems) = (overview.daemon, overview.problems)
    head(daemon, problems, shown: Int64(overview.jobs.count))
    self.problems(problems, of: daemon.problems)
    jobs(overview.jobs)
    logs(overview.logs)
  }

  /// `rotatectl status -x`: only what does not work.
  package mutating func problems(_ overview: Wire.Overview) {
    let daemon = overview.daemon
    guard !overview.isSound else {
      add("No problems: \(count(daemon.jobs, "job")), \(count(daemon.logs, "log"))", .green)
      return
    }
    if let problem = overlooked(daemon, overview.problems) {
      add("The config on disk is not in force: \(problem)", .red)
    }
    problems(overview.problems, of: Int64(overview.problems.count))
    jobs(overview.jobs)
    logs(overview.logs)
  }

  /// Why the config on disk is not in force, where no problem says the same.
  private func overlooked(_ daemon: Wire.Daemon, _ problems: [Wire.Problem]) -> String? {
    daemon.configProblem.flatMap { problem in problems.contains { $0.message == problem } ? nil : problem }
  }

  private mutating func problems(_ problems: [Wire.Problem], of all: Int64) {
    guard !problems.isEmpty else { return }
    space()
    for problem in problems { add(problem) }
    if all > Int64(problems.count) { add("and \(count(all - Int64(problems.count), "more problem"))", .red) }
  }

  private mutating func jobs(_ jobs: [Wire.Job]) {
    var table = Table()
    table.column("JOB", .text(to: 10))
    table.column("LAST", .goes(2))
    table.column("NEXT")
    table.column("SIZE")
    table.column("ARCHIVES")
    table.column("HELD", .goes(1), isRight: true)
    table.column("BY", .goes(3))
    table.column("OWED", .goes(1), isRight: true)
    for job in jobs {
      let isBroken = job.state == .failing || job.problems > 0
      table.row([
        cell(job.name, isBroken ? .red : .plain),
        cell(job.last.map { distance($0.at) } ?? "never", .dim),
        next(job),
        size(job.largestBytes, of: job.limitBytes),
        archives(job.archives, job.archiveBytes, budget: job.budgetBytes),
        cell(job.heldArchives == 0 ? "" : String(job.heldArchives), .yellow),
        cell(holders(job.holders), .yellow),
        cell(job.hooksOwed == 0 ? "" : String(job.hooksOwed), .yellow),
      ])
    }
    add(table)
  }

  private mutating func logs(_ logs: [Wire.Log]) {
    var table = Table()
    table.column("LOG", .path(to: 20))
    table.column("LAST", .goes(2))
    table.column("NEXT")
    table.column("SIZE")
    table.column("ARCHIVES", .goes(1))
    table.column("NOT ROTATED", .text(to: 16))
    for log in logs {
      table.row([
        cell(log.path.printable, log.refusal == nil ? .plain : .yellow),
        cell(log.last.map { distance($0.at) } ?? "never", .dim),
        due(log.next),
        log.bytes == nil ? cell("no file", .dim) : size(log.bytes, of: log.limitBytes),
        archives(log.archives, log.archiveBytes, budget: nil),
        cell(log.refusal, .yellow),
      ])
    }
    add(table)
  }

  private mutating func head(_ daemon: Wire.Daemon, _ problems: [Wire.Problem], shown: Int64) {
    let paint: Paint = problems.contains { $0.severity == .error } ? .red : problems.isEmpty ? .green : .yellow
    let since = Self.span(now - daemon.started)
    let name = style.clean("rotated \(daemon.version): \(daemon.state.rawValue) for \(since), process \(daemon.pid)")
    lines.append(style.paint(style.isUnicode ? "●" : "*", paint) + " " + name)
    let sha = daemon.configSHA256.prefix(12)
    add("Config: \(daemon.configPath.printable), read \(distance(daemon.configLoaded)), SHA-256 \(sha)", indent: 2)
    if let problem = overlooked(daemon, problems) { add("Not in force: \(problem)", .red, indent: 2) }
    if let until = daemon.trialUntil {
      add("On trial: goes back \(distance(until)), unless confirmed", .yellow, indent: 2)
    }
    let archives = "\(count(daemon.archives, "archive")) of \(ByteSize.describe(daemon.archiveBytes))"
    let owed = daemon.hooksOwed == 0 ? "" : ", \(count(daemon.hooksOwed, "hook")) owed"
    let jobs = shown < daemon.jobs ? "\(shown) of \(count(daemon.jobs, "job"))" : count(daemon.jobs, "job")
    add(
      "\(jobs), \(count(daemon.logs, "log")), \(archives), \(count(daemon.rotations, "rotation"))\(owed)",
      indent: 2)
  }

  /// A problem: what, since when, the next try, what to do.
  package mutating func add(_ problem: Wire.Problem) {
    let isError = problem.severity == .error
    let mark = style.isUnicode ? (isError ? "✗" : "!") : isError ? "x" : "!"
    let subject = problem.job.map { "\($0): " } ?? ""
    // The message has been cleaned once already; the marks are not to be escaped with it.
    let text = style.clean(subject + problem.message).wrapped(to: style.width - 4)
    for (number, line) in text.enumerated() {
      lines.append(style.paint(number == 0 ? "\(mark) \(line)" : "    \(line)", isError ? .red : .yellow))
    }
    let tries = problem.tries > 1 ? ", \(problem.tries) tries" : ""
    let next = problem.nextTry.map { ", next try \(distance($0))" } ?? ""
    let span = Self.span(now - problem.since)
    add("since \(span == "0" ? "just now" : span)\(tries)\(next)", .dim, indent: 4)
    if let advice = problem.advice { add(advice, indent: 4) }
  }

  func next(_ job: Wire.Job) -> Cell {
    switch job.state {
    case .paused: cell("paused" + (job.pausedUntil.map { " (\(Self.span($0 - now)))" } ?? ""), .yellow)
    case .running: cell("running", .green)
    case .waiting, .failing: job.isUnconfirmed ? cell("not confirmed", .yellow) : due(job.next)
    }
  }

  func due(_ due: Wire.Due?) -> Cell {
    guard let due else { return cell("-", .dim) }
    guard let at = due.at else { return cell("by size", .dim) }
    return cell((due.isPredicted ? "~" : "") + (at <= now ? "due now" : distance(at)))
  }

  /// How many, and their room beside the one that they may take: `14 of 2.1G/5G`.
  private func archives(_ number: Int64, _ bytes: Int64, budget: Int64?) -> Cell {
    guard number != 0 || bytes != 0 else { return cell("-", .dim) }
    let most = budget.map { "/\(ByteSize.describe($0))" } ?? ""
    let isOver = budget.map { bytes > $0 } ?? false
    return cell("\(number) of \(ByteSize.describe(bytes))\(most)", isOver ? .red : .plain)
  }
}
