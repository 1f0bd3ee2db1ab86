internal import ArgumentParser
internal import Control
internal import Linux

/// `rotatectl retry-hooks`: notifications that have failed are sent again now.
struct RetryHooks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry-hooks", abstract: "Run hooks that have failed again, at once.",
    discussion: "The daemon runs them again by itself, with growing pauses. `rotatectl status` shows what is owed.")

  @OptionGroup var daemon: DaemonOption

  @Flag(help: "Print the reply as JSON.")
  var json = false

  @OptionGroup var selection: Selection

  func run() throws {
    try daemon.ask { client in
      try client.call(.retryHooks, selection.parameters) { reply in
        Output.show(reply, json: json) { $0.retried(reply) }
        return true
      }
    }
  }
}
