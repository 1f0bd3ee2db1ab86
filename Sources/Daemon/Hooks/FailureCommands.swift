internal import Config
internal import Control
internal import EventLoop
internal import Rotation
internal import Timekeeping

/// Runs the commands of `on-failure` when problems begin.
///
/// A command runs once for all problems of a job that begin within `Limits.failureGathering`: a full disk stops
/// thousands of logs at once. It does not run again while a problem lasts. A command that fails is reported, and starts
/// no other.
final class FailureCommands {
  /// One call of a command that is still to be made.
  private struct Call {
    let command: Command
    /// The job that has the problems; empty for problems of the daemon itself.
    let job: String
    /// The first of the problems.
    let problem: Problems.Problem
    var problems = 1
  }

  private let platform: Platform
  private let commands: CommandRunner
  private let worker: Worker
  private let events: Events
  /// The jobs of the config in force.
  private var registry: JobRegistry
  /// The commands of the table `[daemon]`, which run for all problems.
  private var common: [Command]
  private var calls: [Call] = []
  private var gathersUntil: MonotonicTime?

  init(_ platform: Platform, _ registry: JobRegistry, _ settings: DaemonSettings, _ events: Events) {
    self.platform = platform
    self.registry = registry
    self.common = settings.onFailure
    self.events = events
    commands = CommandRunner(platform: platform)
    worker = Worker(on: platform.loop)
  }

  /// Whether no command runs or waits.
  var isIdle: Bool { !worker.isRunning }

  /// Adds a problem that has begun.
  func begin(_ problem: Problems.Problem) {
    let job = registry[problem.subject.topic.owner]?.job
    let wanted = common + (job?.policy.rules.onFailure.filter { !common.contains($0) } ?? [])
    guard !wanted.isEmpty, !worker.isStopped else { return }
    for command in wanted {
      if let index = calls.firstIndex(where: { $0.command == command && $0.job == job?.name ?? "" }) {
        calls[index].problems += 1
      } else if calls.count < Limits.maxFailureCalls {
        calls.append(Call(command: command, job: job?.name ?? "", problem: problem))
      } else {
        platform.report(
          Report(.note, .warning, "\(command) is not run for a problem: \(calls.count) others wait", job: job?.name))
      }
    }
    if gathersUntil == nil { gathersUntil = platform.loop.now().advanced(by: Limits.failureGathering) }
    worker.start(self, atEnd: { $0.events.send(.idle) }) { await $0.pass() }
  }

  /// Kills the command that runs, and starts no more.
  func stop() {
    worker.stop()
    commands.stop()
  }

  private func pass() async -> Worker.Next {
    if let time = gathersUntil, platform.loop.now() < time { return .sleep(until: .monotonic(time)) }
    gathersUntil = nil
    guard !calls.isEmpty else { return .end }
    let call = calls.removeFirst()
    let failure = await commands.run(
      call.command, limit: Limits.beforeLimit, environment: environment(of: call),
      jobs: call.job.isEmpty ? [] : [call.job])
    if let failure {
      let head = call.job.isEmpty ? "" : "job \(call.job): "
      platform.report(
        Report(
          .hookFailed, .error, "\(head)the `on-failure` command \(call.command) failed: \(failure)",
          job: call.job.isEmpty ? nil : call.job))
    }
    return calls.isEmpty ? .end : .again
  }

  private func environment(of call: Call) -> [String: ExactText] {
    let problem = call.problem
    var environment: [String: ExactText] = [
      "ROTATED_MESSAGE": ExactText(problem.what), "ROTATED_PROBLEMS": "\(call.problems)",
      "ROTATED_SINCE": ExactText(InternetTime.text(problem.since)),
    ]
    if !call.job.isEmpty { environment["ROTATED_JOB"] = ExactText(call.job) }
    let path = problem.subject.path
    if path.bytes.first == UInt8(ascii: "/") { environment["ROTATED_LOG"] = ExactText(bytes: path.bytes) }
    return environment
  }
}

extension FailureCommands: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) {
    self.registry = registry
    common = changes.daemon.onFailure
  }
}
