package import Config
internal import EventLoop
package import Rotation
package import Timekeeping

/// Makes reports from the outcomes of a run. The Supervisor decides who reports what, and when.
package struct RunReport {
  /// An event for the operator.
  package enum Event {
    case rotated(Report)
    case problem(Problems.Subject, Report)
    /// A problem is over; `says`: whether its end is reported.
    case fine(Problems.Subject, says: Bool)
  }

  private let job: String
  /// What is known to be wrong, so that the end of nothing is no event; nil where that is not known.
  private let problems: Problems?
  /// When the job is due next; nil if it has no schedule.
  private let next: String?
  /// When the run began.
  private let begun: MonotonicTime
  /// The bytes of the rotated logs, and the reason of the last rotation.
  private var bytes: Int64 = 0
  private var reason = ""
  private var events: [Event] = []
  package private(set) var rotations = 0
  /// How many problems were new or had changed, and how many logs work again.
  var (problemsBegun, problemsEnded) = (0, 0)
  /// Directories that could not be read in this run, and logs that have a problem.
  package private(set) var unseen: Set<FilePath> = []
  package private(set) var troubled: Set<FilePath> = []
  /// The first error of the run that justifies another try; nil if there was none.
  package private(set) var firstFailure: String?

  package init(job: String, zone: Zone, next: JobClock.Due?, now: Now, problems: Problems? = nil) {
    self.job = job
    self.problems = problems
    self.next = next?.wall(now: now).map { Self.moment($0, zone: zone, now: now) }
    self.begun = now.monotonic
  }

  /// Returns the events since the last call, in order.
  package mutating func takeEvents() -> [Event] {
    defer { events = [] }
    return events
  }

  /// Adds the outcome for the log at this path.
  package mutating func note(_ outcome: Outcome, of path: FilePath) {
    switch outcome {
    case .rotated(let rotated):
      rotations += 1
      bytes = bytes.saturatingAdd(rotated.bytes)
      reason = rotated.reason
      note(nil, .rotation, path)
      events.append(.rotated(report(rotated, of: path)))
      for name in rotated.setAside {
        let message =
          "job \(job): \(path.printable): two files had one version number, or that of one was not known; "
          + "it is now \(name.printable)"
        events.append(.rotated(Report(.note, .warning, message, job: job, log: path)))
      }
      let impossible = rotated.impossible.map {
        "its archives are not \($0): the hidden names that this needs would be too long"
      }
      note(impossible.map { problem(.warning, path, $0, nil) }, .names, path)
      note(Self.inTheWay(rotated.foreign).map { problem(.warning, path, $0, nil) }, .foreign, path)
      let unremoved = rotated.unremoved.map { "\($0.step.printable): \($0.reason)" }.joined(separator: "; ")
      note(rotated.unremoved.first.map { problem(.error, path, unremoved, $0.errno) }, .surplus, path)
    case .cleared: break
    case .settled, .skipped(.missing), .skipped(.empty), .skipped(.tooSmall), .skipped(.tooYoung),
      .skipped(.nothingToDo):
      note(nil, .rotation, path)
    case .skipped(let skip):
      note(problem(.warning, path, "not rotated: \(skip)", nil), .rotation, path)
    case .failed(let failure):
      let where_ = failure.path == path ? "" : " in \(failure.path.printable)"
      let what = "cannot rotate: \(failure.step.printable)\(where_): \(failure.reason); trying again later"
      let report = problem(.error, path, what, failure.errno)
      firstFailure = firstFailure ?? report.message
      note(report, .rotation, path)
    }
  }

  /// Adds a problem, or with nil its end.
  private mutating func note(_ report: Report?, _ concern: Problems.Concern, _ path: FilePath) {
    if report == nil, problems?.has(Problems.Topic(concern, of: job)) == false { return }
    let subject = Problems.Subject(concern, of: job, path)
    guard let report else { return events.append(.fine(subject, says: concern == .rotation || concern == .before)) }
    if concern == .rotation { troubled.insert(path) }
    events.append(.problem(subject, report))
  }

  private static func inTheWay(_ foreign: [Foreign]) -> String? {
    guard !foreign.isEmpty else { return nil }
    let what = foreign.map(\.description).joined(separator: ", ")
    return foreign.count == 1
      ? "\(what) is not a file of rotated: it is left alone, and another name is used"
      : "\(what) are not files of rotated: they are left alone, and other names are used"
  }

  /// The totals of a run that has had more to report than `Limits.maxSingleReports`; none for any other run.
  func summaries(at now: MonotonicTime) -> [Report] {
    let most = Limits.maxSingleReports
    var summaries: [Report] = []
    if problemsBegun > most {
      let message = "job \(job): \(problemsBegun - most) more logs have problems; `rotatectl status -x` shows them"
      summaries.append(Report(.failed, .error, message, job: job))
    }
    if problemsEnded > most {
      summaries.append(Report(.resolved, .notice, "job \(job): \(problemsEnded - most) more logs work again", job: job))
    }
    guard rotations > most else { return summaries }
    var message = "job \(job): rotated \(rotations) logs (\(ByteSize.describe(bytes))): \(reason), "
    message += "in \(Self.milliseconds(now - begun))"
    if let next { message += "; next \(next)" }
    return summaries + [Report(.ran, .info, message, job: job, bytes: bytes, reason: reason)]
  }

  /// Adds the result of a `before` command; nil is success.
  package mutating func note(before command: String, _ failure: String?) {
    let path: FilePath = "before \(command)"
    guard let failure else { return note(nil, .before, path) }
    let report = Report(
      .failed, .error,
      "job \(job): not rotated: the `before` command \(command) failed: \(failure); trying again later", job: job)
    firstFailure = firstFailure ?? report.message
    note(report, .before, path)
  }

  /// A directory that does not exist has no logs, which may be intended; every other error justifies another try.
  package mutating func note(_ failure: LookFailure) {
    unseen.insert(failure.path)
    let report = Self.unread(failure, job: job)
    if failure.errno != .noEntry { firstFailure = firstFailure ?? report.message }
    note(report, .directory, failure.path)
  }

  /// A directory that could not be listed.
  static func unread(_ failure: LookFailure, job: String) -> Report {
    failure.errno == .noEntry
      ? problem(.warning, failure.path, "no such directory, so it has no logs", nil, job: job)
      : problem(.error, failure.path, "cannot list it: \(failure.reason)", failure.errno, job: job)
  }

  /// A name that a pattern of the job matches and that is not rotated.
  package static func skipped(_ name: SkippedName, job: String) -> Report {
    let isDirectory = name.reason == .notRegular(.directory)
    return Report(
      .note, isDirectory ? .notice : .warning,
      "job \(job): \(name.path.printable): not rotated: \(name.reason.description)", job: job, log: name.path)
  }

  /// Something works again after a problem.
  package static func worksAgain(_ path: FilePath, job: String) -> Report {
    Report(.resolved, .notice, "job \(job): \(path.printable): works again", job: job, log: path)
  }

  /// A due time that a job without `catch-up` has missed.
  package static func skipped(_ due: WallTime, job: String, zone: Zone) -> Report {
    Report(
      .skipped, .notice,
      "job \(job): the due time \(zone.dateAndTime(at: due)) was missed, and `catch-up` is false: skipped",
      job: job)
  }

  /// An interrupted rotation that was finished.
  package static func recovered(_ path: FilePath, job: String, archive: FilePath?) -> Report {
    let isSetAside = archive.map { SetAsideName.isOne($0.split.name) } ?? false
    let end =
      archive.map { archive in
        isSetAside
          ? "which number one archive had is not known; it is now \(archive.printable), and nothing removes it"
          : "the old log is now \(archive.printable)"
      } ?? "removed its leftovers"
    return Report(
      .recovered, .notice, "job \(job): finished an interrupted rotation of \(path.printable): \(end)", job: job,
      log: path, archive: archive)
  }

  private func report(_ rotated: Outcome.Rotated, of path: FilePath) -> Report {
    let size = ByteSize.describe(rotated.bytes)
    var message = "job \(job): rotated \(path.printable) (\(size)) to \(rotated.archive.printable)"
    message += ": \(rotated.reason), in \(Self.milliseconds(rotated.took))"
    if !rotated.pruned.isEmpty { message += ", removed \(rotated.pruned.map(\.printable).joined(separator: ", "))" }
    for (archive, writers) in rotated.held {
      let who = writers.isEmpty ? "the process that writes to it" : writers.joined(separator: ", ")
      message += ", \(archive.printable) will be removed when \(who) closes it"
    }
    if let way = rotated.way { message += ", \(way.effect)" }
    if let next { message += "; next \(next)" }
    let priority: Report.Priority = rotations > Limits.maxSingleReports ? .debug : .info
    return Report(
      .rotated, priority, message, job: job, log: path, archive: rotated.archive, bytes: rotated.bytes,
      reason: rotated.reason, removed: rotated.pruned.isEmpty ? nil : rotated.pruned.count)
  }

  private func problem(_ priority: Report.Priority, _ path: FilePath, _ what: String, _ errno: Errno?) -> Report {
    Self.problem(priority, path, what, errno, job: job)
  }

  private static func problem(
    _ priority: Report.Priority, _ path: FilePath, _ what: String, _ errno: Errno?, job: String
  ) -> Report {
    Report(
      errno == nil ? .note : .failed, priority, "job \(job): \(path.printable): \(what)", job: job, log: path,
      errno: errno)
  }

  /// Milliseconds with one decimal.
  private static func milliseconds(_ span: Span) -> String {
    let tenths = span.nanoseconds / 100_000
    return "\(tenths / 10).\(tenths % 10) ms"
  }
}

