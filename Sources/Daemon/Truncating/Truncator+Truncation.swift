import EventLoop
import Rotation
internal import Timekeeping

extension Truncator {
  // MARK: Publishing

  /// Makes the copy version 1 and truncates the log by what the copy has; nil if the log's name is another file's now,
  /// or the log differs from the copy. Nothing suspends before the copy has its name, which is then in the state.
  func commit(
    _ copy: Copy, in directories: LogDirectories, _ policy: Policy, _ cause: Cause
  ) async throws(Outcome.Failure) -> LogResult? {
    let directory = directories.log
    guard copy.end > copy.start || policy.rotatesEmpty else {
      return LogResult(.skipped(copy.way == .leave ? .empty : .unfinishedLine))
    }
    let archive = try attempt("sync the copy", copy.path) { () throws(Errno) in
      try copy.staged.sync()
      return try copy.staged.status().inode
    }
    var cut = Truncation(
      live: copy.inode, archive: archive, start: copy.start, end: copy.end, way: copy.way,
      blockSize: copy.log.blockSize, due: cause.due)
    for round in 1... {
      let inventory = try rotator.look(copy.name, in: directories, nil, policy, copy.path)
      guard let live = inventory.live, live.inode == copy.inode else { return nil }
      // Another tool, or another job after a reload, may have truncated it meanwhile. What is not cut may change as it likes.
      let isSound =
        copy.way == .leave ? true : try attempt("read", copy.path) { () throws(Errno) in try isUnchanged(copy) }
      guard isSound else { return nil }
      let plan = Planner.plan(
        inventory, policy, .rotate, at: rotator.moment(of: cause), renames: rotator.support(directory))
      if let skip = plan.skip { return LogResult(.skipped(skip)) }
      let parts = plan.aroundTruncation
      try remember(cut, of: copy.path, policy)
      do throws(StepFailure) {
        _ = try rotator.applier.apply(parts.before, live: copy.name, in: directories) { to throws(Errno) in
          // The age of a copy counts from when it was made, as its lines may be old.
          try copy.staged.publish(as: to.name, like: copy.log, times: copy.way != .leave)
        }
      } catch {
        state.record([.dropped(log: copy.path)])
        guard round < Self.attempts, rotator.mayPlanAgain(error, in: directory) else {
          throw rotator.failure(error, in: directory)
        }
        continue
      }
      try sync(directories, copy.path)
      try await carryOut(&cut, copy.path, log: copy.log, archive: (copy.staged, copy.end - copy.start))
      let rotated = Outcome.Rotated(
        archive: "", inode: archive, bytes: copy.end - copy.start,
        reason: cause.describe(size: copy.end - copy.start), took: loop.now() - copy.started, pruned: [],
        setAside: plan.setAside, unremoved: [], way: copy.way)
      return LogResult(try finish(rotated, cut, copy.name, in: directories, policy), ended: [cut.archive])
    }
    preconditionFailure("the loop above returns")
  }

  /// Removes the archives that the rotation of a truncated log has pushed out, and records the end. The directory is
  /// read again: while the truncation yielded, archives may have been renamed.
  func finish(
    _ rotated: Outcome.Rotated, _ cut: Truncation, _ name: FileName, in directories: LogDirectories, _ policy: Policy
  ) throws(Outcome.Failure) -> Outcome {
    let path = LogFinder.join(directories.log.path, name)
    let inventory = try rotator.look(name, in: directories, nil, policy, path)
    defer { close(cut, path, policy) }
    guard let archive = inventory.archive(holding: cut.intent) else { return .settled(archive: nil) }
    let plan = Planner.plan(
      inventory, policy, .finish(cut.intent), at: rotator.moment(of: .recovery),
      renames: rotator.support(directories.log))
    var rotated = rotated
    rotated.archive = archive.path
    rotated.pruned = plan.pruned
    do throws(StepFailure) {
      let parts = plan.aroundTruncation
      let applied = try rotator.applier.apply(parts.before + parts.after, live: name, in: directories)
      rotated.prunedBytes = applied.freed
      rotator.take(applied.unremoved, into: &rotated, directories)
    } catch {
      rotated.unremoved = [rotator.failure(error, in: directories.log)]
    }
    return .rotated(rotated)
  }

  // MARK: Truncating

