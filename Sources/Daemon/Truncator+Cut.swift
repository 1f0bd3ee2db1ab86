internal import EventLoop
package import Rotation

extension Truncator {
  // MARK: Publishing

  /// Makes the copy version 1 and cuts what it holds off the log; nil when the log's name stands for another file now.
  /// Nothing in here waits.
  func commit(
    _ copy: Copy, in directories: LogDirectories, _ policy: Policy, _ cause: Cause
  ) throws(Outcome.Failure) -> Outcome? {
    let directory = directories.log
    guard copy.end > copy.start || policy.rotatesEmpty else { return .skipped(.unfinishedLine) }
    let archive = try attempt("sync the copy", copy.path) { () throws(Errno) in
      try copy.staged.sync()
      return try copy.staged.status().inode
    }
    var cut = Cut(
      live: copy.inode, archive: archive, start: copy.start, end: copy.end, way: copy.way,
      blockSize: copy.log.blockSize, due: cause.due)
    for round in 1... {
      let inventory = try rotator.look(copy.name, in: directories, nil, policy, copy.path)
      guard let live = inventory.live, live.inode == copy.inode, live.size >= copy.end else { return nil }
      // Another tool, or another job after a reload, may have cut it meanwhile.
      guard try attempt("read", copy.path, { () throws(Errno) in try start(of: copy.log, copy.path) }) == copy.start
      else { return nil }
      let plan: Plan
      let moment = rotator.moment(of: cause)
      switch Planner.plan(inventory, policy, .rotate, at: moment, renames: rotator.support(directory)) {
      case .skip(let skip): return .skipped(skip)
      case .plan(let found): plan = found
      }
      let later = plan.steps.firstIndex { if case .copy = $0 { true } else { false } }.map { $0 + 1 } ?? 0
      try remember(cut, of: copy.path)
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
      try carryOut(&cut, copy.path, log: copy.log, archive: copy.staged)
      let outcome = finish(copy, plan, plan.steps[later...], in: directories, cause)
      close(cut, copy.path, policy)
      return outcome
    }
    preconditionFailure("the loop above returns")
  }

  /// Removes what the rotation has pushed out, and says what came of it.
  private func finish(
    _ copy: Copy, _ plan: Plan, _ steps: ArraySlice<Step>, in directories: LogDirectories, _ cause: Cause
  ) -> Outcome {
    let bytes = copy.end - copy.start
    var rotated = Outcome.Rotated(
      archive: plan.archive?.path ?? "", inode: try? copy.staged.status().inode, bytes: bytes,
      reason: cause.describe(size: bytes), took: Span(nanoseconds: loop.now().nanoseconds - copy.started.nanoseconds),
      pruned: plan.pruned, setAside: plan.setAside, unremoved: [], way: copy.way)
    do throws(StepFailure) {
      rotated.unremoved = try rotator.applier.apply(steps, live: copy.name, in: directories).map {
        rotator.failure($0, in: directories.log)
      }
    } catch {
      rotated.unremoved.append(rotator.failure(error, in: directories.log))
    }
    return .rotated(rotated)
  }

  // MARK: The cut

  /// Writes a cut down, on disk: what is done to the log must never be ahead of it.
  private func remember(_ cut: Cut, of path: FilePath) throws(Outcome.Failure) {
    state.record([.cutting(log: path, cut)], durably: true)
    guard let errno = state.failure else { return }
    // The next try writes it down again.
    var former = cut
    former.isPunched = false
    state.record([cut.isPunched ? .cutting(log: path, former) : .dropped(log: path)])
    throw Outcome.Failure(step: "write to the state that it will be cut", path: path, errno: errno)
  }

  private func close(_ cut: Cut, _ path: FilePath, _ policy: Policy) {
    var records: [StateRecord] = []
    if cut.filler.length > 0 || state.log(path)?.filler != nil { records.append(.filled(log: path, cut.filler)) }
    state.record(records + rotator.done(path, archive: cut.archive, due: cut.due, policy))
  }

  /// Cuts off the log what the archive, which has its name on disk, holds. May be called again after it was cut off.
  private func carryOut(
    _ cut: inout Cut, _ path: FilePath, log: any LogFile, archive: (any WritableFile)?
  ) throws(Outcome.Failure) {
    switch cut.way {
    case .collapse, .auto: try collapse(&cut, path, log)
    case .punch:
      try attempt("punch", path) { [cut] () throws(Errno) in
        guard cut.end > 0 else { return }
        try log.punch(below: cut.end)
        // Before the state says that it is done: the two may be on different disks.
        try log.sync()
      }
    case .copy:
      guard let archive else { return }
      try attempt("copy the end of", path) { [cut] () throws(Errno) in try empty(log, cut, archive) }
    }
  }

  /// First filler in place of what fills no block, and NULs in place of the blocks: bytes keep their offsets, so this can be
  /// done again. When that is on disk, and written down, the blocks are taken out. If that was done is seen from the head of
  /// the file: NUL before, filler after. Where it is refused, a log with NULs at its head is left, as after a punch.
  private func collapse(_ cut: inout Cut, _ path: FilePath, _ log: any LogFile) throws(Outcome.Failure) {
    if !cut.isPunched {
      try attempt("write filler to", path) { [cut] () throws(Errno) in
        if cut.filler.length > 0 { try log.overwrite(cut.filler.bytes, at: cut.removed) }
        if cut.removed > 0 { try log.punch(below: cut.removed) }
        try log.sync()
      }
      guard cut.removed > 0 else { return }
      cut.isPunched = true
      try remember(cut, of: path)
    }
    try attempt("collapse", path) { [cut] () throws(Errno) in
      guard try log.firstData(from: 0) >= cut.removed else { return }
      do throws(Errno) {
        try log.collapse(below: cut.removed)
      } catch  where error == .notSupported || error == .invalid {}
    }
  }

