package import Config
package import Rotation

/// Turns that an operator asks for, where no daemon runs: the same finding, planning and applying, with no schedule.
package struct ManualTurn {
  private let fileSystem: any FileSystem
  private let configuration: Configuration
  private let finder: LogFinder

  package init(fileSystem: any FileSystem, configuration: Configuration) {
    self.fileSystem = fileSystem
    self.configuration = configuration
    self.finder = LogFinder(fileSystem: fileSystem, claims: Claims(configuration))
  }

  /// What a rotation of one log now would do.
  package struct Preview {
    package var job: String
    package var path: String
    package var verdict: Planner.Verdict
  }

  /// The plans for every log of every job at a moment, and what could not be looked at. Nothing is changed.
  package func previews(at moment: Moment) -> (previews: [Preview], failures: [Outcome.Failure]) {
    var previews: [Preview] = []
    var failures: [Outcome.Failure] = []
    let reader = InventoryReader(fileSystem: fileSystem)
    let unread = visit(configuration.jobs.map(\.name)) { job, group, directory in
      for name in group.names {
        let path = LogFinder.join(group.directory, name)
        do throws(Errno) {
          let directories = try LogDirectories(directory, job.policy, on: fileSystem, makes: false)
          let naming = job.policy.naming
          let inventory = try reader.read(
            name, in: directories, naming,
            listings: try reader.listings(of: directories, naming, known: group.listing),
            suffix: job.policy.handling.compression?.suffix)
          let verdict = Planner.plan(inventory, job.policy, .rotate, at: moment)
          previews.append(Preview(job: job.name, path: path, verdict: verdict))
        } catch {
          failures.append(Outcome.Failure(step: "look", path: path, errno: error))
        }
      }
    }
    return (previews, unread + failures)
  }

  /// Rotates every log of the named jobs now, due or not; returns each log's outcome.
  package func rotate(
    _ jobs: [String], with rotator: Rotator
  ) -> (outcomes: [(job: String, path: String, outcome: Outcome)], failures: [Outcome.Failure]) {
    var outcomes: [(job: String, path: String, outcome: Outcome)] = []
    let failures = visit(jobs) { job, group, directory in
      let results = rotator.rotate(
        group.names, in: directory, listing: group.listing, policy: job.policy, cause: .byHand)
      for (name, outcome) in zip(group.names, results) {
        outcomes.append((job.name, LogFinder.join(group.directory, name), outcome))
      }
    }
    return (outcomes, failures)
  }

  /// Calls `body` for each directory with logs of these jobs; returns what could not be looked into.
  private func visit(
    _ names: [String], _ body: (Job, LogGroup, OpenDirectory) -> Void
  ) -> [Outcome.Failure] {
    var failures: [Outcome.Failure] = []
    for (index, job) in configuration.jobs.enumerated() where names.contains(job.name) {
      let found = finder.find(job, index: index)
      failures += found.failures.map { Outcome.Failure(step: "look", path: $0.path, errno: $0.errno) }
      for group in found.groups {
        do throws(Errno) {
          let directory = try fileSystem.openDirectory(group.directory)
          directory.actsAsOwner = job.policy.handling.actsAsOwner
          body(job, group, directory)
        } catch {
          failures.append(Outcome.Failure(step: "open", path: group.directory, errno: error))
        }
      }
    }
    return failures
  }
}
