internal import ArgumentParser
internal import Control
internal import Linux
internal import Timekeeping

/// `rotatectl reload`: a changed config comes into force.
struct Reload: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Have the daemon read its config, and show which jobs have changed.",
    discussion: """
      A config with errors changes nothing: the errors are shown, and the exit code is 78. With --trial, the config before comes \
      back by itself, unless `rotatectl reload --confirm` comes in time. What is on disk then is not in force, and `rotatectl status` \
      says so.
      """)

  @OptionGroup var daemon: DaemonOption

  @Option(
    help: ArgumentHelp(
      "Take the config for so long, such as 5min, unless it is confirmed. (default: for good)", valueName: "span"),
    transform: OptionValue.span)
  var trial: Span?

  @Flag(help: "Read nothing: the config that is on trial stays for good.")
  var confirm = false

  @Flag(help: "Print the reply as JSON.")
  var json = false

  func validate() throws {
    guard trial != nil, confirm else { return }
    throw ValidationError("--trial begins a trial, and --confirm ends one: use one of them")
  }

  func run() throws {
    var parameters = Wire.Parameters()
    parameters.trialUSec = trial
    if confirm { parameters.confirm = true }
    try daemon.ask { client in
      // The daemon first finishes what is in progress.
      try client.call(.reload, parameters, patience: nil) { reply in
        Output.show(reply, json: json) { $0.reloaded(reply) }
        return true
      }
    }
  }
}
