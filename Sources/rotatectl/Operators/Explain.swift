internal import ArgumentParser
internal import Control
internal import Linux
internal import Rotation

/// `rotatectl explain`: everything about a log.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explain which job has a log, when and why it is rotated or not, and what becomes of its archives.",
    discussion: """
      The daemon says it if one runs. If none does, or a config is named, this program looks itself; what happened before it does not \
      know.

      Exit codes: 0 done. 1 no job has one of the logs, or failed. 64 wrong arguments. 77 not permitted. 78 the config has errors.
      """)

  @OptionGroup var daemon: DaemonOption

  @OptionGroup var config: ConfigOption
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("Logs by path.", valueName: "log"), completion: .custom(Completion.logs))
  var logs: [String]

  func run() throws {
    var parameters = Wire.Parameters()
    parameters.logs = logs.map(LogArgument.path)
    var isUnclaimed = false
    func show(_ reply: Wire.Reply) {
      guard let explanation = reply.explanation else { return }
      output.show(explanation) { $0.explain(explanation) }
      isUnclaimed = isUnclaimed || explanation.isUnclaimed
    }
    if !config.isGiven, let client = try daemon.connectIfRunning() {
      try daemon.ask(client) { client in
        try client.call(.explain, parameters) { reply in
          show(reply)
          return true
        }
      }
    } else {
      let local = try LocalDaemon(try config.load(), stateDirectory: config.stateDirectory, isExclusive: false)
      try local.ask(.explain, parameters).forEach(show)
    }
    guard isUnclaimed else { return }
    Output.flush()
    throw ExitCode.failure
  }
}
