internal import ArgumentParser
internal import Config
internal import Daemon
internal import EventLoop
internal import Linux
internal import Rotation

/// `rotatectl rotate`: one rotation now, where no daemon runs.
struct Rotate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Rotate once, now, where no daemon holds the state.",
    discussion:
      "Schedules and sizes do not matter; logs that are empty stay as they are unless the config says otherwise. The "
      + "commands of `before` and the hooks run as they do in the daemon; archives are compressed by the daemon.")

  @OptionGroup var config: ConfigOption

  @Option(name: [.customShort("s"), .customLong("state")], help: "The state directory.", completion: .directory)
  var state: String?

  @Argument(help: "Jobs to rotate (default: all).")
  var jobs: [String] = []

  func run() throws {
    let configuration = try config.load()
    let names = configuration.jobs.map(\.name)
    for job in jobs where !names.contains(job) {
      let hint = NearestName.of(job, among: names).map { ", did you mean '\($0)'?" } ?? ""
      throw ValidationError("no job '\(job)' in \(config.path)\(hint)")
    }
    let fileSystem = LinuxFileSystem()
    let session: StateSession
    do throws(StateFailure) {
      session = try StateSession.open(state.map { FilePath($0) }, fileSystem)
    } catch {
      Output.error("rotatectl: \(error.message)")
      throw ExitCode.failure
    }
    defer { session.close() }
    let store = StateStore(fileSystem: fileSystem, directory: session.directory)
    for report in store.load() where report.priority != .info { Output.error(report.message) }
    let (runs, failedHooks) = try rotate(jobs.isEmpty ? names : jobs, configuration, fileSystem, store)
    for (job, result) in runs {
      for (path, outcome) in result.logs { show(job, path, outcome) }
    }
    guard failedHooks.isEmpty, runs.allSatisfy(\.result.isComplete) else { throw ExitCode.failure }
  }

  /// The runs on a loop of their own, which ends with them. Signals do what they do to any program. What is reported on the way
  /// is shown as it comes, in the words of the daemon.
  private func rotate(
    _ jobs: [String], _ configuration: Configuration, _ fileSystem: LinuxFileSystem, _ store: StateStore
  ) throws -> (runs: [(job: String, result: RunResult)], failedHooks: [Hook]) {
    let driver = try EpollDriver()
    let loop = LoopExecutor(driver: driver)
    let platform = Platform(
      loop: loop, fileSystem: fileSystem, serviceManager: NoServiceManager(),
      processes: LinuxProcesses(driver: driver, loop: loop),
      loadConfig: { ConfigResult(configuration: nil, diagnostics: []) }, loadZone: { LocalZone.load().zone },
      report: { report in
        let isProblem = [.error, .warning].contains(report.priority)
        if isProblem { Output.error(report.message) } else { Output.line(report.message) }
      })
    let supervisor = Supervisor(platform: platform, configuration: configuration, state: store)
    return loop.run(supervisor) { await $0.rotateOnce(jobs) } ?? ([], [])
  }

  /// Prints what became of a log where that was not reported.
  private func show(_ job: String, _ path: FilePath, _ outcome: Outcome) {
    let head = "job \(job): \(path.printable):"
    switch outcome {
    case .settled: Output.line("\(head) finished an interrupted rotation")
    case .skipped(let skip) where [.missing, .empty, .nothingToDo].contains(skip):
      Output.line("\(head) not rotated: \(skip)")
    case .rotated, .skipped, .failed: break
    }
  }
}

/// Nobody supervises a run by hand.
private final class NoServiceManager: ServiceManager {
  var onRequest: ((Request) -> Void)?
  let watchdogInterval: UInt64? = nil

  func notify(_ notification: Notification) {}
}
