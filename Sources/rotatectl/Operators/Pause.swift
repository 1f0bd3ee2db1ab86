internal import ArgumentParser
internal import Control
internal import Linux
internal import Timekeeping

/// `rotatectl pause`: jobs are not rotated for a while.
struct Pause: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Rotate no log of some jobs for a while.",
    discussion: """
      A rotation that is under way ends. Archives are compressed and removed as before. What comes due meanwhile is rotated once \
      after the pause.
      """)

  @OptionGroup var daemon: DaemonOption
  @OptionGroup var jobs: JobArguments

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("How long, such as 2h. (default: until `rotatectl resume`)", valueName: "span"),
    transform: OptionValue.span)
  var span: Span?

  @Flag(help: "Print the reply as JSON.")
  var json = false

  func run() throws {
    var parameters = jobs.parameters
    parameters.forUSec = span
    try daemon.ask { client in
      try client.call(.pause, parameters) { reply in
        Output.show(reply, json: json) { $0.paused(jobs.names, reply) }
        return true
      }
    }
  }
}

/// Jobs that a command changes: whoever means all says so.
struct JobArguments: ParsableArguments {
  @Flag(help: "All jobs.")
  var all = false

  @Argument(help: ArgumentHelp("Jobs by name.", valueName: "job"), completion: .custom(Completion.jobs))
  var names: [String] = []

  func validate() throws {
    guard all != names.isEmpty else { return }
    throw ValidationError(all ? "name jobs, or say --all, not both" : "name one job or more, or say --all")
  }

  /// The same as the daemon takes it.
  var parameters: Wire.Parameters {
    var parameters = Wire.Parameters()
    if !all { parameters.jobs = names }
    return parameters
  }
}
