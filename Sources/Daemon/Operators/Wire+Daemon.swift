package import Control
internal import EventLoop
internal import Rotation
package import Timekeeping

// Values of the daemon as operators see them.

extension Wire.Severity {
  init(_ priority: Report.Priority) {
    switch priority {
    case .error: self = .error
    case .warning: self = .warning
    case .notice: self = .notice
    case .info: self = .info
    case .debug: self = .debug
    }
  }
}

extension Wire.Event {
  /// What a report says, as an event.
  package init(_ report: Report, at time: WallTime) {
    self.init()
    (at, kind, severity, message) = (time, report.kind.rawValue, Wire.Severity(report.priority), report.message)
    (job, path, archive, bytes, reason) = (report.job, report.log, report.archive, report.bytes, report.reason)
    errno = report.errno?.symbol
    removed = report.removed.map(Int64.init)
  }

  /// Whether archives were removed.
  package var removesArchives: Bool {
    [Report.Kind.removed, .madeRoom].map(\.rawValue).contains(kind) || removed ?? 0 > 0
  }

  /// What came of a log that was asked for.
  init(_ outcome: Outcome, of log: FilePath, job name: String?, at time: WallTime) {
    self.init()
    (at, path, job) = (time, log, name)
    switch outcome {
    case .rotated(let rotated):
      (kind, archive, bytes, reason) = ("rotated", rotated.archive, rotated.bytes, rotated.reason)
      message = "rotated \(log.printable) to \(rotated.archive.printable)"
    case .settled(let done):
      (kind, archive, message) = ("recovered", done, "finished an earlier rotation of \(log.printable)")
    case .skipped(let skip):
      let why = skip == .nothingToDo ? "it is not due" : skip.description
      (kind, reason, message) = ("skipped", why, "\(log.printable): not rotated: \(why)")
    case .cleared(let files, let bytes):
      (kind, self.bytes) = ("removed", bytes)
      message = "\(log.printable): removed \(files) file\(files == 1 ? "" : "s") (\(ByteSize.describe(bytes)))"
    case .failed(let failure):
      (kind, severity, errno, reason) = ("failed", .error, failure.errno.symbol, failure.step)
      message = "\(log.printable): cannot rotate: \(failure.step.printable): \(failure.reason)"
    }
  }
}

extension Wire.Rotated {
  init(_ rotated: Outcome.Rotated, at time: WallTime) {
    self.init()
    (at, reason, archive, bytes) = (time, rotated.reason, rotated.archive, rotated.bytes)
  }
}

extension Wire.Problem {
  init(_ problem: Problems.Problem, now: Now) {
    self.init()
    let subject = problem.subject
    (severity, message, since) = (Wire.Severity(problem.priority), problem.what, problem.since)
    nextTry = problem.nextTry.map { now.wall + ($0 - now.monotonic) }
    (tries, errno, advice) = (Int64(problem.tries), problem.errno?.symbol, subject.topic.concern.advice)
    if subject.topic.concern == .archive, problem.nextTry != nil { advice = Problems.Concern.removal.advice }
    job = Problems.Concern.ofJobs.contains(subject.topic.concern) ? subject.topic.owner : problem.job
    if !subject.path.isEmpty, subject.topic.concern != .before { path = subject.path }
  }
}

extension Problems.Concern {
  /// What an operator can do about such a problem; nil where its message says that.
  fileprivate var advice: String? {
    switch self {
    case .space: "free space there, or keep less: `keep`, `max-total`, `max-age`"
    case .directory: "check that the directory exists and that the daemon may list it (ReadWritePaths= of its unit)"
    case .rotation: "`rotatectl explain LOG` shows what a rotation needs; nothing was deleted"
    case .before: "run the command by hand; `rotatectl rotate JOB` tries again at once"
    case .rotators: "`rotatectl takeover` stops logrotate; or take the log out of one of the two configs"
    case .hook: "check the unit, the pidfile or the command; `rotatectl retry-hooks JOB` tries again at once"
    case .archive: "make the process close the file: `notify` of the job, or a restart of the process"
    case .removal: "check the permissions and attributes of the directory (lsattr); it is tried again"
    case .config: "`rotatectl check` shows all errors; correct them or put the former config back, then reload"
    case .state: "check the state directory: free space, permissions"
    case .watch: "raise fs.inotify.max_user_watches (sysctl), then reload"
    case .metrics: "create the directory, or correct `textfile` in `[metrics]`"
    case .names, .foreign, .surplus, .lease, .room, .measure: nil
    }
  }
}

extension Wire.Step {
  init(_ step: Rotation.Step) {
    self.init()
    text = step.description
    let locations = step.locations
    path = locations.first?.path
    if locations.count > 1 { to = locations[1].path }
    switch step {
    case .prepare: action = .create
    case .rename(_, _, let purpose): (action, reason) = (.rename, purpose.rawValue)
    case .link(_, _, let purpose): (action, reason) = (.link, purpose.rawValue)
    case .exchange: action = .exchange
    case .replace(let live, let staging): (action, path, to) = (.rename, FilePath(staging), FilePath(live))
    case .publishCopy: action = .copy
    case .truncate: (action, to) = (.truncate, nil)
    case .retire: (action, reason) = (.remove, RemovalReason.keep.word)
    case .perform(.mail(let mail, _), _, _): (action, to) = (.mail, FilePath(bytes: mail.address.bytes))
    case .perform(.script, _, _): action = .run
    case .perform(.overwrite, _, _): action = .overwrite
    case .remove(let name, let why): (action, path, to, reason) = (.remove, name.path, nil, why.word)
    case .compress: action = .compress
    case .transfer: action = .transfer
    }
  }

  /// A command of a job, or a hook.
  init(_ action: Wire.Action, _ text: String) {
    self.init()
    (self.action, self.text) = (action, text)
  }
}
