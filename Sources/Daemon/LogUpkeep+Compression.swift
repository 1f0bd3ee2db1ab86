internal import EventLoop
internal import Rotation

extension LogUpkeep {
  /// What a child has left behind.
  private final class ChildResult {
    var end: ChildEnd?
    var lastLine: String?
  }

  /// Compresses an archive that is proven to have no writer. Returns true when the compressed file has its place; false
  /// when it was broken off, or has failed, and is to be looked at again.
  func compress(
    _ name: String, _ version: Version, _ entry: Pending, _ hold: any ArchiveHold
  ) async throws(Errno) -> Bool {
    guard let compression = order.policy.handling.compression else { return false }
    // While it waits for its turn, nothing is held up by the lease.
    hold.release()
    await finisher.children.enter()
    defer { finisher.children.leave() }
    guard !isOver, order.policy.handling.compression == compression, try hold.prove() else { return false }
    let directory = try platform.fileSystem.openDirectory(order.directory)
    directory.actsAsOwner = order.policy.handling.actsAsOwner
    let output = try platform.fileSystem.stage(for: name, in: directory)
    let result = try await run(compression, hold, output)
    if isOver || !hold.isProven {
      // Somebody wants to write to it: they were let through, and it is compressed when they are done.
      hold.release()
      return false
    }
    guard result.end == .exited(0), try output.size() > 0 else {
      _ = postpone(entry, "cannot compress \(name.printable): \(describe(compression, result))")
      return false
    }
    return try publish(output, compression, version.inode, entry, hold, in: directory)
  }

  private func run(
    _ compression: Compression, _ hold: any ArchiveHold, _ output: any StagedFile
  ) async throws(Errno) -> ChildResult {
    let result = ChildResult()
    let ended = Alarm(on: platform.loop)
    let request = ChildRequest(
      arguments: compression.command, input: hold.token, output: .file(output.token),
      limit: Limits.compressionLimit(bytes: try hold.status().size), isBackground: true)
    compressing = hold
    defer {
      compressing = nil
      child = nil
    }
    child = try platform.processes.start(request) { line in
      result.lastLine = line
    } onEnd: { end in
      result.end = end
      ended.ring()
    }
    _ = await ended.wait(until: .never)
    return result
  }

  private func describe(_ compression: Compression, _ result: ChildResult) -> String {
    let program = compression.command[0].printable
    let words = result.lastLine.map { ": \($0.printable)" } ?? ""
    return switch result.end {
    case .exited(0): "\(program) has written nothing"
    case .exited(let code): "\(program) ended with exit code \(code)\(words)"
    case .killed(let signal): "\(program) was killed by signal \(SignalName.name(of: signal))\(words)"
    case .timedOut, nil: "\(program) took too long\(words)"
    }
  }

  /// Puts the output in the archive's place. Nothing in here waits.
  private func publish(
    _ output: any StagedFile, _ compression: Compression, _ inode: UInt64, _ entry: Pending,
    _ hold: any ArchiveHold, in directory: OpenDirectory
  ) throws(Errno) -> Bool {
    let disk = platform.fileSystem
    // Rotations that came meanwhile have moved it on.
    let inventory = try finisher.reader.probe(order.name, in: directory, suffix: compression.suffix)
    guard let version = inventory.versions.first(where: { $0.inode == inode && $0.suffix.isEmpty }) else { return true }
    let name = inventory.name(of: version)
    let source = try hold.status()
    try output.publish(as: name + compression.suffix, like: hold)
    try disk.sync(directory)
    let spent = StagingName.ofSpent(name)
    try disk.rename(name, to: spent, in: directory)
    guard hold.isProven else {
      // It was opened again before it lost its name. What is written now is not in the output.
      try disk.rename(spent, to: name, in: directory)
      try disk.remove(name + compression.suffix, in: directory)
      hold.release()
      return false
    }
    do throws(Errno) {
      try disk.remove(spent, in: directory)
    } catch {
      // Both are there, of one number and one time: the next rotation sees what that means.
      try? disk.rename(spent, to: name, in: directory)
      throw error
    }
    let size = try output.size()
    platform.report(
      Report(
        .compressed, .info,
        "job \(order.job): compressed \(LogFinder.join(order.directory, name).printable) "
          + "(\(ByteSize.describe(source.size)) to \(ByteSize.describe(size)))",
        job: order.job, log: path, archive: LogFinder.join(order.directory, name + compression.suffix), bytes: size))
    if complaint != nil {
      complaint = nil
      finisher.onTrouble(order.job, nil)
    }
    return true
  }
}
