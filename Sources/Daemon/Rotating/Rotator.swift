internal import Config
package import EventLoop
package import Rotation
package import Timekeeping

// One slice of a run: look at some logs of one directory, plan, record the intents in one write, apply, record the
// ends in one write. Nothing in here waits, so nothing else of the daemon runs between the look and the last step;
// what may have changed meanwhile was changed by another process, and shows as EEXIST or ENOENT: then one looks again.

/// Rotates logs, a slice at a time, and keeps the state in step.
package final class Rotator {
  let fileSystem: any FileSystem
  let loop: LoopExecutor
  package internal(set) var reader: InventoryReader
  let applier: Applier
  package let state: StateStore
  /// The measure of logs that keep their file.
  package let heads: LogHeads
  /// The local zone, whose clocks give archives their dates.
  package var zone: Zone
  /// Directories whose file system has refused RENAME_EXCHANGE or RENAME_NOREPLACE.
  var linkOnly: Set<FilePath> = []
  /// The log that has the archives of a name in a directory which logs of several directories may share.
  var namespaces = SpreadDictionary<FilePath, FilePath>()
  /// The log that was reached through symbolic links, by its path without them.
  var files = SpreadDictionary<FilePath, FilePath>()
  /// Which job claims which log, as the config is now.
  var claims: Claims?

  package init(fileSystem: any FileSystem, loop: LoopExecutor, state: StateStore, zone: Zone) {
    self.zone = zone
    self.fileSystem = fileSystem
    self.loop = loop
    self.reader = InventoryReader(fileSystem: fileSystem)
    self.applier = Applier(fileSystem: fileSystem)
    self.state = state
    self.heads = LogHeads(fileSystem: fileSystem, state: state)
  }

  /// A log on its way through a slice.
  struct Work {
    var directories: LogDirectories
    var path: FilePath
    var name: FileName
    var started: MonotonicTime
    var inventory: Inventory
    var plan: Plan
    var intent: Intent?
    /// What has come to its end before it (`LogResult`).
    var ended: [UInt64] = []
  }

  /// Opens, and lists with a chance for everything else in between, what logs of a directory need. `known` is a listing of the
  /// directory itself. If `makes`, a missing directory for archives is made.
  package func place(
    _ directory: OpenDirectory, _ policy: Policy, known: DirectoryListing?, makes: Bool = true
  ) async throws(Outcome.Failure) -> LogPlace {
    let directories = try directories(directory, policy, makes: makes)
    do throws(Errno) {
      let listings = try await reader.listings(of: directories, policy.naming, known: known, on: loop)
      return LogPlace(directories, listings)
    } catch {
      throw Outcome.Failure(step: "stat", path: directories.archives?.path ?? directory.path, errno: error)
    }
  }

  /// Rotates those of the named logs that the cause makes due; one result a name, in their order. A log that
  /// another rotation of this due time has served already is left alone. Without `takes` none is taken away, and what was
  /// begun is finished all the same.
  package func rotate(
    _ names: [FileName], in place: LogPlace, policy: Policy, cause: Cause, takes: Bool = true
  ) -> [LogResult] {
    var results: [LogResult] = []
    var work: [(index: Int, Work)] = []
    for name in names {
      switch prepare(name, in: place, policy, cause) {
      case .ready(let ready):
        if takes || !ready.plan.takesLive { work.append((results.count, ready)) }
        results.append(LogResult(.skipped(.nothingToDo), ended: ready.ended))
      case .settled(let result): results.append(result)
      }
    }
    state.record(
      work.flatMap { item in
        let begun = item.1.intent.map { StateRecord.begun(log: item.1.path, $0) }
        return [state.naming(item.1.path, policy), begun].compactMap(\.self)
      })
    var records: [StateRecord] = []
    for (index, item) in work {
      results[index] = carryOut(item, policy, cause, &records).after(item.ended)
    }
    state.record(records)
    return results
  }

  /// Finishes a rotation that was begun, or settles what lies under the staging name when none is known of. If the
  /// log is rotated by that only now, the rotation serves the due time `due` as well.
  package func recover(
    _ name: FileName, in directory: OpenDirectory, policy: Policy, serving due: WallTime? = nil,
    hidden: [Location] = []
  ) -> LogResult {
    let path = LogFinder.join(directory.path, name)
    if let result = recoverFormer(name, in: directory, policy, serving: due) { return result }
    var intent = state.log(path)?.intent
    var records: [StateRecord] = []
    defer { state.record(records) }
    do throws(Outcome.Failure) {
      let directories = try directories(directory, policy)
      let inventory = try look(name, in: directories, nil, policy, path, isRecovery: true, hidden: hidden)
      let demand: Demand = intent.map { .finish($0) } ?? .settle
      let moment = Moment(loop.wallClock(), in: zone)
      let plan = Planner.plan(inventory, policy, demand, at: moment, renames: support(directory))
      if plan.takesLive, let due, let begun = intent, begun.due != due {
        // Written down before the first step: if a later step fails, the next try must know what was served.
        let renewed = begun.serving(due)
        state.record([.begun(log: path, renewed)])
        intent = renewed
      }
      if plan.takesLive, let record = state.naming(path, policy) { state.record([record]) }
      let work = Work(
        directories: directories, path: path, name: name, started: loop.now(), inventory: inventory, plan: plan,
        intent: intent)
      if plan.now.isEmpty {
        return intent.map { end($0, path, inventory, policy, &records) } ?? LogResult(.skipped(.nothingToDo))
      }
      let result = carryOut(work, policy, .recovery, &records)
      guard case .rotated(let rotated) = result.outcome, !plan.takesLive else { return result }
      return LogResult(.settled(archive: rotated.archive), ended: result.ended)
    } catch {
      return LogResult(.failed(error))
    }
  }

  // MARK: Looking

  private enum Prepared {
    case ready(Work)
    case settled(LogResult)
  }

  /// A rotation that was begun before comes to its end first.
  private func prepare(
    _ name: FileName, in place: LogPlace, _ policy: Policy, _ cause: Cause
  ) -> Prepared {
    let directory = place.directories.log
    let known = state.log(LogFinder.join(directory.path, name))
    if let served = known?.served, cause.isServed(by: served) { return .settled(LogResult(.skipped(.nothingToDo))) }
    var ended: [UInt64] = []
    if let intent = known?.intent {
      let (result, isAll) = finish(intent, name, in: directory, policy, cause)
      guard !isAll else { return .settled(result) }
      ended = result.ended
    }
    do throws(Outcome.Failure) {
      var work: Work
      switch try plan(name, in: place, policy, cause) {
      case .ready(let found): work = found
      case .settled(let result): return .settled(result.after(ended))
      }
      work.ended = ended
      return .ready(work)
    } catch {
      return .settled(LogResult(.failed(error), ended: ended))
    }
  }

  private func plan(
    _ name: FileName, in place: LogPlace, _ policy: Policy, _ cause: Cause
  ) throws(Outcome.Failure) -> Prepared {
    let directories = place.directories
    let directory = directories.log
    let path = LogFinder.join(directory.path, name)
    let started = loop.now()
    if let skip = conflict(name, in: directories, path) { return .settled(LogResult(.skipped(skip))) }
    var live: FileStatus?
    if case .size(let limit) = cause {
      // Most logs have not reached their size, and more need not be known of them.
      live = try look(path) { () throws(Errno) in try fileSystem.status(of: name, in: directory) }
      if let live, live.size < limit.bytes { return .settled(LogResult(.skipped(.nothingToDo))) }
    }
    let inventory = try look(name, in: directories, place.listings, policy, path, live: live)
    let moment = moment(of: cause)
    let plan = Planner.plan(inventory, policy, cause.demand, at: moment, renames: support(directory))
    if let skip = plan.skip, plan.now.isEmpty { return .settled(LogResult(.skipped(skip))) }
    let dated = policy.naming.isDated ? moment.time : nil
    let intent =
      plan.takesLive
      ? inventory.live.map { Intent(inode: $0.inode, due: cause.due, time: dated, archives: plan.exchanged) } : nil
    return .ready(
      Work(
        directories: directories, path: path, name: name, started: started, inventory: inventory, plan: plan,
        intent: intent))
  }

  /// Finishes a rotation that failed on the way. `isAll` is false when the log is still to be rotated for this cause.
  func finish(
    _ intent: Intent, _ name: FileName, in directory: OpenDirectory, _ policy: Policy, _ cause: Cause
  ) -> (result: LogResult, isAll: Bool) {
    let result = recover(name, in: directory, policy: policy, serving: cause.due)
    return switch result.outcome {
    case .failed, .rotated: (result, true)
    // What has grown since is for the next check of sizes.
    case .settled(archive: .some) where cause.due == nil: (result, true)
    case .settled, .skipped, .cleared: (result, intent.due == cause.due && cause.due != nil)
    }
  }

  // MARK: Acting

  /// How often a plan is made again when the directory changed under it, or its file system refused a rename flag.
  private static let attempts = 3

  func carryOut(
    _ work: Work, _ policy: Policy, _ cause: Cause, _ records: inout [StateRecord]
  ) -> LogResult {
    let directory = work.directories.log
    var plan = work.plan
    var archive = plan.archive
    for attempt in 1... {
      do throws(StepFailure) {
        let applied = try applier.apply(plan.now, live: work.name, in: work.directories)
        let ended = work.intent.map {
          end($0, work.path, work.inventory, policy, rotated: archive != nil, &records).ended
        }
        guard let archive else { return LogResult(.settled(archive: nil), ended: ended ?? []) }
        var rotated = summary(work, plan, archive.path, cause)
        rotated.impossible = Housekeeping.impossible(archive, work.directories.home, policy)
        rotated.prunedBytes = applied.freed
        take(applied.unremoved, into: &rotated, work.directories)
        return LogResult(.rotated(rotated), ended: ended ?? [])
      } catch {
        guard attempt < Self.attempts, mayPlanAgain(error, in: directory),
          let inventory = try? look(
            work.name, in: work.directories, nil, policy, work.path, hidden: work.inventory.hidden.map(\.location))
        else {
          dropPrepared(plan, work, after: error)
          return LogResult(.failed(failure(error, in: directory)))
        }
        let demand: Demand = work.intent.map { .finish($0) } ?? .settle
        let moment = Moment(loop.wallClock(), in: zone)
        plan = Planner.plan(inventory, policy, demand, at: moment, renames: support(directory))
        archive = plan.archive ?? inventory.archive(holding: work.intent)
      }
    }
    preconditionFailure("the loop above returns")
  }

  /// Whether the error says that the plan, not the disk, was wrong: the directory changed, or a flag is not known.
  func mayPlanAgain(_ failure: StepFailure, in directory: OpenDirectory) -> Bool {
    switch (failure.step, failure.errno) {
    case (.rename, .invalid), (.exchange, .invalid), (.rename, .notImplemented), (.exchange, .notImplemented):
      // The plans of a slice are made before the first of them is refused.
      linkOnly.insert(directory.path)
      return true
    case (_, .exists), (_, .noEntry): return true
    default: return false
    }
  }

  private func summary(_ work: Work, _ plan: Plan, _ archive: FilePath, _ cause: Cause) -> Outcome.Rotated {
    let bytes = work.inventory.live?.size ?? 0
    return Outcome.Rotated(
      archive: archive, inode: work.intent?.inode, bytes: bytes, reason: cause.describe(size: bytes),
      took: loop.now() - work.started, pruned: plan.pruned, setAside: plan.setAside, unremoved: [],
      foreign: work.inventory.foreign)
  }

  /// Closes an intent: done when its file has left the live name, else dropped. Beside it nothing happens to the log.
  func end(
    _ intent: Intent, _ path: FilePath, _ before: Inventory, _ policy: Policy, rotated: Bool = false,
    _ records: inout [StateRecord]
  ) -> LogResult {
    guard rotated || before.live?.inode != intent.inode else {
      records.append(.dropped(log: path))
      return LogResult(.skipped(.nothingToDo))
    }
    records += done(path, archive: intent.inode, due: intent.due, policy)
    return LogResult(.skipped(.nothingToDo), ended: [intent.inode])
  }

  /// The records of a rotation that is done. That its writers are still to be notified comes first: where the write is cut off,
  /// the intent stays open then.
  func done(_ path: FilePath, archive inode: UInt64, due: WallTime?, _ policy: Policy) -> [StateRecord] {
    let done = StateRecord.done(log: path, at: loop.wallClock(), due: due)
    let made = reader.claimed?.record(archive: inode, of: path, policy).map { [$0] } ?? []
    return made + (policy.hooks.isEmpty ? [] : [.owed(log: path, inode: inode)]) + [done]
  }
}
