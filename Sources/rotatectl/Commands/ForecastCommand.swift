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

  @Option(help: "How many days, 1 to 3650.")
  var days = 30

  @Option(
    help: ArgumentHelp(
      "Also write the values as a page of SVG to this file, or to standard output alone where it is -.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var svg: String?

  @OptionGroup var output: OutputOptions
  @OptionGroup var selection: Selection

  func validate() throws {
    guard (1...3650).contains(days) else { throw ValidationError("--days must be 1 to 3650") }
  }

  func run() throws {
    let (now, zone) = (SystemClock.wall, LocalZone.load().zone)
    let (forecast, failures) = config.dryRun(of: try config.load(with: selection)).forecast(
      days: days, jobs: selection.jobs, logs: selection.logs, now: now, zone: zone)
    for failure in failures { Output.error("\(failure.path.printable): \(failure.step): \(failure.reason)") }
    if let svg { try write(ForecastPage(forecast.jobs, forecast.findings, zone: zone, now: now).text, to: svg) }
    if svg == "-" {
      // The page is all that standard output gets.
    } else if output.json {
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

  private func write(_ page: String, to file: String) throws {
    guard file != "-" else { return Output.text(page) }
    do throws(Errno) { try WorkingDirectory.write(Array(page.utf8), to: FilePath(file)) } catch {
      Output.error("rotatectl: cannot write \(file.printable): \(error)")
      throw ExitCode.failure
    }
  }
}
