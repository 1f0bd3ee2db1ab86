internal import ArgumentParser
internal import Config
internal import Control
internal import Daemon
internal import EventLoop
internal import Linux
internal import Rotation
internal import Timekeeping

/// `rotatectl plan`: the steps of a rotation now, by the planner that the daemon uses.
struct Plan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the steps that a rotation now would take, and change nothing.",
    discussion:
      "Reads the config and the state by itself, whether a daemon runs or not: so a config can be tried before it is used."
  )

  @OptionGroup var config: ConfigOption

  @Option(
    help: ArgumentHelp(
      "Also show what the config changes in the daemon that runs: jobs, logs, and archives that would be removed at once. Written as --against or --against=SOCKET.",
      valueName: "socket"), completion: .file())
  var against: String?

  @Flag(help: "Print JSON, a plan a line: the values of the interface org.rotated.Manager.")
  var json = false

  @OptionGroup var selection: Selection

  func run() throws {
    let configuration = try config.load(with: selection)
    if json { try printJSON(configuration) } else { try printText(configuration) }
    if let against { try compare(configuration, to: against.isEmpty ? nil : against) }
  }

  private func printText(_ configuration: Configuration) throws {
    let dryRun = config.dryRun(of: configuration)
    let (now, zone) = (SystemClock.wall, LocalZone.load().zone)
    let (previews, failures) = dryRun.previews(at: Moment(now, in: zone))
    let wanted = Set(selection.logs)
    func isWanted(_ path: FilePath, _ job: String) -> Bool {
      selection.names.isEmpty || wanted.contains(path) || selection.jobs.contains(job)
    }
    let byJob = Dictionary(grouping: previews.filter { isWanted($0.path, $0.job.name) }) { $0.job.name }
    for job in configuration.jobs {
      let shown = byJob[job.name] ?? []
      guard selection.names.isEmpty || selection.jobs.contains(job.name) || !shown.isEmpty else { continue }
      let lines = dryRun.due(job, now: now, zone: zone)
      Output.line("job \(job.name):")
      for line in lines + hooks(job.policy) { Output.line("  \(line)") }
      for preview in shown { show(preview) }
    }
    for (job, name) in dryRun.skipped() where isWanted(name.path, job) {
      Output.line("\(name.path.printable) (job \(job)): not rotated: \(name.reason)")
    }
    for (removal, path) in dryRun.retention(now: now, after: previews)
    where isWanted(removal.archive.log, removal.archive.job) {
      let size = ByteSize.describe(removal.archive.bytes)
      let words = "\(path) (\(size)) of job \(removal.archive.job) would be removed: \(removal.reason)"
      Output.line(words.printable)
    }
    for failure in failures { Output.error("\(failure.path.printable): \(failure.step): \(failure.reason)") }
    let known = Set(previews.map(\.path))
    let unknown = selection.logs.filter { !known.contains($0) }
    for log in unknown { Output.error("\(log.printable): no job has this log") }
    guard failures.isEmpty, unknown.isEmpty else { throw ExitCode.failure }
  }

  /// What runs before and after the rotations of a job.
  private func hooks(_ policy: Policy) -> [String] {
    policy.before.map { "before its logs are rotated: run \($0)" }
      + policy.hooks.map { "after its logs were rotated: notify \($0)" }
  }

  private func printJSON(_ configuration: Configuration) throws {
    let local = try LocalDaemon(configuration, stateDirectory: config.stateDirectory, isExclusive: false)
    for reply in try local.ask(.plan, selection.parameters) {
      if let plan = reply.plan { Output.json(plan) }
    }
  }

  /// The config beside that of the daemon at a control socket; nil is that of the first that runs.
  private func compare(_ configuration: Configuration, to socket: String?) throws {
    var daemon = DaemonOption()
    daemon.control = socket
    let running = try RunningConfig(of: daemon)
    let former: DryRun.Running =
      running.jobs.map { .config(config.dryRun(of: $0)) }
      ?? .listed(jobs: running.listedJobs, logs: running.listedLogs)
    let comparison = config.dryRun(of: configuration).compared(to: former, at: running.path, now: SystemClock.wall)
    Output.show(comparison, json: json) { $0.comparison(comparison) }
  }

  private func show(_ preview: DryRun.Preview) {
    let head = "\(preview.path.printable) (job \(preview.job.name)):"
    let plan = preview.plan
    if let skip = plan.skip, plan.now.isEmpty { Output.line("\(head) not rotated: \(skip)") } else { Output.line(head) }
    if let unmet = preview.unmet { Output.line("  if its schedule were due now, it would not be rotated: \(unmet)") }
    for (number, step) in plan.now.enumerated() { Output.line("  \(number + 1). \(step.description.printable)") }
    if let way = preview.way { Output.line("  \(way.effect)") }
    let later = plan.whenReleased
    guard !later.isEmpty else { return }
    Output.line("  when no process writes to it any more:")
    for (number, pending) in later.enumerated() {
      let after = preview.job.policy.compression?.after ?? .zero
      let age =
        if case .compress = pending.step, after > .zero { ", when it is \(TimeSpan.show(after)) old" } else { "" }
      Output.line("  \(plan.now.count + number + 1). \(pending.step.description.printable)\(age)")
    }
  }
}
