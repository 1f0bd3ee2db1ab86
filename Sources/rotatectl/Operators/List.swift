internal import ArgumentParser
internal import Control
internal import Linux

/// `rotatectl list`: when which job is due.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show when jobs or logs are due, the next first.",
    discussion: """
      As systemctl list-timers does for timers. A job that only a size makes due has the time that follows from how fast its \
      logs have grown, with a ~ before it; "by size" stands where that is not known. With --logs, or for logs that are named, \
      each log has a line.
      """)

  @OptionGroup var daemon: DaemonOption
  @OptionGroup var output: OutputOptions

  @Flag(help: "Show each log of the jobs instead of the jobs; logs that are named are always shown.")
  var logs = false

  @OptionGroup var selection: Selection

  func run() throws {
    let withLogs = logs || !selection.logs.isEmpty
    var parameters = selection.parameters
    if withLogs { parameters.withLogs = true }
    var (jobs, logs): ([Wire.Job], [Wire.Log]) = ([], [])
    try daemon.ask { client in
      try client.call(.list, parameters) { reply in
        if let job = reply.job { jobs.append(job) }
        if let log = reply.log { logs.append(log) }
        return true
      }
    }
    if output.json { return withLogs ? logs.forEach(Output.json) : jobs.forEach(Output.json) }
    var screen = output.screen
    if withLogs { screen.list(logs) } else { screen.list(jobs) }
    Output.lines(screen.lines)
  }
}
