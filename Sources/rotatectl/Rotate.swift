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
      "Schedules and sizes do not matter; logs that are empty stay as they are unless the config says otherwise.")

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
      session = try StateSession.open(state, fileSystem)
    } catch {
      Output.error("rotatectl: \(error.message)")
      throw ExitCode.failure
    }
    defer { session.close() }
    let store = StateStore(fileSystem: fileSystem, directory: session.directory)
    for report in store.load() where report.priority != .info { Output.error(report.message) }
    let rotator = Rotator(
      fileSystem: fileSystem, loop: LoopExecutor(driver: try EpollDriver()), state: store,
      zone: LocalZone.load().zone)
    let turn = ManualTurn(fileSystem: fileSystem, configuration: configuration)
    let (outcomes, failures) = turn.rotate(jobs.isEmpty ? names : jobs, with: rotator)
    let failed = outcomes.filter { show($0.job, $0.path, $0.outcome) }
    for failure in failures { Output.error("\(failure.path.printable): \(failure.step): \(failure.errno)") }
    guard failed.isEmpty, failures.isEmpty else { throw ExitCode.failure }
  }

  /// Prints what became of a log; whether that is a failure.
  private func show(_ job: String, _ path: String, _ outcome: Outcome) -> Bool {
    let head = "\(path.printable) (job \(job)):"
    switch outcome {
    case .rotated(let rotated):
      Output.line("\(head) rotated, \(ByteSize.describe(rotated.bytes)), to \(rotated.archive.printable)")
      for name in rotated.pruned { Output.line("\(head) removed \(name.printable)") }
      for failure in rotated.unremoved { Output.error("\(head) \(failure.step.printable): \(failure.errno)") }
      for name in rotated.setAside { Output.line("\(head) set aside \(name.printable)") }
    case .settled: Output.line("\(head) finished an interrupted rotation")
    case .skipped(let skip): Output.line("\(head) not rotated: \(skip)")
    case .failed(let failure):
      Output.error("\(head) cannot rotate: \(failure.step.printable): \(failure.errno)")
      return true
    }
    return false
  }
}
