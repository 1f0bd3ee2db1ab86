internal import ArgumentParser
internal import Control
internal import Daemon
internal import EventLoop
internal import Linux
internal import Rotation

/// `rotatectl forecast`: what jobs will occupy on disk.
struct ForecastCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forecast",
    abstract: "Show what each job will occupy on disk, day by day.",
    discussion: """
      How fast a log grows is measured by its size and by the sizes and times of its archives. The planner of the daemon then \
      rotates, compresses and removes on inventories that grow so. Needs no daemon, and changes nothing.

      Exit codes: 0 no bound is hit. 1 a file system gets full, `keep-free` or `max-total` removes archives, or a log cannot be \
      looked at. 64 wrong arguments. 78 the config has errors.
      """)

  @OptionGroup var config: ConfigOption

  @Option(
    name: .shortAndLong, help: "The state directory. (default: that of the user's daemon)", completion: .directory)
  var state: String?

  @Option(help: "How many days, 1 to 3650.")
  var days = 30

  @OptionGroup var output: OutputOptions
  @OptionGroup var selection: Selection

  func validate() throws {
    guard (1...3650).contains(days) else { throw ValidationError("--days must be 1 to 3650") }
  }

  func run() throws {
    let configuration = try config.load()
    try selection.check(configuration, config.path)
    let fileSystem = LinuxFileSystem()
    let dryRun = DryRun(
      fileSystem: fileSystem, configuration: configuration,
      state: StateSession.peek(state.map { FilePath($0) }, fileSystem))
    let (forecast, failures) = dryRun.forecast(
      days: days, jobs: selection.jobs, logs: selection.logs, now: SystemClock.wall, zone: LocalZone.load().zone)
    for failure in failures { Output.error("\(failure.path.printable): \(failure.step): \(failure.reason)") }
    if output.json {
      forecast.jobs.forEach(Output.json)
      forecast.findings.forEach(Output.json)
    } else {
      var screen = output.screen
      screen.forecast(forecast.jobs, forecast.findings)
      Output.lines(screen.lines)
    }
    let isSound = failures.isEmpty && forecast.findings.allSatisfy { $0.severity == .notice }
    guard isSound else { throw ExitCode.failure }
  }
}
