internal import ArgumentParser
internal import Control
internal import Linux
internal import Rotation
internal import Timekeeping

/// `rotatectl status`: how the daemon, its jobs and logs are.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the daemon, what does not work, and the jobs.",
    discussion: """
      Problems come first: what, since when, when it is tried again, what to do. Then each job with its last and next \
      rotation, the log that is nearest to its limit, the room of its archives beside max-total, who holds archives, and hooks \
      that are owed.

      Exit codes: 0 the daemon runs; with -x, nothing is wrong. 1 with -x, something is wrong. 3 the daemon is not running. \
      64 wrong arguments. 77 not permitted.
      """)

  @OptionGroup var daemon: DaemonOption
  @OptionGroup var output: OutputOptions

  @Flag(
    name: [.customShort("x"), .customLong("problems")], help: "Show only what is wrong, and exit with 1 if anything is."
  )
  var problemsOnly = false

  @Flag(help: "Show each log of the jobs, too; logs that are named are always shown.")
  var logs = false

  @Option(help: "The order of jobs and logs.")
  var sort = Wire.Order.name

  @Option(
    help: ArgumentHelp(
      "Show it until q is pressed, drawn anew after each span; --watch alone means \(StatusWatch.defaultSpan). (default: show it once)",
      valueName: "span"), transform: OptionValue.span)
  var watch: Span?

  @OptionGroup var selection: Selection

  func validate() throws {
    guard let watch else { return }
    guard !json else { throw ValidationError("--watch draws on a terminal, and --json does not") }
    guard watch >= .milliseconds(100) else { throw ValidationError("--watch needs at least 100ms") }
  }

  private var json: Bool { output.json }

  func run() throws {
    if let watch { return try StatusWatch(status: self, span: watch).run() }
    let overview = try daemon.ask { try fetch(from: $0) }
    output.show(overview) { draw(overview, on: &$0) }
    guard overview.isSound || !problemsOnly else { throw ExitCode(1) }
  }

  /// Asks for what is shown.
  func fetch(from client: ControlClient) throws -> Wire.Overview {
    var overview = Wire.Overview()
    var parameters = selection.parameters
    (parameters.withDaemon, parameters.withHolders) = (true, true)
    if logs || parameters.logs != nil { parameters.withLogs = true }
    try client.call(.list, parameters) { reply in
      if let job = reply.job { overview.jobs.append(job) }
      if let log = reply.log { overview.logs.append(log) }
      if let daemon = reply.daemon { (overview.daemon, overview.problems) = (daemon, reply.problems ?? []) }
      return true
    }
    if !selection.names.isEmpty {
      overview.keep(jobs: overview.jobs.map(\.name), logs: selection.logs.isEmpty ? [] : overview.logs)
    }
    if problemsOnly { overview.keepProblems() }
    overview.sort(by: sort)
    return overview
  }

  /// Puts it on a screen.
  func draw(_ overview: Wire.Overview, on screen: inout Screen) {
    if problemsOnly { screen.problems(overview) } else { screen.status(overview) }
  }
}

extension Wire.Order: ExpressibleByArgument {}
