internal import EventLoop
internal import Rotation
internal import Timekeeping

/// Runs the commands of a config, and systemctl, a few at a time, and passes their output on.
///
/// Either the runs of the daemon or its hooks own it; it is used on the loop's thread alone.
final class CommandRunner {
  /// A child, from its start to its end.
  private final class Run {
    let ended: Alarm
    var end: ChildEnd?
    /// The line of output that explains a failure.
    var words: String?
    var child: (any ChildProcess)?

    init(_ loop: LoopExecutor) {
      ended = Alarm(on: loop)
    }
  }

  /// English messages, and errors alone. SYSTEMD_OFFLINE: in a chroot, systemctl would do nothing and exit with 0.
  private static let systemctlEnvironment: [String: ExactText] = [
    "LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_LOG_LEVEL": "err", "SYSTEMD_OFFLINE": "0", "SYSTEMD_PAGER": "",
  ]

  private let platform: Platform
  private let gate = Gate<Void>(limit: Limits.maxCommands)
  private var runs: [ObjectIdentifier: Run] = [:]
  private var isOver = false

  init(platform: Platform) {
    self.platform = platform
  }

  /// Runs a command for these jobs until its end. `input` is a token of the file system that becomes its standard input. Returns what
  /// went wrong; nil if it has exited with 0.
  func run(
    _ command: Command, limit: Span, environment: [String: ExactText], jobs: [String], input: Int32? = nil
  ) async -> String? {
    let subject = "\(Self.subject(jobs)): \(command)"
    let report = { [platform] (run: Run, line: String) in
      run.words = line
      let text = platform.passesOutput ? line.printable : "\(subject): \(line.printable)"
      platform.report(Report(.output, .info, text, job: jobs.first))
    }
    guard platform.runsCommandsAsUnits,
      let unit = TransientUnit.arguments(
        of: command.arguments, limit: limit, environment: environment, description: subject)
    else { return await run(command.arguments, limit, environment, input: input, onLine: report) }
    // The manager ends the unit when its time is over, and systemd-run with it.
    let begin = platform.loop.now()
    let patience = Span(nanoseconds: limit.nanoseconds.saturatingAdd((TransientUnit.grace * 2).nanoseconds))
    let failure = await run(unit, patience, environment, input: input, onLine: report)
    let isLate = begin.advanced(by: limit) <= platform.loop.now()
    return failure.map { isLate ? Self.lateness(limit) : $0 }
  }

  /// Makes systemd reload or signal a unit by systemctl(1), which waits for the end of a reload. Returns what went
  /// wrong, in the first line of output: later lines are hints.
  func systemctl(_ arguments: [ExactText], unit: String) async -> String? {
    let arguments = ["systemctl", "--no-ask-password"] + arguments + ["--", ExactText(unit)]
    let failure = await run(arguments, Limits.unitLimit, Self.systemctlEnvironment) { run, line in
      run.words = run.words ?? line
    }
    return failure.map { "systemctl: \($0)" }
  }

  private func run(
    _ arguments: [ExactText], _ limit: Span, _ environment: [String: ExactText], input: Int32? = nil,
    onLine: @escaping (Run, String) -> Void
  ) async -> String? {
    await gate.enter()
    defer { gate.leave() }
    guard !isOver else { return "rotated stops" }
    let run = Run(platform.loop)
    let request = ChildRequest(
      arguments: arguments, environment: environment, input: input, output: platform.passesOutput ? .file(1) : .lines,
      limit: limit)
    do throws(Errno) {
      run.child = try platform.processes.start(request) { line in
        onLine(run, line)
      } onEnd: { end in
        run.end = end
        run.ended.ring()
      }
    } catch {
      return "cannot start it: \(error)"
    }
    runs[ObjectIdentifier(run)] = run
    _ = await run.ended.wait(until: .never)
    runs[ObjectIdentifier(run)] = nil
    // The child's closures refer to this run: drop the child to break the cycle.
    run.child = nil
    let words = run.words.map { ": \($0.printable)" } ?? ""
    return switch run.end {
    case .exited(0): nil
    case .exited(let code): "exit code \(code)\(words)"
    case .killed(let signal): "killed by signal \(SignalName.name(of: signal))\(words)"
    case .timedOut, nil: "\(Self.lateness(limit))\(words)"
    }
  }

  private static func lateness(_ limit: Span) -> String { "killed, as it took longer than \(TimeSpan.show(limit))" }

  /// Kills the commands that run, and starts no more.
  func stop() {
    isOver = true
    for run in runs.values { run.child?.kill() }
  }

  /// `job a`, `jobs a, b and 3 more`.
  static func subject(_ jobs: [String]) -> String {
    let shown = jobs.prefix(3).joined(separator: ", ")
    if jobs.count > 3 { return "jobs \(shown) and \(jobs.count - 3) more" }
    return (jobs.count == 1 ? "job " : "jobs ") + shown
  }
}
