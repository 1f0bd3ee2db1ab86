internal import ArgumentParser
internal import Control
internal import Linux

/// `rotatectl list`: when which job is due.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show when jobs are due, the next first.",
    discussion: """
      As systemctl list-timers does for timers. A job that only a size makes due has the time that follows from how fast its \
      logs have grown, with a ~ before it.
      """)

  @OptionGroup var daemon: DaemonOption
  @OptionGroup var output: OutputOptions
  @OptionGroup var selection: Selection

  func run() throws {
    var jobs: [Wire.Job] = []
    try daemon.ask { client in
      try client.call(.list, selection.parameters) { reply in
        if let job = reply.job { jobs.append(job) }
        return true
      }
    }
    guard !output.json else { return jobs.forEach(Output.json) }
    var screen = output.screen
    screen.list(jobs)
    Output.lines(screen.lines)
  }
}
