internal import ArgumentParser
internal import Control
internal import Daemon
internal import EventLoop
internal import Linux
internal import Rotation

/// `rotatectl doctor`: what will go wrong on this machine.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look for what will go wrong: on this machine, with this config, with these logs.",
    discussion: """
      Looks at directories, file systems, logs and their writers, at the unit of the daemon, and at other programs that rotate or \
      remove the same files. Needs no daemon, and changes nothing. Run it as root: another user does not see all of it.

      Exit codes: 0 nothing was found, or notices alone. 1 errors or warnings. 64 wrong arguments. 78 the config has errors.
      """)

  @OptionGroup var config: ConfigOption
  @OptionGroup var daemon: DaemonOption

  @Option(
    help:
      "Read the settings of other programs below this directory: logrotate's, tmpfiles.d, /proc/sys and /sys. (default: /)",
    completion: .directory)
  var root: String?

  @OptionGroup var output: OutputOptions
  @OptionGroup var selection: Selection

  func run() throws {
    let dryRun = config.dryRun(of: try config.load(with: selection))
    let host = HostFacts.read(
      root: root.map { WorkingDirectory.absolute(FilePath($0)) },
      daemons: ControlPlace.candidates(daemon.control.map { FilePath($0) }))
    let files = FileExamination()
    let examination = Examination(
      dryRun, host, now: SystemClock.wall, jobs: selection.jobs, logs: selection.logs, place: files.place,
      log: { files.log($0, writers: $1) })
    for (check, reason) in examination.skipped { Output.error("not checked: \(check): \(reason)") }
    for log in examination.unknown { Output.error("rotatectl: no job has \(log.printable)") }
    let findings = examination.findings()
    if output.json {
      findings.forEach(Output.json)
    } else {
      var screen = output.screen
      screen.findings(findings)
      Output.lines(screen.lines)
    }
    let isSound = findings.allSatisfy { $0.severity == .notice } && examination.unknown.isEmpty
    guard isSound else { throw ExitCode.failure }
  }
}
