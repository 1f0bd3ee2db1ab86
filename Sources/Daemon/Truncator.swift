package import EventLoop
package import Rotation

// Rotation by copying. The log keeps its file; version 1 is filled with a copy of its whole lines, and then they are cut
// off the log. The copying is long, and gives way to everything else after each chunk; the rest is one piece of code
// without a wait in it. Its order is what makes it safe:
//
//   1. the copy is on disk, in a file without a name;
//   2. the state says, on disk, which bytes of which file are about to be in which archive;
//   3. versions are shifted and the copy gets the name of version 1, by the planner's steps; the directory is synced;
//   4. the bytes are cut off (Truncator+Cut.swift);
//   5. what is more than the policy keeps is removed, and the state says that it is done.
//
// A crash before 3 leaves nothing but the gap of a shift, which the planner lives with. After it the record finds the
// archive by its inode, compares it with the log, byte by byte, and goes on with the cut only if they agree: a log that
// somebody has cut or replaced meanwhile is not touched. Without the record lines may be in two archives; none is lost.

/// Rotates logs of jobs that truncate, and finishes cuts that were begun.
package final class Truncator {
  let fileSystem: any FileSystem
  let loop: LoopExecutor
  let rotator: Rotator
  /// Set when the daemon stops: what is being copied is dropped.
  package var isStopping = false
  /// What is known of the directories' file systems.
  private var support: [FilePath: CutSupport] = [:]

  package init(fileSystem: any FileSystem, loop: LoopExecutor, rotator: Rotator) {
    self.fileSystem = fileSystem
    self.loop = loop
    self.rotator = rotator
  }

  var state: StateStore { rotator.state }

  /// A copy of whole lines that is on its way to be an archive.
  struct Copy {
    var path: FilePath
    var name: FileName
    var started: MonotonicTime
    var inode: UInt64
    var log: any LogFile
    var staged: any StagedFile
    var way: TruncateWay
    /// The bytes of the log that it holds.
    var start: Int64
    var end: Int64
  }

  /// How often a log is begun with anew when its name was given to another file meanwhile.
  static let attempts = 3

  /// Rotates a log, if the cause makes it due; nil when the daemon stops meanwhile. Without `takes` it only finishes what was
  /// begun.
  package func rotate(
    _ name: FileName, in directory: OpenDirectory, policy: Policy, cause: Cause, takes: Bool = true
  ) async -> Outcome? {
    let path = LogFinder.join(directory.path, name)
    let known = state.log(path)
    if let served = known?.served, cause.isServed(by: served) { return .skipped(.nothingToDo) }
    if let intent = known?.intent, let outcome = rotator.finish(intent, name, in: directory, policy, cause) {
      return outcome
    }
    if let cut = known?.cut {
      let outcome = recover(name, in: directory, policy: policy)
      if case .failed = outcome { return outcome }
      if cut.due == cause.due, cause.due != nil, case .rotated = outcome { return outcome }
    }
    for _ in 1...Self.attempts {
      do throws(Outcome.Failure) {
        let directories = try rotator.directories(directory, policy)
        if let other = rotator.otherLog(with: name, in: directories, path) { return .skipped(.sharedArchives(other)) }
        let looked = try begin(name, path, in: directories, policy, cause)
        guard case .copy(var copy) = looked else {
          if case .end(let outcome) = looked { return outcome }
          continue
        }
        guard takes else { return .skipped(.nothingToDo) }
        guard try await fill(&copy) else { return nil }
        if let outcome = try commit(copy, in: directories, policy, cause) { return outcome }
      } catch {
        support[directory.path] = nil
        return .failed(error)
      }
    }
    return .failed(Outcome.Failure(step: "look", path: path, errno: .exists))
  }

  // MARK: Looking

  private enum Looked {
    case copy(Copy)
    case end(Outcome)
    case again
  }

  private func begin(
    _ name: FileName, _ path: FilePath, in directories: LogDirectories, _ policy: Policy, _ cause: Cause
  ) throws(Outcome.Failure) -> Looked {
    let directory = directories.log
    let started = loop.now()
    let found = try attempt("look", path) { () throws(Errno) in try fileSystem.status(of: name, in: directory) }
    if let skip = Planner.obstacle(Inventory(name: name, live: found, naming: policy.naming), policy) {
      return .end(.skipped(skip))
    }
    guard let found, case .truncate(by: let wanted) = policy.handling.method else {
      return .end(.skipped(.nothingToDo))
    }
    if case .size(let limit) = cause, found.size(under: policy.handling.method) < limit.bytes {
      return .end(.skipped(.nothingToDo))
    }
    let log = try attempt("open", path) { () throws(Errno) in try fileSystem.openLog(name, in: directory) }
    let status = try attempt("look", path) { () throws(Errno) in try log.status() }
    guard status.inode == found.inode else { return .again }
    let start = try attempt("read", path) { () throws(Errno) in try self.start(of: log, path) }
    if case .size(let limit) = cause, status.size - start < limit.bytes { return .end(.skipped(.nothingToDo)) }
    guard start < status.size || policy.rotatesEmpty else { return .end(.skipped(.empty)) }
    let way = try way(wanted, for: log, path, in: directory)
    if let other = try rotator.look(name, in: directories, nil, policy, path).obstacle {
      return .end(.skipped(.claimed(FilePath(policy.naming.name(of: name, other.key, suffix: other.suffix)))))
    }
    let staged = try attempt("create a copy", path) { () throws(Errno) in
      // Where the archive will have its name.
      try fileSystem.stage(for: name, in: try directories.directory(of: directories.home.forNewArchives))
    }
    return .copy(
      Copy(
        path: path, name: name, started: started, inode: status.inode, log: log, staged: staged, way: way,
        start: start, end: start))
  }

  /// The first byte that belongs into an archive: behind the NULs of an earlier punch, or of a writer that kept its
  /// offset, and behind the filler of an earlier collapse, if it is still there.
  func start(of log: any LogFile, _ path: FilePath) throws(Errno) -> Int64 {
    let start = try log.firstData(from: 0)
    guard let filler = state.log(path)?.filler, try log.status().inode == filler.inode else { return start }
    let bytes = filler.bytes
    return try log.read(bytes.count, at: start) == bytes ? start + filler.length : start
  }

  /// How the log will be cut, found out before anything is copied.
  private func way(
    _ wanted: TruncateWay, for log: any LogFile, _ path: FilePath, in directory: OpenDirectory
  ) throws(Outcome.Failure) -> TruncateWay {
    guard wanted != .copy else { return .copy }
    var known = support[directory.path]
    if known == nil {
      known = try attempt("probe", path) { () throws(Errno) in try fileSystem.cutSupport(in: directory) }
      support[directory.path] = known
    }
    return try Self.way(wanted, for: log, path, support: known ?? CutSupport(collapses: false, punches: false))
  }

  /// How a log is cut where the file system can do so much. A way that the config asks for by name, and that cannot be
  /// had, is an error.
  static func way(
    _ wanted: TruncateWay, for log: any LogFile, _ path: FilePath, support: CutSupport
  ) throws(Outcome.Failure) -> TruncateWay {
    switch wanted {
    case .auto:
      // A writer that keeps its offset would leave a hole behind what was collapsed.
      if support.collapses, !log.hasOffsetWriter() { return .collapse }
      return support.punches ? .punch : .copy
    case .collapse:
      guard support.collapses else { throw Outcome.Failure(step: "collapse", path: path, errno: .notSupported) }
      guard !log.hasOffsetWriter() else {
        throw Outcome.Failure(step: "collapse under a writer without O_APPEND", path: path, errno: .notSupported)
      }
    case .punch:
      guard support.punches else { throw Outcome.Failure(step: "punch", path: path, errno: .notSupported) }
    case .copy: break
    }
    return wanted
  }

  // MARK: Copying

  /// Copies whole lines until the copy is close behind the writer, and brings them to disk; false when the daemon stops.
  private func fill(_ copy: inout Copy) async throws(Outcome.Failure) -> Bool {
    for _ in 1...Limits.copyRounds {
      let log = copy.log
      let (size, end) = try attempt("read", copy.path) { [copy] () throws(Errno) in
        let size = try log.status().size
        return (size, try wholeLines(of: copy, upTo: size))
      }
      while copy.end < end {
        let count = min(end - copy.end, Limits.copyChunk)
        let copied = try attempt("copy", copy.path) { [copy] () throws(Errno) in
          let copied = try log.copy(count, from: copy.end, to: copy.staged, at: copy.end - copy.start)
          // In small portions, so that no call takes long.
          try copy.staged.sync()
          return copied
        }
        copy.end += copied
        // Somebody has cut the log meanwhile.
        guard copied == count else { throw Outcome.Failure(step: "copy", path: copy.path, errno: .again) }
        if copy.end < end { await loop.yield() }
        if isStopping { return false }
      }
      if size - copy.end < Limits.copyChunk { break }
    }
    return true
  }

  /// The end of the last line that is whole, searched for backwards; where the copying has come to when there is none.
  /// What is cut by copying alone goes to the last byte: the writer begins anew, so half of a line would be torn off.
  private func wholeLines(of copy: Copy, upTo size: Int64) throws(Errno) -> Int64 {
    if copy.way == .copy { return max(copy.end, size) }
    var end = size
    while end > copy.end {
      let start = max(copy.end, end - 65_536)
      let bytes = try copy.log.read(Int(end - start), at: start)
      if let index = bytes.lastIndex(of: UInt8(ascii: "\n")) { return start + Int64(index) + 1 }
      end = start
    }
    return copy.end
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
}