  /// Copies what was written since, until there is nothing new, and empties the log at once. A writer that never rests
  /// loses what comes between the last look and the call.
  private func empty(_ log: any LogFile, _ cut: Cut, _ archive: any WritableFile) throws(Errno) {
    var end = cut.start + (try archive.status().size)
    for _ in 1...Limits.copyRounds {
      let size = try log.status().size
      // Somebody else has cut it.
      guard size >= end else { return }
      if size == end { break }
      end += try log.copy(size - end, from: end, to: archive, at: end - cut.start)
      try archive.sync()
    }
    try log.empty()
    try log.sync()
  }

  /// Brings the names of archives to disk.
  private func sync(_ directories: LogDirectories, _ path: FilePath) throws(Outcome.Failure) {
    try attempt("sync the directory of", path) { () throws(Errno) in
      try fileSystem.sync(directories.log)
      if let archives = directories.archives, directories.home.isOnLogsFileSystem { try fileSystem.sync(archives) }
    }
  }

  // MARK: Recovery

  /// Finishes a cut that was begun, or drops it when nothing came of it.
  package func recover(_ name: FileName, in directory: OpenDirectory, policy: Policy) -> Outcome {
    let path = LogFinder.join(directory.path, name)
    guard var cut = state.log(path)?.cut else { return .skipped(.nothingToDo) }
    let started = loop.now()
    do throws(Outcome.Failure) {
      let directories = try rotator.directories(directory, policy)
      let inventory = try rotator.look(name, in: directories, nil, policy, path)
      let version = inventory.versions.first { inventory.isFile(cut.archive, $0) && $0.suffix.isEmpty }
      guard inventory.live?.inode == cut.live, version != nil || cut.isPunched else { return drop(path) }
      let log = try attempt("open", path) { () throws(Errno) in try fileSystem.openLog(name, in: directory) }
      guard try attempt("look", path, { () throws(Errno) in try log.status().inode }) == cut.live else {
        return .failed(Outcome.Failure(step: "look", path: path, errno: .exists))
      }
      var archive: (any LogFile)?
      if !cut.isPunched, let version {
        let opened = try attempt("compare with its archive", path) { () throws(Errno) in
          try fileSystem.openLog(inventory.name(of: version), in: try directories.directory(of: version.place))
        }
        let isWhole = try attempt("compare with its archive", path) { [cut] () throws(Errno) in
          try holds(log, cut, opened)
        }
        // Else it is not what was archived, and is left alone; or, by copying, it was emptied already.
        guard isWhole || cut.way == .copy else {
          _ = drop(path)
          return .settled(archive: inventory.location(of: version).path)
        }
        try sync(directories, path)
        archive = isWhole ? opened : nil
      }
      try carryOut(&cut, path, log: log, archive: archive)
      let outcome = finishRecovery(inventory, version, cut, started, in: directories, policy)
      close(cut, path, policy)
      return outcome
    } catch {
      return .failed(error)
    }
  }

  private func drop(_ path: FilePath) -> Outcome {
    state.record([.dropped(log: path)])
    return .skipped(.nothingToDo)
  }

  private func finishRecovery(
    _ inventory: Inventory, _ version: Version?, _ cut: Cut, _ started: MonotonicTime,
    in directories: LogDirectories, _ policy: Policy
  ) -> Outcome {
    guard let version else { return .settled(archive: nil) }
    var rotated = Outcome.Rotated(
      archive: inventory.location(of: version).path, inode: version.inode, bytes: cut.end - cut.start,
      reason: Cause.recovery.describe(size: cut.end - cut.start),
      took: Span(nanoseconds: loop.now().nanoseconds - started.nanoseconds), pruned: [], setAside: [], unremoved: [],
      way: cut.way)
    let demand = Demand.finish(Intent(inode: cut.archive, due: cut.due))
    let directory = directories.log
    let moment = rotator.moment(of: .recovery)
    let verdict = Planner.plan(inventory, policy, demand, at: moment, renames: rotator.support(directory))
    if case .plan(let plan) = verdict {
      rotated.pruned = plan.pruned
      do throws(StepFailure) {
        rotated.unremoved = try rotator.applier.apply(plan.steps, live: inventory.name, in: directories).map {
          rotator.failure($0, in: directory)
        }
      } catch {
        rotated.unremoved = [rotator.failure(error, in: directory)]
      }
    }
    return .rotated(rotated)
  }

  /// Whether the log still has what the archive holds, but for what the cut has done to it.
  private func holds(_ log: any LogFile, _ cut: Cut, _ archive: any LogFile) throws(Errno) -> Bool {
    let filler = cut.filler.bytes
    let size = try archive.status().size
    guard size >= cut.end - cut.start, try log.status().size - cut.start >= size else { return false }
    var place = cut.start
    while place < cut.start + size {
      let count = Int(min(cut.start + size - place, 1 << 20))
      let (there, kept) = (try log.read(count, at: place), try archive.read(count, at: place - cut.start))
      guard there.count == count, kept.count == count else { return false }
      if there != kept {
        for index in 0..<count where there[index] != kept[index] {
          let offset = place + Int64(index)
          let isCut =
            offset < cut.removed
            ? cut.way != .copy && there[index] == 0
            : offset < cut.end && there[index] == filler[Int(offset - cut.removed)]
          guard isCut else { return false }
        }
      }
      place += Int64(count)
    }
    return true
  }
}