extension SkippedName.Reason: CustomStringConvertible {
  /// The reason in words, as it follows "not rotated: ".
  package var description: String {
    switch self {
    case .notRegular(let kind): Skip.notRegular(kind).description
    case .archive(let log):
      "it has the name of an archive of \(log.printable), which does not exist; the config must say which of the two "
        + "it is (see `rotatectl check`)"
    }
  }
}

extension Skip: CustomStringConvertible {
  /// The reason in words, as it follows "not rotated: ".
  package var description: String {
    switch self {
    case .missing: "no such file"
    case .empty: "it is empty"
    case .tooSmall(let size, let least):
      "it has \(ByteSize.describe(size)), and `min-size` is \(ByteSize.describe(least))"
    case .tooYoung(let age, let least):
      "its last rotation is \(TimeSpan.show(age)) ago, and `min-age` is \(TimeSpan.show(least))"
    case .unfinishedLine: "it has no complete line, and only complete lines are archived"
    case .nothingToDo: "nothing is left to do"
    case .notRegular(.directory): "it is a directory"
    case .notRegular(.symbolicLink): "it is a symbolic link, which is never followed"
    case .notRegular: "it is not a regular file"
    case .hardLinked(let links): "it has \(links) hard links"
    case .sharedArchives(let other):
      "\(other.printable) has archives with the same names in the same directory; "
        + "give one of the two logs another `archive-dir`"
    case .claimed(let name):
      "\(name.printable) may be an archive of it, but `logs` also matches that as a log, and the state does not say "
        + "that a rotation made it; the config must say which of the two it is (see `rotatectl check`)"
    case .sameLog(let other):
      "the config also names it as \(other.printable), through a symbolic link; use only one of the two paths"
    case .noFreeName(let name):
      "\(name.printable) and its \(StagingName.count - 1) alternatives are taken by files that are not of rotated"
    case .nameTooLong(let name):
      "the rotation needs the name \(name.printable), which has \(name.bytes.count) bytes; the limit is \(Limits.maxNameBytes)"
    case .noFurtherName(let name):
      "its newest archive is \(name.printable), and there is no later name; rename or remove that archive"
    }
  }
}

extension Foreign: CustomStringConvertible {
  /// Name, kind and owner: `.app.log.rotated (a directory of user 1000)`.
  package var description: String {
    let kind =
      switch kind {
      case .regular: "a file"
      case .directory: "a directory"
      case .symbolicLink: "a symbolic link"
      case .other: "a special file"
      }
    return "\(name.printable) (\(kind) of user \(user))"
  }
}

extension Report {
  /// A diagnostic of the config, as one line.
  package init(_ diagnostic: Diagnostic) {
    let place = "\(diagnostic.file):\(diagnostic.line):\(diagnostic.column)"
    let hint = diagnostic.hint.map { " (\($0))" } ?? ""
    self.init(
      diagnostic.severity == .error ? .configRejected : .note, diagnostic.severity == .error ? .error : .warning,
      "\(place): \(diagnostic.message)\(hint)")
  }
}
