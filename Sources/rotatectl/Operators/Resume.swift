internal import ArgumentParser
internal import Control
internal import Linux

/// `rotatectl resume`: the end of a pause.
struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "End the pause of some jobs.",
    discussion: "A time that came meanwhile is served at once by a job that catches up (`catch-up`).")

  @OptionGroup var daemon: DaemonOption
  @OptionGroup var jobs: JobArguments

  @Flag(help: "Print the reply as JSON.")
  var json = false

  func run() throws {
    try daemon.ask { client in
      try client.call(.resume, jobs.parameters) { reply in
        Output.show(reply, json: json) { $0.resumed(jobs.names) }
        return true
      }
    }
  }
}
