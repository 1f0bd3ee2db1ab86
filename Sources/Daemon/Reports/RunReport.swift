package import Config
internal import EventLoop
package import Rotation
package import Timekeeping

/// Puts the outcomes of a turn into words. It decides nothing: who reports what, and when, is the Supervisor's.
package struct RunReport {
  /// What the Supervisor may have to tell the operator.
  package enum Event {
    case rotated(Report)
    /// Something is wrong with this path.
    case problem(path: FilePath, Report)
    /// Nothing is wrong with this path.
    case fine(path: FilePath)
  }

  private let job: String
  /// When the job is due next; nil when it has no schedule.
  private let next: String?
  private var events: [Event] = []
  package private(set) var rotations = 0
  /// Directories that could not be looked into in this turn.
  package private(set) var unseen: Set<FilePath> = []
  /// The first error of the turn that is worth another try; nil when there was none.
  package private(set) var firstFailure: String?

  package init(job: String, zone: Zone, next: JobClock.Due?, now: Now) {
    self.job = job
    let time: WallTime? =
      switch next {
      case .wall(let time): time
      case .monotonic(let time):
        now.wall + (time - now.monotonic)
      case .never, nil: nil
      }
    self.next = time.map { time in
      time < now.wall + .seconds(20 * 3600) ? zone.clockTime(at: time) : zone.dateAndTime(at: time)
    }
  }

  /// What was noted since the last call, in order.
  package mutating func takeEvents() -> [Event] {
    defer { events = [] }
    return events
  }

  /// Takes in what became of the log of this path.
  package mutating func note(_ outcome: Outcome, of path: FilePath) {
    switch outcome {
    case .rotated(let rotated):
      rotations += 1
      events.append(.fine(path: path))
      events.append(.rotated(report(rotated, of: path)))
      for name in rotated.setAside {
        let message = "job \(job): \(path.printable): two files had one version number; one is now \(name.printable)"
        events.append(.rotated(Report(.note, .warning, message, job: job, log: path)))
      }
      if let impossible = rotated.impossible {
        let what = "its archives are not \(impossible): the hidden names that this needs would be too long"
        events.append(.problem(path: "\(path) names", problem(.warning, path, what, nil)))
      }
      for foreign in rotated.foreign {
        let what = "\(foreign) is not a file of rotated: it is left alone, and another name is used"
        events.append(.problem(path: "\(path) \(foreign.name)", problem(.warning, path, what, nil)))
      }
      for failure in rotated.unremoved {
        let what = "\(failure.step.printable): \(failure.reason)"
        events.append(.problem(path: "\(path) surplus", problem(.error, path, what, failure.errno)))
      }
    case .settled, .skipped(.missing), .skipped(.empty), .skipped(.tooSmall), .skipped(.tooYoung),
      .skipped(.nothingToDo):
      events.append(.fine(path: path))
    case .skipped(let skip):
      events.append(.problem(path: path, problem(.warning, path, "not rotated: \(skip)", nil)))
    case .failed(let failure):
      let where_ = failure.path == path ? "" : " in \(failure.path.printable)"
      let what = "cannot rotate: \(failure.step.printable)\(where_): \(failure.reason); trying again later"
      let report = problem(.error, path, what, failure.errno)
      firstFailure = firstFailure ?? report.message
      events.append(.problem(path: path, report))
    }
  }

  /// Takes in how a command of `before` has ended; nil is well.
  package mutating func note(before command: String, _ failure: String?) {
    let path: FilePath = "before \(command)"
    guard let failure else { return events.append(.fine(path: path)) }
    let report = Report(
      .failed, .error,
      "job \(job): not rotated: the `before` command \(command) failed: \(failure); trying again later", job: job)
    firstFailure = firstFailure ?? report.message
    events.append(.problem(path: path, report))
  }

  /// A directory that is not there has no logs, which may be right; every other error is worth another try.
  package mutating func note(_ failure: LookFailure) {
    unseen.insert(failure.path)
    if failure.errno == .noEntry {
      events.append(
        .problem(path: failure.path, problem(.warning, failure.path, "no such directory, so it has no logs", nil)))
      return
    }
    let report = problem(.error, failure.path, "cannot list it: \(failure.reason)", failure.errno)
    firstFailure = firstFailure ?? report.message
    events.append(.problem(path: failure.path, report))
  }

  /// A name that a pattern of the job matches, and that is not rotated.
  package static func skipped(_ name: SkippedName, job: String) -> Report {
    let isDirectory = name.reason == .notRegular(.directory)
    return Report(
      .note, isDirectory ? .notice : .warning,
      "job \(job): \(name.path.printable): not rotated: \(name.reason.description)", job: job, log: name.path)
  }

  /// The good news after trouble.
  package func worksAgain(_ path: FilePath) -> Report {
    Report(.note, .notice, "job \(job): \(path.printable): works again", job: job, log: path)
  }

  /// A due time that a job without catch-up has let pass.
  package static func skipped(_ due: WallTime, job: String, zone: Zone) -> Report {
    Report(
      .note, .notice,
      "job \(job): the due time \(zone.dateAndTime(at: due)) was missed, and `catch-up` is false: skipped",
      job: job)
  }

  /// A half-done rotation that was finished at start.
  package static func recovered(_ path: FilePath, job: String, archive: FilePath?) -> Report {
    let end = archive.map { "the old log is now \($0.printable)" } ?? "removed its leftovers"
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
    if let way = rotated.way { message += ", truncated by \(way.rawValue), which \(way.risk)" }
    if let next { message += "; next \(next)" }
    return Report(
      .rotated, .info, message, job: job, log: path, archive: rotated.archive, bytes: rotated.bytes,
      reason: rotated.reason)
  }

  private func problem(_ priority: Report.Priority, _ path: FilePath, _ what: String, _ errno: Errno?) -> Report {
    Report(
      errno == nil ? .note : .failed, priority, "job \(job): \(path.printable): \(what)", job: job, log: path,
      errno: errno)
  }

  /// Milliseconds with one digit after the point.
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
  /// A finding in the config, as one line.
  package init(_ diagnostic: Diagnostic) {
    let place = "\(diagnostic.file):\(diagnostic.line):\(diagnostic.column)"
    let hint = diagnostic.hint.map { " (\($0))" } ?? ""
    self.init(
      diagnostic.severity == .error ? .configRejected : .note, diagnostic.severity == .error ? .error : .warning,
      "\(place): \(diagnostic.message)\(hint)")
  }
}
