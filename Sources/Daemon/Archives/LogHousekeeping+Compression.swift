internal import EventLoop
internal import Rotation
internal import Timekeeping

extension LogHousekeeping {
  /// Compresses an archive, with the slot that it has taken. Returns whether the compressed file has its name; if not,
  /// the work was interrupted or has failed, and the archive is checked again.
  func compress(
    _ wanted: PendingStep, _ entry: PendingArchive, _ pass: CompressionSlots.Pass
  ) async throws(Errno) -> Bool {
    guard !isOver, let compression = order.policy.compression else { return false }
    let directories = try openDirectories()
    guard let (archive, copy) = try places(of: wanted, directories) else { return false }
    let name = archive.name
    let directory = try directories.directory(of: archive.place)
    guard let hold = try open(name, wanted.archive.inode, entry, in: directory), try isReleased(hold, entry) else {
      return false
    }
    let before = try hold.status()
    guard before.links == 1 || order.policy.takesHardLinks else {
      // Where renames are made of links, one of the names may be a hidden one that was left.
      orphaned.insert(Location(StagingName.ofSuperseded(name), in: archive.place))
      postpone(entry, "cannot compress \(name.printable)", because: "it has another name (\(before.links) hard links)")
      return false
    }
    let output = try platform.fileSystem.stage(for: name, in: try directories.directory(of: copy.place))
    let run = CompressorRun(compression.command, hold, output, on: platform)
    let isWorthIt = try await watch(run, compression, name, hold, output, entry, pass)
    if run.succeeded, try output.size() > Limits.syncedByLoop, isUntouched(hold, entry, before) {
      await bringToDisk(output, hold, before.size)
    }
    guard !isOver, order.policy.compression == compression, isUntouched(hold, entry, before) else {
      breakOff(hold, entry)
      return false
    }
    guard isWorthIt else {
      leavePlain(wanted.archive.file, name, before)
      return false
    }
    guard run.succeeded, try output.size() > 0 else {
      postpone(entry, "cannot compress \(name.printable)", because: run.failure)
      return false
    }
    let replacement = try replace(wanted, by: output, entry, hold, before, in: directories)
    guard case .done(let source, let archive) = replacement else { return false }
    await overwriteReplaced(source, hold)
    let size = try output.size()
    platform.report(
      Report(
        .compressed, .info,
        "job \(order.job): compressed \(source.printable) "
          + "(\(ByteSize.describe(before.size)) to \(ByteSize.describe(size)))",
        job: order.job, log: path, archive: archive, bytes: size))
    housekeeper.events.send(.compressed(of: order.job, from: before.size, to: size))
    housekeeper.events.send(.archivesChanged(of: order.job))
    return true
  }

  /// Runs the compressor to its end. One that makes no progress is reported, and later killed; one that runs for long
  /// lets archives of other owners begin. Returns false if it was killed because its output took more room than a
  /// sparse archive.
  private func watch(
    _ run: CompressorRun, _ compression: Compression, _ name: FileName, _ hold: any LeasedFile,
    _ output: any StagedFile, _ entry: PendingArchive, _ pass: CompressionSlots.Pass
  ) async throws(Errno) -> Bool {
    let loop = platform.loop
    let most = try mostOutput(hold)
    let began = loop.now()
    var checks = Backoff()
    start(run, compression.command, hold, limit: nil)
    defer { endOfChild() }
    while !run.isOver {
      await run.wait(until: .monotonic(checks.postpone(Limits.progressDelays, from: loop.now())))
      if run.isOver { break }
      if loop.now() - began >= Limits.compressionShare { housekeeper.children.share(pass) }
      if let most, let size = try? output.size(), size > most {
        run.child?.kill()
        await run.wait(until: .never)
        return false
      }
      let still = run.checkProgress()
      if still >= Limits.stillWarning {
        let program = compression.command[0].printable
        say(
          entry, .still,
          "\(program), which compresses \(name.printable), has read and written nothing for "
            + "\(TimeSpan.describe(Limits.stillWarning)); after \(TimeSpan.describe(Limits.stillLimit)) it is killed")
      } else if entry.problem == .still {
        settled(entry)
      }
    }
    return true
  }

  /// The most bytes that the compressed copy of a sparse archive may take; nil for any other archive. A compressor
  /// reads a hole as NULs, for hours if a user has made a log of a petabyte without a block on disk.
  private func mostOutput(_ hold: any LeasedFile) throws(Errno) -> Int64? {
    try isSparse(hold) ? try hold.status().allocated.saturatingAdd(Limits.sparseGrowth) : nil
  }

  /// Whether less than half of an archive has blocks on disk.
  func isSparse(_ hold: any LeasedFile) throws(Errno) -> Bool {
    let status = try hold.status()
    // A file system that reports no blocks at all may not count them.
    return status.allocated == 0 ? try hold.isHole() : status.allocated < status.size / 2
  }

  /// Leaves the archive uncompressed from now on: compressing it would take more room.
  private func leavePlain(_ file: Version.File, _ name: FileName, _ status: FileStatus) {
    housekeeper.leavePlain(file, status)
    platform.report(
      Report(
        .note, .warning,
        "job \(order.job): \(path.printable): \(name.printable) stays uncompressed: it is sparse, and its compressed copy would "
          + "take more space (it is \(ByteSize.describe(status.size)) long and takes "
          + "\(ByteSize.describe(status.allocated)) on disk)", job: order.job, log: path))
  }

  /// Writes a large output to disk by a child process, so that the loop does not wait. The child's result is not used:
  /// the end of the compression syncs again, and fails if that fails.
  private func bringToDisk(_ output: any StagedFile, _ hold: any LeasedFile, _ size: Int64) async {
    let command: [ExactText] = ["sync", "/dev/stdout"]
    let run = CompressorRun(command, hold, output, on: platform)
    start(run, command, hold, limit: Limits.syncLimit(bytes: size))
    await run.wait(until: .never)
    endOfChild()
  }

  private func start(_ run: CompressorRun, _ command: [ExactText], _ hold: any LeasedFile, limit: Span?) {
    atWork = hold
    let about = "job \(order.job): \(command[0].printable): "
    run.start(command, limit: limit, about: about, job: order.job, log: path)
    child = run.child
  }

  private func endOfChild() {
    atWork = nil
    child = nil
  }

  /// Opens the archive, if it is not open already; nil if another file has its name.
  func open(
    _ name: FileName, _ inode: UInt64, _ entry: PendingArchive, in directory: OpenDirectory
  ) throws(Errno) -> (any LeasedFile)? {
    if let hold = entry.hold { return hold }
    let hold: any LeasedFile
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

  /// Releases the archive to a process that wants to write to it; it is compressed when that process has closed it.
  func breakOff(_ hold: any LeasedFile, _ entry: PendingArchive) {
    hold.release()
    entry.breaks.postpone(Limits.breakDelays, from: platform.loop.now())
  }

  /// Whether nobody has opened the archive for writing since the lease was taken; without leases, whether size and
  /// modification time are unchanged.
  func isUntouched(_ hold: any LeasedFile, _ entry: PendingArchive, _ before: FileStatus) -> Bool {
    guard entry.isLeaseless else { return hold.isLeased }
    guard let now = try? hold.status() else { return false }
    return now.size == before.size && now.modified == before.modified
  }
}
