package import Config
package import Rotation
internal import Timekeeping

/// What runs would find and do now, with their finder and planner, without doing it: for `rotatectl plan` and `check`.
package struct DryRun {
  let fileSystem: any FileSystem
  let configuration: Configuration
  let finder: LogFinder
  let claimed: ClaimedNames
  let state: StateStore?

  /// With the daemon's state, if there is one: it distinguishes archives from logs where names do not.
  package init(fileSystem: any FileSystem, configuration: Configuration, state: StateStore? = nil) {
    self.fileSystem = fileSystem
    self.configuration = configuration
    self.state = state
    self.claimed = ClaimedNames(Claims(configuration), state: state)
    self.finder = LogFinder(fileSystem: fileSystem, claims: claimed.claims)
  }

  var reader: InventoryReader {
    var reader = InventoryReader(fileSystem: fileSystem)
    reader.claimed = claimed
    return reader
  }

  /// Where the logs of a group and their archives lie, listed once for all of them.
  func place(
    _ group: LogGroup, in directory: OpenDirectory, _ policy: Policy
  ) throws(Errno) -> LogPlace {
    let directories = try LogDirectories(directory, policy, on: fileSystem, makes: false)
    return LogPlace(directories, try reader.listings(of: directories, policy.naming, known: group.listing))
  }

  /// Names that the patterns of all jobs match and that are no logs, by job.
  package func skipped() -> [(job: String, name: SkippedName)] {
    configuration.jobs.enumerated().flatMap { index, job in
      finder.find(job, index: index).skipped.map { (job.name, $0) }
    }
  }

  /// What a rotation of one log now would do.
  package struct Preview {
    package var job: Job
    package var path: FilePath
    package var plan: Plan
    /// Why a due time now would leave the log alone; nil if the job has no schedule, or if it would rotate it.
    package var unmet: Skip?
    /// The truncation method, if the log is not moved.
    package var way: TruncationMethod?

    /// The preview from the log's inventory and its record in the state.
    init(
      of inventory: Inventory, _ job: Job, _ path: FilePath, _ state: StateStore?, at moment: Moment,
      renames: RenameSupport
    ) {
      (self.job, self.path) = (job, path)
      plan = Planner.plan(inventory, job.policy, .rotate, at: moment, renames: renames)
      // The schedule may leave a log alone that a run by hand now would rotate.
      guard plan.takesLive, job.schedule != nil, let live = inventory.live else { return }
      let begun = state.map { $0.begun(path, live) } ?? live.born
      let size = job.policy.method.cutsLog ? live.sizeByRoom : live.size
      unmet = Planner.unmet(job.policy, Condition.Measures(size: size, begun: begun, now: moment.time))
    }
  }

  /// The plans for every log of every job at a moment, and the errors in reading. Nothing is changed.
  package func previews(at moment: Moment) -> (previews: [Preview], failures: [Outcome.Failure]) {
    var previews: [Preview] = []
    var failures: [Outcome.Failure] = []
    let unread = visit(configuration.jobs.indices) { job, group, directory in
      var place: LogPlace?
      for name in group.names {
        let path = LogFinder.join(group.directory, name)
        do throws(Errno) {
          let found = if let place { place } else { try self.place(group, in: directory, job.policy) }
          place = found
          let inventory = try reader.read(
            name, in: found.directories, job.policy.naming, listings: found.listings,
            suffix: job.policy.compression?.suffix, leftovers: InventoryReader.Leftovers(job.policy))
          var preview = Preview(
            of: inventory, job, path, state, at: moment,
            renames: directory.hasFastExchange ? .fastExchange : .full)
          preview.way = preview.plan.takesLive ? try way(name, path, in: directory, job.policy) : nil
          previews.append(preview)
        } catch {
          failures.append(Outcome.Failure(step: "stat", path: path, errno: error))
        }
      }
    }
    return (previews, unread + failures)
  }

  /// The truncation method for the log; nil if it would not be truncated.
  private func way(
    _ name: FileName, _ path: FilePath, in directory: OpenDirectory, _ policy: Policy
  ) throws(Errno) -> TruncationMethod? {
    guard case .truncate(by: let wanted) = policy.method else { return nil }
    guard wanted != .leave else { return wanted }
    // A user who may not write to the log gets the method in the config.
    guard
      let log = try? fileSystem.openLog(
        name, in: directory, mayBeLinked: policy.takesHardLinks, cuts: true),
      let support = try? fileSystem.cutSupport(in: directory)
    else { return wanted }
    do throws(Outcome.Failure) {
      var writers = OffsetWriters.searching
      while writers == .searching { writers = log.offsetWriters() }
      return try Truncator.way(wanted, writers, path, support: support)
    } catch {
      throw error.errno
    }
  }

  /// Calls `body` for each directory with logs of the jobs at these positions. Returns what could not be read.
  func visit(
    _ positions: some Sequence<Int>, alsoGone: Bool = false, _ body: (Job, LogGroup, OpenDirectory) -> Void
  ) -> [Outcome.Failure] {
    var failures: [Outcome.Failure] = []
    for index in positions {
      let job = configuration.jobs[index]
      let found = finder.find(job, index: index, alsoGone: alsoGone)
      failures += found.failures.map {
        Outcome.Failure(step: "stat", path: $0.path, errno: $0.errno, obstacle: $0.obstacle)
      }
      for group in found.groups {
        do throws(Errno) {
          let directory = try fileSystem.openDirectory(group.directory)
          directory.actsAsOwner = job.policy.actsAsOwner
          body(job, group, directory)
        } catch {
          failures.append(
            Outcome.Failure(
              step: "open", path: group.directory, errno: error,
              obstacle: fileSystem.obstacle(error, at: group.directory)))
        }
      }
    }
    return failures
  }
}