  /// Records a truncation on disk: nothing may be done to the log before its record.
  private func remember(_ cut: Truncation, of path: FilePath, _ policy: Policy? = nil) throws(Outcome.Failure) {
    let naming = policy.flatMap { state.naming(path, $0) }
    state.record([naming, .cutting(log: path, cut)].compactMap(\.self), durably: true)
    guard let errno = state.failure else { return }
    // The next try records it again.
    var former = cut
    former.isPunched = false
    state.record([cut.isPunched ? .cutting(log: path, former) : .dropped(log: path)])
    throw Outcome.Failure(step: "record in the state the truncation of", path: path, errno: errno)
  }

  /// Records that a truncation is done, and what it has left in the log.
  func close(_ cut: Truncation, _ path: FilePath, _ policy: Policy) {
    var records: [StateRecord] = []
    if cut.padding.length > 0 || state.log(path)?.padding != nil { records.append(.filled(log: path, cut.padding)) }
    state.record(records + rotator.done(path, archive: cut.archive, due: cut.due, policy))
    rotator.heads.forget(path)
  }

  /// Removes from the log what the archive has, once the archive has its name on disk. A second call after the removal
  /// is harmless.
  func carryOut(
    _ cut: inout Truncation, _ path: FilePath, log: any LogFile, archive: (file: any WritableFile, agreed: Int64)?
  ) async throws(Outcome.Failure) {
    switch cut.way {
    case .collapse, .auto: try await collapse(&cut, path, log)
    case .punch:
      try await search("punch", path) { [cut] () async throws(Errno) in
        guard cut.end > 0 else { return }
        try await punch(log, below: cut.end, of: cut)
        // This comes before the state records the end: state and log may be on different disks.
        try await sync(log, from: cut.end)
      }
    case .leave: break
    case .copy:
      guard let archive else { return }
      try attempt("copy the end of", path) { [cut] () throws(Errno) in
        try empty(log, cut, archive.file, agreed: archive.agreed)
      }
    }
  }

  /// First writes padding over the bytes that fill no block, and NULs over the blocks: bytes keep their offsets, so
  /// this can be repeated. When that is on disk and recorded, the blocks are removed. The head of the file shows
  /// whether that was done: NULs before, padding after. If the file system refuses, the log keeps NULs at its head, as
  /// after a punch.
  private func collapse(_ cut: inout Truncation, _ path: FilePath, _ log: any LogFile) async throws(Outcome.Failure) {
    if !cut.isPunched {
      try await search("write padding to", path) { [cut] () async throws(Errno) in
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

  /// Overwrites what is archived with NULs, in pieces, from the head on. After each yield, the log must still have only
  /// a hole where it was punched, and be as long: if not, somebody has truncated it and has written what is not
  /// archived.
  private func punch(_ log: any LogFile, below end: Int64, of cut: Truncation) async throws(Errno) {
    var place: Int64 = 0
    while place < end {
      let data = try log.nextData(from: place)
      guard data < end else { return }
      // The beginning of a cluster.
      let start = max(place, data / Limits.maxPadding * Limits.maxPadding)
      place = min(end, start + Limits.punchChunk)
      try log.punch(from: start, to: place)
      guard place < end else { return }
      guard try log.nextData(from: 0) >= place else {
        // The file system does not report holes, so a check after a yield would see nothing.
        return try log.punch(from: place, to: end)
      }
      await loop.yield()
      guard try log.nextData(from: 0) >= place, try log.status().size >= cut.end else { throw .again }
    }
  }

  /// Writes the content of a log from an offset on to disk, in pieces.
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

  /// Copies what was written meanwhile, until there is nothing new, and empties the log at once. Bytes that a busy
  /// writer adds between the last check and the call are lost. The first `agreed` bytes of the archive equal those of
  /// the log; after them may be bytes that somebody has appended to the archive.
  private func empty(
    _ log: any LogFile, _ cut: Truncation, _ archive: any WritableFile, agreed: Int64
  ) throws(Errno) {
    var end = cut.start + agreed
    for _ in 1...Limits.copyRounds {
      let size = try log.status().size
      // Somebody else has truncated it.
      guard size >= end else { return }
      if size == end { break }
      end += try log.copy(from: end, to: size, atMost: .max, into: archive, at: try archive.status().size)
      try archive.sync()
    }
    try log.empty()
    try log.sync()
  }

  /// Writes the names of archives to disk.
  func sync(_ directories: LogDirectories, _ path: FilePath) throws(Outcome.Failure) {
    try attempt("sync the directory of", path) { () throws(Errno) in
      try fileSystem.sync(directories.log)
      if let archives = directories.archives, directories.home.isOnLogsFileSystem { try fileSystem.sync(archives) }
    }
  }
}
