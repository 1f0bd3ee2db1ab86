internal import Config
package import EventLoop
package import Rotation
package import Timekeeping

// One slice of a turn: look at some logs of one directory, plan, record the intents in one write, apply, record the
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
  /// Rotations of jobs that tell somebody, since they were last asked for.
  private var owed: [(path: FilePath, inode: UInt64)] = []
  /// Directories whose file system has refused RENAME_EXCHANGE or RENAME_NOREPLACE.
  var linkOnly: Set<FilePath> = []
  /// The log that has the archives of a name in a directory which logs of several directories may share.
  var namespaces: [FilePath: FilePath] = [:]
  /// The log that was reached through symbolic links, by its path without them.
  var files: [FilePath: FilePath] = [:]
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
  }

  /// Rotates those of the named logs that the cause makes due; one outcome a name, in their order. A log that
  /// another rotation of this due time has served already is left alone. Without `takes` none is taken away, and what was
  /// begun is finished all the same.
  package func rotate(
    _ names: [FileName], in directory: OpenDirectory, listing: DirectoryListing?, policy: Policy, cause: Cause,
    takes: Bool = true
  ) -> [Outcome] {
    var outcomes: [Outcome] = []
    var work: [(index: Int, Work)] = []
    let place: LogDirectories
    let listings: LogListings?
    do throws(Outcome.Failure) {
      place = try directories(directory, policy)
      listings = try look(place.archives?.path ?? directory.path) { () throws(Errno) in
        try reader.listings(of: place, policy.naming, known: listing)
      }
    } catch {
      return names.map { _ in .failed(error) }
    }
    for name in names {
      switch prepare(name, in: place, listings, policy, cause) {
      case .ready(let ready) where ready.plan.takesLive && !takes: outcomes.append(.skipped(.nothingToDo))
      case .ready(let ready):
        work.append((outcomes.count, ready))
        outcomes.append(.skipped(.nothingToDo))
      case .settled(let outcome): outcomes.append(outcome)
      }
    }
    state.record(
      work.flatMap { item in
        let begun = item.1.intent.map { StateRecord.begun(log: item.1.path, $0) }
        return [state.naming(item.1.path, policy), begun].compactMap(\.self)
      })
    var records: [StateRecord] = []
    for (index, item) in work {
      outcomes[index] = carryOut(item, policy, cause, &records)
    }
    state.record(records)
    return outcomes
  }

  /// Finishes a rotation that was begun, or settles what lies under the staging name when none is known of. If the
  /// log is rotated by that only now, the rotation serves the due time `due` as well.
  package func recover(
    _ name: FileName, in directory: OpenDirectory, policy: Policy, serving due: WallTime? = nil
  ) -> Outcome {
    let path = LogFinder.join(directory.path, name)
    if let outcome = recoverFormer(name, in: directory, policy, serving: due) { return outcome }
    var intent = state.log(path)?.intent
    var records: [StateRecord] = []
    defer { state.record(records) }
    do throws(Outcome.Failure) {
      let directories = try directories(directory, policy)
      let inventory = try look(name, in: directories, nil, policy, path, isRecovery: true)
      let demand: Demand = intent.map { .finish($0) } ?? .settle
      let moment = Moment(loop.wallClock(), in: zone)
      let verdict = Planner.plan(inventory, policy, demand, at: moment, renames: support(directory))
      var plan = Plan()
      if case .plan(let found) = verdict { plan = found }
      if plan.takesLive, let due, let begun = intent, begun.due != due {
        // Written down before the first step: if a later step fails, the next try must know what was served.
        let renewed = Intent(inode: begun.inode, due: due, time: begun.time)
        state.record([.begun(log: path, renewed)])
        intent = renewed
      }
      if plan.takesLive, let record = state.naming(path, policy) { state.record([record]) }
      let work = Work(
        directories: directories, path: path, name: name, started: loop.now(), inventory: inventory, plan: plan,
        intent: intent)
      if plan.steps.isEmpty {
        if let intent { records += ending(path, intent, inventory, policy) }
        return .skipped(.nothingToDo)
      }
      let outcome = carryOut(work, policy, .recovery, &records)
      guard case .rotated(let rotated) = outcome, !plan.takesLive else { return outcome }
      return .settled(archive: rotated.archive)
    } catch {
      return .failed(error)
    }
  }

  /// Rotations that came to their end, be it of one that was begun long ago, and whose writers are to be told; each is
  /// returned once.
  package func takeOwed() -> [(path: FilePath, inode: UInt64)] {
    defer { owed = [] }
    return owed
  }

  /// Whether `rotate` would take the log away now, as far as a look can say; throws what keeps it from looking.
  package func isDue(
    _ name: FileName, in directory: OpenDirectory, listing: DirectoryListing?, policy: Policy, cause: Cause
  ) throws(Outcome.Failure) -> Bool {
    let path = LogFinder.join(directory.path, name)
    let known = state.log(path)
    if let served = known?.served, cause.isServed(by: served) { return false }
    if known?.intent != nil { return true }
    let directories = try look(path) { () throws(Errno) in
      try LogDirectories(directory, policy, on: fileSystem, makes: false)
    }
    // There are none where names are asked for one by one.
    let listings = try look(path) { () throws(Errno) in
      try reader.listings(of: directories, policy.naming, known: listing)
    }
    let inventory = try look(name, in: directories, listings, policy, path)
    if case .size(let limit) = cause, let live = inventory.live,
      heads.size(of: path, live, policy.method) < limit.bytes
    {
      return false
    }
    let verdict = Planner.plan(inventory, policy, cause.demand, at: moment(of: cause), renames: support(directory))
    guard case .plan(let plan) = verdict else { return false }
    return plan.takesLive
  }

  // MARK: Looking

  private enum Prepared {
    case ready(Work)
    case settled(Outcome)
  }

  private func prepare(
    _ name: FileName, in directories: LogDirectories, _ listings: LogListings?, _ policy: Policy, _ cause: Cause
  ) -> Prepared {
    let directory = directories.log
    let path = LogFinder.join(directory.path, name)
    let started = loop.now()
    do throws(Outcome.Failure) {
      let known = state.log(path)
      if let served = known?.served, cause.isServed(by: served) { return .settled(.skipped(.nothingToDo)) }
      if let intent = known?.intent, let outcome = finish(intent, name, in: directory, policy, cause) {
        return .settled(outcome)
      }
      if let skip = conflict(name, in: directories, path) { return .settled(.skipped(skip)) }
      let inventory = try look(name, in: directories, listings, policy, path)
      if case .size(let limit) = cause, let live = inventory.live, live.size < limit.bytes {
        return .settled(.skipped(.nothingToDo))
      }
      let moment = moment(of: cause)
      switch Planner.plan(inventory, policy, cause.demand, at: moment, renames: support(directory)) {
      case .skip(let skip): return .settled(.skipped(skip))
      case .plan(let plan):
        let dated = policy.naming.isDated ? moment.time : nil
        let intent = plan.takesLive ? inventory.live.map { Intent(inode: $0.inode, due: cause.due, time: dated) } : nil
        return .ready(
          Work(
            directories: directories, path: path, name: name, started: started, inventory: inventory, plan: plan,
            intent: intent))
      }
    } catch {
      return .settled(.failed(error))
    }
  }

  /// Finishes a rotation that failed on the way. nil when the log is still to be rotated for this cause.
  func finish(
    _ intent: Intent, _ name: FileName, in directory: OpenDirectory, _ policy: Policy, _ cause: Cause
  ) -> Outcome? {
    let outcome = recover(name, in: directory, policy: policy, serving: cause.due)
    switch outcome {
    case .failed, .rotated: return outcome
    // Its archive is to be handed on; what has grown since is for the next look at sizes.
    case .settled(archive: .some) where cause.due == nil: return outcome
    case .settled, .skipped: return intent.due == cause.due && cause.due != nil ? outcome : nil
    }
  }

  // MARK: Acting

  /// How often a plan is made again when the directory changed under it, or its file system refused a rename flag.
  private static let attempts = 3

  func carryOut(
    _ work: Work, _ policy: Policy, _ cause: Cause, _ records: inout [StateRecord]
  ) -> Outcome {
    let directory = work.directories.log
    var plan = work.plan
    var archive = plan.archive
    for attempt in 1... {
      do throws(StepFailure) {
        let unremoved = try applier.apply(plan.steps, live: work.name, in: work.directories)
        if let intent = work.intent {
          records += ending(work.path, intent, work.inventory, policy, rotated: archive != nil)
        }
        guard let archive else { return .settled(archive: nil) }
        var rotated = summary(work, plan, archive.path, cause)
        rotated.impossible = Housekeeping.impossible(archive, work.directories.home, policy)
        take(unremoved, into: &rotated, work.directories)
        return .rotated(rotated)
      } catch {
        guard attempt < Self.attempts, mayPlanAgain(error, in: directory),
          let inventory = try? look(work.name, in: work.directories, nil, policy, work.path)
        else {
          dropPrepared(plan, work, after: error)
          return .failed(failure(error, in: directory))
        }
        let demand: Demand = work.intent.map { .finish($0) } ?? .settle
        plan = Plan()
        let moment = Moment(loop.wallClock(), in: zone)
        let verdict = Planner.plan(inventory, policy, demand, at: moment, renames: support(directory))
        if case .plan(let again) = verdict { plan = again }
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

  /// The records that close an intent: done when its file has left the live name, else dropped. That somebody is to be
  /// told comes first: of a write that is cut off, the intent stays open then.
  func ending(
    _ path: FilePath, _ intent: Intent, _ before: Inventory, _ policy: Policy, rotated: Bool = false
  ) -> [StateRecord] {
    guard rotated || before.live?.inode != intent.inode else { return [.dropped(log: path)] }
    return done(path, archive: intent.inode, due: intent.due, policy)
  }

  /// The records of a rotation that is done, with what its writers are owed.
  func done(_ path: FilePath, archive inode: UInt64, due: WallTime?, _ policy: Policy) -> [StateRecord] {
    let done = StateRecord.done(log: path, at: loop.wallClock(), due: due)
    let made = reader.claimed?.record(archive: inode, of: path, policy).map { [$0] } ?? []
    guard !policy.hooks.isEmpty else { return made + [done] }
    owed.append((path, inode))
    return made + [.owed(log: path, inode: inode), done]
  }
}
