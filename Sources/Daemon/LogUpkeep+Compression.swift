internal import EventLoop
internal import Rotation

extension LogUpkeep {
  /// What a child has left behind.
  private final class ChildResult {
    var end: ChildEnd?
    var startError: Errno?
    var lastLine: String?
  }

  /// Compresses an archive, in a place that was given for it; returns whether the compressed file has its place. If not, it was broken off, or has failed,
  /// and is to be looked at again.
  func compress(_ wanted: Version, _ entry: PendingArchive) async throws(Errno) -> Bool {
    guard let compression = order.policy.handling.compression else { return false }
    guard !isOver, order.policy.handling.compression == compression else { return false }
    let directories = try openDirectories()
    guard let (version, location) = try find(wanted, directories) else { return false }
    let directory = try directories.directory(of: location.place)
    let name = location.name
    guard let hold = try open(name, version.inode, entry, in: directory), try isReleased(hold, entry) else {
      return false
    }
    let before = try hold.status()
    guard before.links == 1 else {
      // Where renames are made of links, one of them may be a hidden name that was left.
      stranded.insert(Location(StagingName.ofSpent(name), in: location.place))
      postpone(entry, "cannot compress \(name.printable)", because: "it has another name (\(before.links) hard links)")
      return false
    }
    let target = directories.target(of: version)
    let output = try platform.fileSystem.stage(for: name, in: target)
    let result = await run(compression.command, hold, output, before.size)
    if result.end == .exited(0), try output.size() > Limits.syncedByLoop, isUntouched(hold, entry, before) {
      // Its own result says nothing: what it could not do, the end of this does, and obeys.
      _ = await run(["sync", "/dev/stdout"], hold, output, before.size)
    }
    guard !isOver, order.policy.handling.compression == compression, isUntouched(hold, entry, before) else {
      breakOff(hold, entry)
      return false
    }
    guard result.end == .exited(0), try output.size() > 0 else {
      postpone(entry, "cannot compress \(name.printable)", because: describe(compression, result))
      return false
    }
    let replacement = try replace(
      version, by: output, compression.suffix, entry, hold, before, in: directories, target)
    guard case .done(let source, let archive) = replacement else { return false }
    let size = try output.size()
    platform.report(
      Report(
        .compressed, .info,
        "job \(order.job): compressed \(source.printable) "
          + "(\(ByteSize.describe(before.size)) to \(ByteSize.describe(size)))",
        job: order.job, log: path, archive: archive, bytes: size))
    finisher.onCompressed(order.job)
    return true
  }

  /// Holds the archive, if it is not held already; nil when another file has its name.
  func open(
    _ name: FileName, _ inode: UInt64, _ entry: PendingArchive, in directory: OpenDirectory
  ) throws(Errno) -> (any ArchiveHold)? {
    if let hold = entry.hold { return hold }
    let hold: any ArchiveHold
    do throws(Errno) {
      hold = try platform.fileSystem.hold(name, in: directory)
    } catch  where error == .noEntry {
      return nil
    }
    guard try hold.status().inode == inode else { return nil }
    hold.onChange = { [weak self, weak entry] in self?.noteChange(entry) }
    entry.hold = hold
    return hold
  }

  /// Somebody wants to write to it: they were let through, and it is compressed when they are done.
  func breakOff(_ hold: any ArchiveHold, _ entry: PendingArchive) {
    hold.release()
    entry.notBefore = platform.loop.now().advanced(by: Limits.breakDelay(breaks: entry.breaks))
    entry.breaks += 1
  }

  /// Whether nobody has opened the archive for writing since it was proven; without leases, whether it looks so.
  func isUntouched(_ hold: any ArchiveHold, _ entry: PendingArchive, _ before: FileStatus) -> Bool {
    guard entry.isLeaseless else { return hold.isProven }
    guard let now = try? hold.status() else { return false }
    return now.size == before.size && now.modified == before.modified
  }

  /// An archive as it is now, with its name; nil when it is gone.
  private func find(
    _ wanted: Version, _ directories: LogDirectories
  ) throws(Errno) -> (version: Version, location: Location)? {
    let inventory = try look(directories)
    return inventory.versions.first { $0.file == wanted.file && $0.suffix == wanted.suffix }
      .map { ($0, inventory.location(of: $0)) }
  }

  /// Runs a child that reads the archive and writes the output; one that cannot be started has ended with that error.
  private func run(
    _ command: [ExactText], _ hold: any ArchiveHold, _ output: any StagedFile, _ size: Int64
  ) async -> ChildResult {
    let result = ChildResult()
    let ended = Alarm(on: platform.loop)
    let request = ChildRequest(
      arguments: command, input: hold.token, output: .file(output.token),
      limit: Limits.compressionLimit(bytes: size), isBackground: true)
    let about = "job \(order.job): \(command[0].printable): "
    let job = order.job
    compressing = hold
    defer {
      compressing = nil
      child = nil
    }
    do throws(Errno) {
      child = try platform.processes.start(request) { [path, platform] line in
        result.lastLine = line
        platform.report(Report(.note, .info, about + line.printable, job: job, log: path))
      } onEnd: { end in
        result.end = end
        ended.ring()
      }
    } catch {
      result.startError = error
      return result
    }
    _ = await ended.wait(until: .never)
    return result
  }

  private func describe(_ compression: Compression, _ result: ChildResult) -> String {
    let program = compression.command[0].printable
    let words = result.lastLine.map { ": \($0.printable)" } ?? ""
    if let error = result.startError { return "cannot start \(program): \(error)" }
    return switch result.end {
    case .exited(0): "\(program) has written nothing"
    case .exited(let code): "\(program) ended with exit code \(code)\(words)"
    case .killed(let signal): "\(program) was killed by signal \(SignalName.name(of: signal))\(words)"
    case .timedOut, nil: "\(program) took too long\(words)"
    }
  }
}
