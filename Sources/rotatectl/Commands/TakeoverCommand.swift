internal import ArgumentParser
internal import Config
internal import Control
internal import Daemon
internal import Glibc
internal import Linux
internal import Rotation
internal import Timekeeping

/// `rotatectl takeover`: what logrotate rotates, rotated does, or the other way.
struct TakeoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "takeover",
    abstract: "Have rotated rotate what logrotate does on this machine, or give that back.",
    discussion: """
      Masks the timer of logrotate, waits until no logrotate works, and then includes the config of logrotate in that of rotated. At \
      no moment both rotate. Each log goes on from its last rotation by the state file of logrotate. With --undo, logrotate has \
      everything back, and its state file has what rotated has rotated.

      Shows the steps, and asks. After an error or a kill, the same command does the steps that are left. Needs root.

      Exit codes: 0 done, or nothing to do. 1 a step has failed. 64 wrong arguments. 77 not permitted. 78 the config of logrotate \
      has errors, or rotated refuses it, and nothing has changed.
      """)

  @OptionGroup var daemon: DaemonOption

  @Flag(help: "Give everything back to logrotate.")
  var undo = false

  @Flag(name: .shortAndLong, help: "Do not ask.")
  var yes = false

  @Flag(name: .shortAndLong, help: "Show the steps, and do none.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "How long to wait for a logrotate that works, such as 5min. (default: 10min)", valueName: "span"),
    transform: OptionValue.span)
  var wait: Span?

  func run() throws {
    let facts = TakeoverFacts.read()
    let steps = undo ? Takeover.stepsBack(facts) : Takeover.steps(facts)
    if !undo {
      guard let config = facts.config else {
        return Output.error("There is no config of logrotate, so there is nothing to take over.")
      }
      // What has an error is rotated by neither program: logrotate leaves it out, and rotated does not reload with it.
      var option = ConfigOption()
      (option.file, option.format) = (String(decoding: config.bytes, as: UTF8.self), .logrotate)
      _ = try option.load(strictly: true)
    }
    guard !steps.isEmpty else { return Output.error("Nothing was taken over, so there is nothing to give back.") }
    for (number, step) in steps.enumerated() { Output.line("\(number + 1). \(step)") }
    guard !dryRun else { return }
    guard geteuid() == 0 else {
      Output.error("rotatectl: only root may do this")
      throw ExitCode(77)
    }
    try confirm()
    for step in steps { try take(step, facts) }
    Output.error(
      undo ? "logrotate rotates again." : "rotated rotates what logrotate did. Undo: rotatectl takeover --undo")
  }

  private func confirm() throws {
    guard !yes else { return }
    guard isatty(STDIN_FILENO) != 0 else {
      throw ValidationError("standard input is no terminal to ask at: use --yes, or --dry-run")
    }
    Output.flush()
    Output.error("Go on? [y/N]")
    guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else { throw ExitCode.failure }
  }

  private func take(_ step: TakeoverStep, _ facts: TakeoverFacts) throws {
    do {
      let remarks = try step.apply(facts, patience: wait ?? .seconds(600), reload: reload)
      for remark in remarks { Output.error("rotatectl: \(remark)") }
    } catch let failure as TakeoverStep.Failure {
      Output.error("rotatectl: \(failure.message)")
      Output.error(
        "The steps before that one are done. `rotatectl takeover\(undo ? " --undo" : "")` does those that are left.")
      throw ExitCode.failure
    }
  }

  private func reload(_ isRunning: Bool) throws {
    guard isRunning else { return try TakeoverStep.startDaemon() }
    do {
      try daemon.ask { client in
        try client.call(.reload, Wire.Parameters(), patience: nil) { reply in
          Output.show(reply, json: false) { $0.reloaded(reply) }
          return true
        }
      }
    } catch  where !undo {
      // Nobody would rotate those logs.
      Output.error("rotated does not take the config. Everything goes back to logrotate:")
      let facts = TakeoverFacts.read()
      for step in Takeover.stepsBack(facts) {
        Output.error("- \(step)")
        if step != .reload(isRunning: true) { try take(step, facts) }
      }
      throw ExitCode(78)
    }
  }
}
