import EventLoop
import Rotation
internal import Timekeeping

extension Truncator {
  // MARK: Publishing

  /// Makes the copy version 1 and cuts what it holds off the log; nil when the log's name stands for another file now, or the
  /// log is not what was copied. Nothing waits before the copy has its name, which the state knows by then.
  func commit(
    _ copy: Copy, in directories: LogDirectories, _ policy: Policy, _ cause: Cause
  ) async throws(Outcome.Failure) -> LogResult? {
    let directory = directories.log
    guard copy.end > copy.start || policy.rotatesEmpty else { return LogResult(.skipped(.unfinishedLine)) }
    let archive = try attempt("sync the copy", copy.path) { () throws(Errno) in
      try copy.staged.sync()
      return try copy.staged.status().inode
    }
    var cut = Truncation(
      live: copy.inode, archive: archive, start: copy.start, end: copy.end, way: copy.way,
      blockSize: copy.log.blockSize, due: cause.due)
    for round in 1... {
      let inventory = try rotator.look(copy.name, in: directories, nil, policy, copy.path)
      guard let live = inventory.live, live.inode == copy.inode, live.size >= copy.end else { return nil }
      // Another tool, or another job after a reload, may have cut it meanwhile.
      guard try attempt("read", copy.path, { () throws(Errno) in try isUnchanged(copy) }) else { return nil }
      let plan: Plan
      let moment = rotator.moment(of: cause)
      switch Planner.plan(inventory, policy, .rotate, at: moment, renames: rotator.support(directory)) {
      case .skip(let skip): return LogResult(.skipped(skip))
      case .plan(let found): plan = found
      }
      let later = plan.steps.firstIndex { if case .copy = $0 { true } else { false } }.map { $0 + 1 } ?? 0
      try remember(cut, of: copy.path, policy)
      do throws(StepFailure) {
        _ = try rotator.applier.apply(plan.steps[..<later], live: copy.name, in: directories) { to throws(Errno) in
          try copy.staged.publish(as: to.name, like: copy.log)
        }
      } catch {
        state.record([.dropped(log: copy.path)])
        guard round < Self.attempts, rotator.mayPlanAgain(error, in: directory) else {
          throw rotator.failure(error, in: directory)
        }
        continue
      }
      try sync(directories, copy.path)
      let passes = loop.passes
      try await carryOut(&cut, copy.path, log: copy.log, archive: copy.staged)
      var rest = (plan: plan, steps: plan.steps[later...])
      // While it gave way, archives may have come to have other names.
      if loop.passes != passes { rest = try planAgain(cut, copy, in: directories, policy) }
      let outcome = finish(copy, plan, rest.plan, rest.steps, in: directories, cause)
      close(cut, copy.path, policy)
      return LogResult(outcome, ended: [cut.archive])
    }
    preconditionFailure("the loop above returns")
  }

  /// What is left to be done of a rotation whose cut has given way to other work.
  private func planAgain(
    _ cut: Truncation, _ copy: Copy, in directories: LogDirectories, _ policy: Policy
  ) throws(Outcome.Failure) -> (plan: Plan, steps: ArraySlice<Step>) {
    let inventory = try rotator.look(copy.name, in: directories, nil, policy, copy.path)
    let demand = Demand.finish(Intent(inode: cut.archive, due: cut.due))
    let verdict = Planner.plan(
      inventory, policy, demand, at: rotator.moment(of: .recovery), renames: rotator.support(directories.log))
    guard case .plan(let plan) = verdict else { return (Plan(), []) }
    return (plan, plan.steps[...])
  }

  /// Removes what the rotation has pushed out, and says what came of it.
  private func finish(
    _ copy: Copy, _ plan: Plan, _ rest: Plan, _ steps: ArraySlice<Step>, in directories: LogDirectories, _ cause: Cause
  ) -> Outcome {
    let bytes = copy.end - copy.start
    var rotated = Outcome.Rotated(
      archive: plan.archive?.path ?? "", inode: try? copy.staged.status().inode, bytes: bytes,
      reason: cause.describe(size: bytes), took: loop.now() - copy.started, pruned: rest.pruned,
      setAside: plan.setAside, unremoved: [], way: copy.way)
    do throws(StepFailure) {
      let unremoved = try rotator.applier.apply(steps, live: copy.name, in: directories)
      rotator.take(unremoved, into: &rotated, directories)
    } catch {
      rotated.unremoved.append(rotator.failure(error, in: directories.log))
    }
    return .rotated(rotated)
  }

  // MARK: The cut

  /// Writes a cut down, on disk: what is done to the log must never be ahead of it.
  private func remember(_ cut: Truncation, of path: FilePath, _ policy: Policy? = nil) throws(Outcome.Failure) {
    let naming = policy.flatMap { state.naming(path, $0) }
    state.record([naming, .cutting(log: path, cut)].compactMap(\.self), durably: true)
    guard let errno = state.failure else { return }
    // The next try writes it down again.
    var former = cut
    former.isPunched = false
    state.record([cut.isPunched ? .cutting(log: path, former) : .dropped(log: path)])
    throw Outcome.Failure(step: "write to the state that it will be cut", path: path, errno: errno)
  }

