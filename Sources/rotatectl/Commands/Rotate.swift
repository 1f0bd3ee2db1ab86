internal import ArgumentParser
internal import Config
internal import Control
internal import Daemon
internal import EventLoop
internal import Linux
internal import Rotation

/// `rotatectl rotate`: a rotation now, by the daemon or, where none runs, by this program.
struct Rotate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Rotate logs now.",
    discussion: """
      The daemon rotates them if one runs. If none does, or --config, --format or --state is given, this program does it itself, \
      runs the commands of `before` and `notify` as the daemon does, and leaves the compression of the archives to the daemon. An \
      empty log is skipped, unless the config has `if-empty = true`.

      Exit codes: 0 done, or without --wait begun. 1 a log could not be rotated. 64 wrong arguments. 77 not permitted. 78 the \
      config has errors.
      """)

  /// Which logs.
  enum Which: String, EnumerableFlag {
    case force, due

    static func help(for which: Which) -> ArgumentHelp? {
      which == .force
        ? "Rotate whatever the schedule and the size say." : "Rotate only what is due; this needs a daemon."
    }
  }

  @OptionGroup var daemon: DaemonOption

  @OptionGroup var config: ConfigOption

  @Flag var which = Which.force

  @Flag(
    help: "Wait until the daemon has rotated them, and show what came of each log. Without a daemon that is always so.")
  var wait = false

  @Flag(help: "Print JSON, an object a line: the replies of the interface org.rotated.Manager.")
  var json = false

  @OptionGroup var selection: Selection

  func run() throws {
    if !config.isGiven, try rotateByDaemon() { return }
    guard which == .force else { throw ValidationError("--due needs a daemon, which knows what is due, and none runs") }
    try rotateHere()
  }

  // MARK: By the daemon

  /// False when no daemon runs.
  private func rotateByDaemon() throws -> Bool {
    guard let client = try daemon.connectIfRunning() else { return false }
    var parameters = selection.parameters
    if which == .force { parameters.force = true }
    if wait { parameters.wait = true }
    var failed: Int64 = 0
    try daemon.ask(client) { client in
      try client.call(.rotate, parameters, wantsMore: wait, patience: wait ? nil : ControlClient.patience) { reply in
        Output.show(reply, json: json) { $0.rotated(reply) }
        failed += reply.failed ?? 0
        Output.flush()
        return true
      }
    }
    if !wait {
      Output.error("The daemon rotates them now; `rotatectl events` shows what happens, --wait waits for it.")
    }
    guard failed == 0 else { throw ExitCode.failure }
    return true
  }

  // MARK: By this program

  private func rotateHere() throws {
    let configuration = try config.load(with: selection)
    let local = try LocalDaemon(configuration, stateDirectory: config.stateDirectory, isExclusive: true)
    defer { local.close() }
    let names = configuration.jobs.map(\.name)
    let (jobs, logs) = (selection.names.isEmpty ? names : selection.jobs, selection.logs)
    let (runs, failedHooks) = local.run { await $0.rotateOnce(jobs, logs: logs) } ?? ([], [])
    for (job, result) in runs {
      for (path, outcome) in result.logs { show(job, path, outcome) }
    }
    let known = Set(runs.flatMap { $0.result.logs.map(\.path) })
    let unknown = logs.filter { !known.contains($0) }
    for log in unknown { Output.error("rotatectl: no job has \(log.printable)") }
    guard failedHooks.isEmpty, unknown.isEmpty, runs.allSatisfy(\.result.isComplete) else { throw ExitCode.failure }
  }

  /// Prints what became of a log where that was not reported.
  private func show(_ job: String, _ path: FilePath, _ outcome: Outcome) {
    let head = "job \(job): \(path.printable):"
    switch outcome {
    case .settled: Output.line("\(head) finished an interrupted rotation")
    case .skipped(let skip) where [.missing, .empty, .nothingToDo].contains(skip):
      Output.line("\(head) not rotated: \(skip)")
    case .cleared(let files, let bytes):
      Output.line("\(head) removed \(files) file\(files == 1 ? "" : "s") (\(ByteSize.describe(bytes)))")
    case .rotated, .skipped, .failed: break
    }
  }
}
