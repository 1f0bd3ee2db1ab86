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
    let directories = try openDirectories()
    let target = directories.target(of: version)
    let output = try platform.fileSystem.stage(for: name, in: target)
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
    let before = try hold.status().size
    switch try replace(version, by: output, compression.suffix, hold, in: directories, target) {
    case .disturbed: return false
    case .gone: return true
    case .done(let source, let archive):
      let size = try output.size()
      platform.report(
        Report(
          .compressed, .info,
          "job \(order.job): compressed \(source.printable) "
            + "(\(ByteSize.describe(before)) to \(ByteSize.describe(size)))",
          job: order.job, log: path, archive: archive, bytes: size))
      noteSuccess()
      return true
    }
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

  /// Gives a log back to a writer that does not let go of it, as long as the new one is empty: then nothing has happened.
  /// Returns whether it did.
  func undo(_ version: Version, _ inventory: Inventory, _ directory: OpenDirectory) -> Bool {
    let disk = platform.fileSystem
    let archive = inventory.name(of: version)
    guard order.fresh[version.inode] != nil, version.key == inventory.versions.first?.key, version.number ?? 1 == 1,
      version.suffix.isEmpty, version.place == .logDirectory,
      let live = inventory.live, live.kind == .regular, live.size == 0
    else { return false }
    do throws(Errno) {
      try disk.exchange(order.name, archive, in: directory)
      // Between the look and the exchange a writer may have begun with the new one.
      do throws(Errno) {
        guard try disk.status(of: archive, in: directory)?.size == 0 else { throw .busy }
        try disk.removeReleased(archive, in: directory)
      } catch {
        try disk.exchange(order.name, archive, in: directory)
        return false
      }
    } catch {
      say("cannot undo its rotation: \(error)", errno: error)
      return false
    }
    order.fresh[version.inode] = nil
    pending[version.file] = nil
    platform.report(
      Report(
        .note, .warning,
        "job \(order.job): \(path.printable): its writer did not open it again, so the rotation is undone",
        job: order.job, log: path))
    return true
  }
}
