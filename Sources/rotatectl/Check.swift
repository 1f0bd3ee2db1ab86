internal import ArgumentParser
internal import Config
internal import Rotation

/// `rotatectl check`: every finding in the config, at its place.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Report every error in the config.",
    discussion: "Exits with 0 when the config can be used, with 78 when not.")

  @OptionGroup var config: ConfigOption

  func run() throws {
    let jobs = try config.load().jobs
    Output.line("\(config.path): ok, \(jobs.count) job\(jobs.count == 1 ? "" : "s")")
    for job in jobs {
      guard case .truncate(by: let way) = job.policy.handling.method else { continue }
      Output.line("job \(job.name): truncates by \(way.rawValue), which \(way.risk)")
    }
  }
}
