internal import EventLoop
internal import Rotation
internal import Timekeeping

/// Runs the commands of a config, a few at a time, and hands on what they write.
///
/// It belongs to the Supervisor, or to a turn by hand, and is touched on the loop's thread alone.
final class CommandRunner {
  /// A child, from its start to its end.
  private final class Run {
    let ended: Alarm
    var end: ChildEnd?
    var lastLine: String?
    var child: (any ChildProcess)?

    init(_ loop: LoopExecutor) {
      ended = Alarm(on: loop)
    }
  }

  private let platform: Platform
  private let gate = Gate(limit: Limits.maxCommands)
  private var runs: [ObjectIdentifier: Run] = [:]
  private var isOver = false

  init(platform: Platform) {
    self.platform = platform
  }

  /// Runs a command for these jobs until its end; returns what went wrong, nil when it has exited with 0.
  func run(_ command: Command, limit: Span, environment: [String: ExactText], jobs: [String]) async -> String? {
    await gate.enter()
    defer { gate.leave() }
    guard !isOver else { return "rotated stops" }
    let run = Run(platform.loop)
    let head = "\(Self.subject(jobs)): \(command): "
    let request = ChildRequest(arguments: command.arguments, environment: environment, limit: limit)
    do throws(Errno) {
      run.child = try platform.processes.start(request) { [platform] line in
        run.lastLine = line
        platform.report(Report(.note, .info, head + line.printable, job: jobs.first))
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
    // The child knows this run, to tell it its end.
    run.child = nil
    let words = run.lastLine.map { ": \($0.printable)" } ?? ""
    return switch run.end {
    case .exited(0): nil
    case .exited(let code): "exit code \(code)\(words)"
    case .killed(let signal): "killed by signal \(SignalName.name(of: signal))\(words)"
    case .timedOut, nil: "killed, as it took longer than \(TimeSpan.show(limit))\(words)"
    }
  }

  /// Kills what runs, and starts nothing more.
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
