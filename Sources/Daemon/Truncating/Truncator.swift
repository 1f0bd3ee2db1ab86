package import EventLoop
package import Rotation
internal import Timekeeping

// Rotation by copying. The log keeps its file; version 1 gets a copy of its complete lines, and then these are removed
// from the log, unless it is to stay as it is. Work that depends on the size of the log (searching, copying, comparing, truncating) is done in pieces,
// with a yield after each. The order makes it safe:
//
//   1. the copy is on disk, in a file without a name;
//   2. the state says, on disk, which bytes of which file are about to be in which archive;
//   3. versions are shifted and the copy gets the name of version 1, by the planner's steps; the directory is synced;
//   4. the bytes are removed from the log (Truncator+Truncation.swift);
//   5. archives beyond what the policy keeps are removed, and the state records the end.
//
// Nothing suspends between the last check of log and directory, step 2 and step 3. A crash before step 3 leaves only
// the gap of a shift, which the planner accepts. After a later crash, the record finds the archive by its inode,
// compares it with the log, byte by byte, and continues the truncation only if they agree (Truncator+Recovery.swift): a
// log that somebody has truncated or replaced meanwhile is not changed. Without the record, lines may be in two
// archives; none is lost.

/// Rotates logs of jobs with `method = "truncate"`, and finishes truncations that were begun.
package final class Truncator {
  let fileSystem: any FileSystem
  let loop: LoopExecutor
  let rotator: Rotator
  /// Set when the daemon stops: unfinished copies are dropped.
  package var isStopping = false
  /// What the file systems of the directories support, as far as known.
  private var support: [FilePath: TruncationSupport] = [:]
  /// Logs that are being rotated or recovered: after a reload, two jobs may want the same log.
  private var atWork: Set<FilePath> = []

  package init(fileSystem: any FileSystem, loop: LoopExecutor, rotator: Rotator) {
    self.fileSystem = fileSystem
    self.loop = loop
    self.rotator = rotator
  }

  var state: StateStore { rotator.state }

  /// A copy of complete lines that will become an archive.
  struct Copy {
    var path: FilePath
    var name: FileName
    var started: MonotonicTime
    var inode: UInt64
    var log: any LogFile
    var staged: any StagedFile
    var way: TruncationMethod
    /// The range of bytes of the log that it has.
    var start: Int64
    var end: Int64
    /// The offset of the log's first data, as far as its file system reports it, and some bytes at the start and the
    /// end of the copied range: right before the truncation they show whether the log is unchanged.
    var firstData: Int64
    var head: [UInt8]
    var tail: [UInt8] = []
  }

  /// How often a rotation starts again because the log's name was given to another file.
  static let attempts = 3

  /// Rotates a log if the cause makes it due; nil if the daemon stops meanwhile. Without `takes`, it only finishes what
  /// was begun.
  package func rotate(
    _ name: FileName, in directory: OpenDirectory, policy: Policy, cause: Cause, takes: Bool = true
  ) async -> LogResult? {
    let path = LogFinder.join(directory.path, name)
    await enter(path)
    defer { leave(path) }
    let known = state.log(path)
    if let served = known?.served, cause.isServed(by: served) { return LogResult(.skipped(.nothingToDo)) }
    var ended: [UInt64] = []
    if let intent = known?.intent {
      let (result, isAll) = rotator.finish(intent, name, in: directory, policy, cause)
      if isAll { return result }
      ended = result.ended
    }
    var finished: Outcome?
    if let cut = known?.cut {
      let result = await finishTruncation(name, in: directory, policy: policy).after(ended)
      if result.isFailure { return result }
      ended = result.ended
      if case .rotated = result.outcome {
        if cut.due == cause.due, cause.due != nil { return result }
        finished = result.outcome
      }
    }
    guard let next = await rotateAnew(name, path, in: directory, policy, cause, takes) else { return nil }
    // If nothing follows, the result is that of the rotation that has only now been finished.
    if let finished, case .skipped = next.outcome { return LogResult(finished, ended: ended) }
    return next.after(ended)
  }

  private func rotateAnew(
    _ name: FileName, _ path: FilePath, in directory: OpenDirectory, _ policy: Policy, _ cause: Cause, _ takes: Bool
  ) async -> LogResult? {
    for _ in 1...Self.attempts {
      if isStopping { return nil }
      do throws(Outcome.Failure) {
        let directories = try rotator.directories(directory, policy)
        if let skip = rotator.conflict(name, in: directories, path) { return LogResult(.skipped(skip)) }
        let looked = try await begin(name, path, in: directories, policy, cause)
        guard case .copy(var copy) = looked else {
          if case .end(let outcome) = looked { return LogResult(outcome) }
          continue
        }
        guard takes else { return LogResult(.skipped(.nothingToDo)) }
        guard try await fill(&copy, cause) else { return nil }
        if let result = try await commit(copy, in: directories, policy, cause) { return result }
      } catch {
        support[directory.path] = nil
        return LogResult(.failed(error))
      }
    }
    return LogResult(.failed(Outcome.Failure(step: "stat", path: path, errno: .exists)))
  }

  /// Waits until no other task works on the log. Such a task yields after each piece of work, and never sleeps.
  func enter(_ path: FilePath) async {
    while !atWork.insert(path).inserted { await loop.yield() }
  }

  func leave(_ path: FilePath) { atWork.remove(path) }

  // MARK: Checking

  private enum Looked {
    case copy(Copy)
    case end(Outcome)
    case again
  }

  private func begin(
    _ name: FileName, _ path: FilePath, in directories: LogDirectories, _ policy: Policy, _ cause: Cause
  ) async throws(Outcome.Failure) -> Looked {
    let directory = directories.log
    let started = loop.now()
    let found = try attempt("stat", path) { () throws(Errno) in try fileSystem.status(of: name, in: directory) }
    if let skip = Planner.obstacle(Inventory(name: name, live: found, naming: policy.naming), policy) {
      return .end(.skipped(skip))
    }
    guard let found, case .truncate(by: let wanted) = policy.method else {
      return .end(.skipped(.nothingToDo))
    }
    if case .size(let limit) = cause, rotator.heads.size(of: path, found, policy.method) < limit.bytes {
      return .end(.skipped(.nothingToDo))
    }
    let log = try attempt("open", path) { () throws(Errno) in
      try fileSystem.openLog(name, in: directory, mayBeLinked: policy.takesHardLinks, cuts: wanted != .leave)
    }
    guard try attempt("stat", path, { () throws(Errno) in try log.status().inode }) == found.inode else {
      return .again
    }
    var start: Int64 = 0
    if wanted != .leave {
      start = try await search("read", path) { () async throws(Errno) in try await self.start(of: log, path) }
      rotator.heads.note(path, inode: found.inode, start: start)
    }
    let (size, first, head) = try attempt("read", path) { () throws(Errno) in
      (try log.status().size, try log.nextData(from: 0), try log.read(Self.sample, at: start))
    }
    if case .size(let limit) = cause, size - start < limit.bytes { return .end(.skipped(.nothingToDo)) }
    guard start < size || policy.rotatesEmpty else { return .end(.skipped(.empty)) }
    if let due = cause.due {
      let measures = Condition.Measures(size: size - start, begun: state.begun(path, found), now: due)
      if let skip = Planner.unmet(policy, measures) { return .end(.skipped(skip)) }
    }
    let way = try await way(wanted, for: log, path, in: directory)
    if let other = try rotator.look(name, in: directories, nil, policy, path).obstacle {
      return .end(.skipped(.claimed(FilePath(policy.naming.name(of: name, other.key, suffix: other.suffix)))))
    }
    let staged = try attempt("create a copy", path) { () throws(Errno) in
      // On the file system where the archive will have its name.
      try fileSystem.stage(for: name, in: try directories.directory(of: directories.home.forNewArchives))
    }
    return .copy(
      Copy(
        path: path, name: name, started: started, inode: found.inode, log: log, staged: staged, way: way,
        start: start, end: start, firstData: first, head: head))
  }

  /// The truncation method for the log, decided before anything is copied.
  private func way(
    _ wanted: TruncationMethod, for log: any LogFile, _ path: FilePath, in directory: OpenDirectory
  ) async throws(Outcome.Failure) -> TruncationMethod {
    guard wanted != .copy, wanted != .leave else { return wanted }
    var known = support[directory.path]
    if known == nil {
      known = try attempt("probe", path) { () throws(Errno) in try fileSystem.cutSupport(in: directory) }
      support[directory.path] = known
    }
    let support = known ?? TruncationSupport(collapses: false, punches: false)
    var writers = OffsetWriters.unknown
    if wanted != .punch, support.collapses {
      repeat {
        writers = log.offsetWriters()
        if writers == .searching { await loop.yield() }
      } while writers == .searching && !isStopping
    }
    return try Self.way(wanted, writers, path, support: support)
  }

  /// The truncation method on a file system with this support. A method that the config requires and that is impossible
  /// is an error.
  static func way(
    _ wanted: TruncationMethod, _ writers: OffsetWriters, _ path: FilePath, support: TruncationSupport
  ) throws(Outcome.Failure) -> TruncationMethod {
    switch wanted {
    case .auto:
      // A writer that keeps its offset would leave a hole after a collapse, so a collapse needs certainty that there is
      // none.
      if support.collapses, writers == .none { return .collapse }
      return support.punches ? .punch : .copy
    case .collapse:
      guard support.collapses else { throw Outcome.Failure(step: "collapse", path: path, errno: .notSupported) }
      guard writers != .some else {
        throw Outcome.Failure(step: "collapse under a writer without O_APPEND", path: path, errno: .notSupported)
      }
    case .punch:
      guard support.punches else { throw Outcome.Failure(step: "punch", path: path, errno: .notSupported) }
    case .copy, .leave: break
    }
    return wanted
  }

  // MARK: Copying

  /// Copies complete lines, in pieces that are on disk when the next one begins; false if the daemon
  /// stops. A log that is due by its size is copied as it is now, so that its archive is no larger than the limit asks
  /// for. For one that is due by time, the copy continues until it is close behind the writer.
  private func fill(_ copy: inout Copy, _ cause: Cause) async throws(Outcome.Failure) -> Bool {
    let rounds = if case .size = cause, copy.way != .copy { 1 } else { Limits.copyRounds }
    for _ in 1...rounds {
      let log = copy.log
      let size = try attempt("read", copy.path) { () throws(Errno) in try log.status().size }
      let end = try await search("read", copy.path) { [copy] () async throws(Errno) in
        try await lastLine(of: copy, upTo: size)
      }
      if isStopping { return false }
      while copy.end < end {
        let copied = try attempt("copy", copy.path) { [copy] () throws(Errno) in
          let place = copy.end - copy.start
          let copied = try log.copy(
            from: copy.end, to: end, atMost: Limits.copyChunk, into: copy.staged, at: place)
          try copy.staged.flush(from: place, to: place + copied)
          return copied
        }
        // Somebody has truncated the log meanwhile. A file that is written anew is copied as it was until then.
        if copied == 0, copy.way == .leave { return true }
        guard copied > 0 else { throw Outcome.Failure(step: "copy", path: copy.path, errno: .again) }
        copy.end += copied
        if copy.end < end { await loop.yield() }
        if isStopping { return false }
      }
      let left = try attempt("read", copy.path) { () throws(Errno) in try log.status().size } - copy.end
      if left < Limits.copyLag { break }
    }
    if copy.way == .leave { return true }
    copy.tail = try attempt("read", copy.path) { [copy] () throws(Errno) in
      let count = min(copy.end - copy.start, Int64(Self.sample))
      return try copy.log.read(Int(count), at: copy.end - count)
    }
    return true
  }

  // MARK: Errors

  func attempt<Result>(
    _ step: String, _ path: FilePath, _ body: () throws(Errno) -> Result
  ) throws(Outcome.Failure) -> Result {
    do throws(Errno) {
      return try body()
    } catch {
      throw Outcome.Failure(step: step, path: path, errno: error)
    }
  }

  /// The same for work in pieces.
  func search<Result>(
    _ step: String, _ path: FilePath, _ body: () async throws(Errno) -> Result
  ) async throws(Outcome.Failure) -> Result {
    do throws(Errno) {
      return try await body()
    } catch {
      throw Outcome.Failure(step: step, path: path, errno: error)
    }
  }
}
