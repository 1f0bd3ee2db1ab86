import Config
import EventLoop
import Rotation
import Timekeeping

// At a start: what a crash has left under the names of archives that the config of before gave. The config of now does not
// look for them, so lines in two of them would stay twice for ever.

extension Supervisor {
  /// Logs of one directory whose archives have had such names.
  struct FormerNames {
    var names: ArchiveNames
    /// How many configs ago.
    var age: Int
    var logs: Set<FileName>
  }

  /// The logs of these jobs whose archives have had other names than the config gives now, by directory; the names that were
  /// given last come first.
  func formerNames(of jobs: Set<String>, _ registry: JobRegistry) -> [FilePath: [FormerNames]] {
    let current = Set(registry.runtimes.map(\.job.policy.names))
    var found: [FilePath: [FormerNames]] = [:]
    for (path, history) in state.named(otherwiseThan: current.count == 1 ? current.first : nil) {
      guard let runtime = registry.owner(of: path), jobs.contains(runtime.name) else { continue }
      let (directory, name) = LogFinder.split(path)
      for (age, names) in history.all.reversed().enumerated() where names != runtime.job.policy.names {
        let index = found[directory]?.firstIndex { $0.names == names && $0.age == age }
        if let index {
          found[directory]?[index].logs.insert(name)
        } else {
          found[directory, default: []].append(FormerNames(names: names, age: age, logs: [name]))
        }
      }
    }
    return found.mapValues { $0.sorted { $0.age < $1.age } }
  }

  /// Settles what has names of before in one directory of logs, and in that of their archives.
  func settle(_ formers: [FormerNames], in directory: OpenDirectory, _ registry: JobRegistry) async {
    var failed: Set<FileName> = []
    for former in formers { failed.formUnion(await settle(former, in: directory, registry)) }
    var records: [StateRecord] = []
    for name in Set(formers.flatMap(\.logs)).subtracting(failed).sorted() {
      let log = LogFinder.join(directory.path, name)
      guard let runtime = registry.owner(of: log) else { continue }
      if let record = state.naming(log, runtime.job.policy) { records.append(record) }
      records.append(.settled(log: log))
    }
    state.record(records)
  }

  /// Returns the logs of which something is left.
  private func settle(
    _ former: FormerNames, in directory: OpenDirectory, _ registry: JobRegistry
  ) async -> Set<FileName> {
    let policy = former.names.replacing(namesOf: Policy(keep: 0))
    let listings: LogListings
    var hidden: [FilePath: [Location]] = [:]
    do throws(Errno) {
      let directories = try LogDirectories(directory, policy, on: platform.fileSystem, makes: false)
      for (role, place) in directories.places {
        let found = self.hidden(try platform.fileSystem.entries(in: place), in: place, role) { archive in
          guard let log = policy.naming.parse(archive)?.base, former.logs.contains(log),
            var job = registry.owner(of: LogFinder.join(directory.path, log))?.job
          else { return nil }
          job.policy = former.names.replacing(namesOf: job.policy)
          return (LogFinder.join(directory.path, log), job)
        }
        hidden.merge(found, uniquingKeysWith: +)
      }
      listings = try await ListingWalk(directories, policy.naming, platform.fileSystem).end(on: platform.loop)
    } catch {
      let place = directory.path.resolving(former.names.directory)
      platform.report(
        Report(
          .note, .warning,
          "cannot list \(place.printable), where archives of \(directory.path.printable) were: \(error); "
            + "if an interrupted rotation left files there, some lines may be in two files", errno: error))
      return former.logs
    }
    var failed: Set<FileName> = []
    for name in former.logs.sorted() {
      let log = LogFinder.join(directory.path, name)
      let left = hidden[log] ?? []
      guard !left.isEmpty || isUnsettled(name, in: directory, listings), let job = registry.owner(of: log)?.job else {
        continue
      }
      let policy = former.names.replacing(namesOf: job.policy)
      directory.actsAsOwner = job.policy.actsAsOwner
      if state.log(log)?.cut != nil {
        if !left.isEmpty { _ = rotator.settle(name, in: directory, former: policy, hidden: left) }
        noteRecovered(log, job, await runs.truncator.recover(name, in: directory, policy: job.policy))
        // As long as it is open, what is compared with the log stays as it is.
        guard state.log(log)?.cut == nil else {
          failed.insert(name)
          continue
        }
      }
      let due = registry.owner(of: log)?.clock?.due(Now(platform.loop), zone: zone)
      guard let result = rotator.settle(name, in: directory, former: policy, serving: due, hidden: left) else {
        continue
      }
      if result.isFailure { failed.insert(name) }
      noteRecovered(log, job, result)
    }
    return failed
  }

  /// Whether there may be something to settle of a log: a look at names alone.
  private func isUnsettled(_ name: FileName, in directory: OpenDirectory, _ listings: LogListings) -> Bool {
    let known = state.log(LogFinder.join(directory.path, name))
    if known?.intent != nil || known?.cut != nil || known?.emptied != nil { return true }
    if listings.log.staged.contains(name) { return true }
    let versions = listings.versions(of: name)
    return Set(versions.map(\.key)).count < versions.count || Set(versions.map(\.file)).count < versions.count
  }
}
