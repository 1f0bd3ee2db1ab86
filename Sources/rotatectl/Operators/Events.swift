internal import ArgumentParser
internal import Control
internal import Linux

/// `rotatectl events`: what happens, as it happens.
struct Events: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what happens from now on, a line each, until Ctrl-C.",
    discussion: "What has happened before is in the journal: journalctl -u rotated.")

  @OptionGroup var daemon: DaemonOption
  @OptionGroup var output: OutputOptions
  @OptionGroup var selection: Selection

  func run() throws {
    try daemon.ask { client in
      try client.call(.subscribe, selection.parameters, patience: nil) { reply in
        guard let event = reply.event else { return true }
        output.show(event) { $0.event(event) }
        Output.flush()
        return true
      }
    }
  }
}
