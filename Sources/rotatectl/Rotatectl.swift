internal import ArgumentParser
internal import Config
internal import Daemon
internal import Linux
internal import Rotation

/// rotatectl, the tool for people: asks and steers a daemon, checks a config, and rotates by hand.
@main
struct Rotatectl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotatectl",
    abstract: "Ask and steer the log-rotation daemon, check its config, rotate by hand.",
    discussion: """
      The daemon that rotates by itself is rotated(8).

      Exit codes: 0 done; 1 failed, or with `status -x` something is wrong; 3 the daemon is not running; \
      64 wrong arguments; 77 not permitted; 78 the config has errors.
      """,
    version: ProgramVersion.text,
    groupedSubcommands: [
      CommandGroup(
        name: "Ask the daemon",
        subcommands: [Status.self, List.self, Explain.self, Events.self, History.self, Metrics.self]),
      CommandGroup(
        name: "Steer the daemon", subcommands: [Rotate.self, Pause.self, Resume.self, Reload.self, RetryHooks.self]),
      CommandGroup(
        name: "Look at a config",
        subcommands: [Check.self, Doctor.self, Plan.self, ForecastCommand.self, UnitCommand.self]),
      CommandGroup(
        name: "Take over from logrotate", subcommands: [TakeoverCommand.self, LogrotateCommand.self, Import.self]),
      CommandGroup(name: "Understand times", subcommands: [CalendarCommand.self, TimespanCommand.self]),
    ])

  static func main() {
    let arguments = Array(ProcessArguments.all.dropFirst())
    // Its command line is logrotate's, and none of the parser that the others share.
    if arguments.first == LogrotateCommand._commandName { LogrotateCommand.main(arguments.dropFirst()) }
    if let word = arguments.first, let right = suggestion(for: word) {
      Output.error("rotatectl: no command '\(word.printable)', did you mean '\(right)'?")
      Output.error("See 'rotatectl --help' for all commands.")
      exit(withError: ExitCode(64))
    }
    // An option has a value or has none; these may have one.
    let optional = ["--watch": "--watch=\(StatusWatch.defaultSpan)", "--against": "--against="]
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    main(arguments[..<end].map { optional[$0] ?? $0 } + arguments[end...])
  }

  /// The command that was probably meant by a word that is none.
  private static func suggestion(for word: String) -> String? {
    let names = configuration.subcommands.map { $0._commandName } + ["help"]
    guard !word.hasPrefix("-"), !names.contains(word) else { return nil }
    return NearestName.of(word, among: names)
  }
}
