internal import ArgumentParser
internal import Control
internal import Linux
internal import Rotation

/// `rotatectl explain`: everything about a log.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explain which job has a log, when and why it is rotated or not, and what becomes of its archives.")

  @OptionGroup var daemon: DaemonOption
  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("Logs by path.", valueName: "log"), completion: .custom(Completion.logs))
  var logs: [String]

  func run() throws {
    var parameters = Wire.Parameters()
    parameters.logs = logs.map(LogArgument.path)
    try daemon.ask { client in
      try client.call(.explain, parameters) { reply in
        guard let explanation = reply.explanation else { return true }
        output.show(explanation) { $0.explain(explanation) }
        return true
      }
    }
  }
}
