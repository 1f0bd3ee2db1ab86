internal import ArgumentParser
internal import Daemon
internal import EventLoop
internal import Linux
internal import Rotation
internal import Timekeeping

/// `rotatectl plan`: the steps of a rotation now, by the planner that the daemon uses.
struct Plan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the steps that a rotation now would take, and change nothing.")

  @OptionGroup var config: ConfigOption

  @Option(name: [.customShort("s"), .customLong("state")], help: "The state directory.", completion: .directory)
  var state: String?

  @Argument(help: "Logs to plan for, by absolute path (default: every log of every job).", completion: .file())
  var logs: [String] = []

  func run() throws {
    let fileSystem = LinuxFileSystem()
    let dryRun = DryRun(
      fileSystem: fileSystem, configuration: try config.load(),
      state: StateSession.peek(state.map { FilePath($0) }, fileSystem))
    let (previews, failures) = dryRun.previews(at: Moment(SystemClock.wall, in: LocalZone.load().zone))
    let wanted = Set(logs.map { FilePath($0) })
    for preview in previews where isWanted(preview.path, wanted) { show(preview) }
    for (job, name) in dryRun.skipped() where isWanted(name.path, wanted) {
      Output.line("\(name.path.printable) (job \(job)): not rotated: \(name.reason)")
    }
    for doomed in dryRun.retention(now: SystemClock.wall) where isWanted(doomed.log, wanted) {
      let size = ByteSize.describe(doomed.bytes)
      let words = "\(doomed.path) (\(size)) of job \(doomed.job) would be removed: \(doomed.reason)"
      Output.line(words.printable)
    }
    for failure in failures { Output.error("\(failure.path.printable): \(failure.step): \(failure.reason)") }
    let known = Set(previews.flatMap { [$0.path, FilePath($0.path.printable)] })
    let unknown = logs.filter { !known.contains(FilePath($0)) }
    for log in unknown { Output.error("\(log.printable): no job has this log") }
    guard failures.isEmpty, unknown.isEmpty else { throw ExitCode.failure }
  }

  /// A log may also be named as it is printed: its name need not be one that a terminal can type.
  private func isWanted(_ path: FilePath, _ wanted: Set<FilePath>) -> Bool {
    wanted.isEmpty || wanted.contains(path) || wanted.contains(FilePath(path.printable))
  }

  private func show(_ preview: DryRun.Preview) {
    let head = "\(preview.path.printable) (job \(preview.job)):"
    switch preview.verdict {
    case .skip(let skip): Output.line("\(head) not rotated: \(skip)")
    case .plan(let plan):
      Output.line(head)
      for (number, step) in plan.steps.enumerated() {
        Output.line("  \(number + 1). \(step.description.printable)")
      }
      if let way = preview.way { Output.line("  cut by \(way.rawValue), which \(way.risk)") }
    }
  }
}
