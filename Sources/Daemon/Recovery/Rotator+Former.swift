import EventLoop
import Rotation
internal import Timekeeping

// What was begun under one config and is to be ended under another, whose archives have other names, or lie elsewhere. The
// names of before are in the state (`NameHistory`). What already has such a name is settled under them; a log that still has
// its own is rotated to the names of now.

extension Rotator {
  /// The policy under which the archives of a log were made so far; nil when that is the one of now.
  func former(_ policy: Policy, of path: FilePath) -> Policy? {
    guard let last = state.log(path)?.names?.last, last != policy.names else { return nil }
    return last.replacing(namesOf: policy)
  }

  /// The directories of before, none of which is made; nil when they cannot be looked into.
  func directories(_ directory: OpenDirectory, former: Policy) -> (policy: Policy, directories: LogDirectories)? {
    (try? directories(directory, former, makes: false)).map { (former, $0) }
  }

  /// Brings to its end what has names of a former config; nil when the rotation that was begun, if any, is left to the config
  /// of now. A rotation that was only begun under later names than these is no matter of theirs.
  func settle(
    _ name: FileName, in directory: OpenDirectory, former policy: Policy, serving due: WallTime? = nil,
    hidden: [Location] = []
  ) -> LogResult? {
    let path = LogFinder.join(directory.path, name)
    let known = state.log(path)
    guard let (_, directories) = self.directories(directory, former: policy) else { return nil }
    var records: [StateRecord] = []
    defer { state.record(records) }
    do throws(Outcome.Failure) {
      let inventory = try look(name, in: directories, nil, policy, path, isRecovery: true, hidden: hidden)
      var intent = known?.names?.last == policy.names ? known?.intent : nil
      if let begun = intent, inventory.live?.inode == begun.inode, inventory.linkedVersion == nil { intent = nil }
      let moment = Moment(loop.wallClock(), in: zone)
      let demand: Demand = intent.map { .finish($0) } ?? .settle
      let plan = Planner.plan(inventory, policy, demand, at: moment, renames: support(directory))
      if plan.takesLive, let due, let begun = intent {
        intent = begun.serving(due)
        if let intent { state.record([.begun(log: path, intent)]) }
      }
      guard !plan.now.isEmpty else {
        return intent.map { end($0, path, inventory, policy, &records) }
      }
      let work = Work(
        directories: directories, path: path, name: name, started: loop.now(), inventory: inventory, plan: plan,
        intent: intent)
      let result = carryOut(work, policy, .recovery, &records)
      if result.isFailure { return result }
      if intent == nil { return nil }
      guard case .rotated(let rotated) = result.outcome, !plan.takesLive else { return result }
      return LogResult(.settled(archive: rotated.archive), ended: result.ended)
    } catch {
      return LogResult(.failed(error))
    }
  }

  /// The same for the names of before; nil where they are those of now.
  func recoverFormer(
    _ name: FileName, in directory: OpenDirectory, _ policy: Policy, serving due: WallTime?
  ) -> LogResult? {
    former(policy, of: LogFinder.join(directory.path, name))
      .flatMap { settle(name, in: directory, former: $0, serving: due) }
  }
}
