internal import ArgumentParser
internal import Config
internal import Daemon
internal import EventLoop
internal import Linux
internal import Rotation

/// `rotatectl check`: every finding in the config, at its place.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Report every error in the config, and warn of what may be wrong on this machine.",
    discussion:
      "Looks for the directories and logs that the config names, and counts the archives that a `keep` of 0, a `max-age` "
      + "below a day or a `max-total` would remove now. Changes nothing. Exits with 0 when the config can be used, "
      + "with 78 when not, with 1 when it cannot be read at the moment."
  )

  @OptionGroup var config: ConfigOption

  @Flag(help: "Look up nothing of this machine: no users, groups, programs, directories or logs.")
  var offline = false

  @Argument(help: "The config, a fragment of one, or a directory of fragments (default: that of --config)")
  var file: String?

  func run() throws {
    var config = config
    config.file = file ?? config.file
    let configuration = try config.load(offline: offline, strictly: true)
    let jobs = configuration.jobs
    guard !offline else { return Output.line("\(config.path): ok, \(jobs.count) job\(jobs.count == 1 ? "" : "s")") }
    let isInstalled = SystemFacts.read().programs
    for job in jobs {
      for program in job.policy.programs where !isInstalled(program) {
        Output.error("\(config.path): job \(job.name): the program '\(program.printable)' was not found")
      }
    }
    let dryRun = config.dryRun(of: configuration)
    for doubt in dryRun.doubts(now: SystemClock.wall) {
      Output.error("\(config.path): warning: \(doubt)")
    }
    let links = dryRun.linkFindings()
    for finding in links.refused + links.doubled { Output.error("\(config.path): \(finding)") }
    guard links.refused.isEmpty else { throw ExitCode(78) }
    Output.line("\(config.path): ok, \(jobs.count) job\(jobs.count == 1 ? "" : "s")")
    for job in jobs {
      guard case .truncate(by: let way) = job.policy.method else { continue }
      Output.line("job \(job.name): each log is \(way.effect)")
    }
  }
}