  /// Writes down that a cut is done, and what it has left.
  func close(_ cut: Truncation, _ path: FilePath, _ policy: Policy) {
    var records: [StateRecord] = []
    if cut.padding.length > 0 || state.log(path)?.padding != nil { records.append(.filled(log: path, cut.padding)) }
    state.record(records + rotator.done(path, archive: cut.archive, due: cut.due, policy))
    rotator.heads.forget(path)
  }

  /// Cuts off the log what the archive, which has its name on disk, holds. May be called again after it was cut off.
  func carryOut(
    _ cut: inout Truncation, _ path: FilePath, log: any LogFile, archive: (any WritableFile)?
  ) async throws(Outcome.Failure) {
    switch cut.way {
    case .collapse, .auto: try await collapse(&cut, path, log)
    case .punch:
      try await search("punch", path) { [cut] () async throws(Errno) in
        guard cut.end > 0 else { return }
        try await punch(log, below: cut.end, of: cut)
        // Before the state says that it is done: the two may be on different disks.
        try await sync(log, from: cut.end)
      }
    case .copy:
      guard let archive else { return }
      try attempt("copy the end of", path) { [cut] () throws(Errno) in try empty(log, cut, archive) }
    }
  }

  /// First filler in place of what fills no block, and NULs in place of the blocks: bytes keep their offsets, so this can be
  /// done again. When that is on disk, and written down, the blocks are taken out. If that was done is seen from the head of
  /// the file: NUL before, filler after. Where it is refused, a log with NULs at its head is left, as after a punch.
  private func collapse(_ cut: inout Truncation, _ path: FilePath, _ log: any LogFile) async throws(Outcome.Failure) {
    if !cut.isPunched {
      try await search("write filler to", path) { [cut] () async throws(Errno) in
        if cut.padding.length > 0 { try log.overwrite(cut.padding.bytes, at: cut.removed) }
        if cut.removed > 0 { try await punch(log, below: cut.removed, of: cut) }
        try await sync(log, from: cut.end)
      }
      guard cut.removed > 0 else { return }
      cut.isPunched = true
      try remember(cut, of: path)
    }
    try await search("collapse", path) { [cut] () async throws(Errno) in
      guard try await firstContent(of: log) >= cut.removed, !isStopping else { return }
      do throws(Errno) {
        try log.collapse(below: cut.removed)
      } catch  where error == .notSupported || error == .invalid {}
    }
  }

  /// Makes NULs of what is archived, in pieces, from the head on. Where it has given way in between, the log must still have
  /// nothing but a hole where it was punched, and be as long: else somebody has cut it, and has written what is not archived.
  private func punch(_ log: any LogFile, below end: Int64, of cut: Truncation) async throws(Errno) {
    var place: Int64 = 0
    while place < end {
      let data = try log.nextData(from: place)
      guard data < end else { return }
      // Where a cluster begins.
      let start = max(place, data / Limits.maxPadding * Limits.maxPadding)
      place = min(end, start + Limits.punchChunk)
      try log.punch(from: start, to: place)
      guard place < end else { return }
      guard try log.nextData(from: 0) >= place else {
        // Its file system does not tell of holes, so that nothing could be seen after a wait.
        return try log.punch(from: place, to: end)
      }
      await loop.yield()
      guard try log.nextData(from: 0) >= place, try log.status().size >= cut.end else { throw .again }
    }
  }

  /// Brings a log to disk whose content from an offset on may still be on its way there, in pieces.
  private func sync(_ log: any LogFile, from start: Int64) async throws(Errno) {
    let size = try log.status().size
    var place = start
    while place < size {
      place = try log.nextData(from: place)
      guard place < size else { break }
      let end = min(size, place + Limits.copyChunk)
      try log.flush(from: place, to: end)
      place = end
      if place < size { await loop.yield() }
    }
    try log.sync()
  }

  /// Copies what was written since, until there is nothing new, and empties the log at once. A writer that never rests
  /// loses what comes between the last look and the call.
  private func empty(_ log: any LogFile, _ cut: Truncation, _ archive: any WritableFile) throws(Errno) {
    var end = cut.start + (try archive.status().size)
    for _ in 1...Limits.copyRounds {
      let size = try log.status().size
      // Somebody else has cut it.
      guard size >= end else { return }
      if size == end { break }
      end += try log.copy(from: end, to: size, atMost: .max, into: archive, at: end - cut.start)
      try archive.sync()
    }
    try log.empty()
    try log.sync()
  }

  /// Brings the names of archives to disk.
  func sync(_ directories: LogDirectories, _ path: FilePath) throws(Outcome.Failure) {
    try attempt("sync the directory of", path) { () throws(Errno) in
      try fileSystem.sync(directories.log)
      if let archives = directories.archives, directories.home.isOnLogsFileSystem { try fileSystem.sync(archives) }
    }
  }
}
