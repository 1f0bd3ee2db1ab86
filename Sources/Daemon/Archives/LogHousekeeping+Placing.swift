internal import EventLoop
internal import Rotation

extension LogHousekeeping {
  /// Bytes that are copied before the loop gets control again.
  private static let copySlice = 1 << 20

  /// The result of replacing an archive by a copy.
  enum Replacement {
    /// The absolute paths of both.
    case done(source: FilePath, archive: FilePath)
    /// A process has opened the archive for writing: the copy lacks what that process writes now.
    case disturbed
    /// The archive is gone.
    case gone
  }

  /// The directories of the log and its archives, as they are now.
  func openDirectories() throws(Errno) -> LogDirectories {
    let directory = try platform.fileSystem.openDirectory(order.directory)
    directory.actsAsOwner = order.policy.actsAsOwner
    return try LogDirectories(directory, order.policy, on: platform.fileSystem, makes: true)
  }

  /// Reads what the disk has of the log now.
  func look(_ directories: LogDirectories) throws(Errno) -> Inventory {
    var inventory = try housekeeper.reader.read(
      order.name, in: directories, order.policy.naming, listed: listed, suffix: order.policy.compression?.suffix,
      leftovers: InventoryReader.Leftovers(
        order.policy, emptied: housekeeper.state.log(path)?.emptied, hidden: orphaned.sorted { $0.path < $1.path }))
    for index in inventory.versions.indices where housekeeper.mayStayPlain(inventory.versions[index].file) {
      let location = inventory.location(of: inventory.versions[index])
      let status = try platform.fileSystem.status(
        of: location.name, in: try directories.directory(of: location.place))
      inventory.versions[index].staysPlain = housekeeper.staysPlain(inventory.versions[index].file, status)
    }
    return inventory
  }

  /// The names of an archive and of the copy that replaces it, as they are now; nil if the step is not planned any
  /// more.
  func places(
    of pending: PendingStep, _ directories: LogDirectories
  ) throws(Errno) -> (archive: Location, copy: Location)? {
    let plan = try plan(directories)
    guard carryOut(plan, directories) else { return nil }
    let current = plan.whenReleased.first { $0.archive.file == pending.archive.file }
    switch (pending.step, current?.step) {
    case (.compress, .compress(let archive, let copy)), (.transfer, .transfer(let archive, let copy)):
      return (archive, copy)
    default: return nil
    }
  }

  /// Copies an archive to the other file system, where archives belong, while a lease proves that it has no writer.
  /// Returns whether the copy has its name; if not, the copy was interrupted, and the archive is checked again.
  func transfer(_ pending: PendingStep, _ entry: PendingArchive) async throws(Errno) -> Bool {
    guard let hold = entry.hold else { return false }
    let directories = try openDirectories()
    guard let (archive, copy) = try places(of: pending, directories) else { return false }
    let before = try hold.status()
    let output = try platform.fileSystem.stage(for: archive.name, in: try directories.directory(of: copy.place))
    var offset: Int64 = 0
    while true {
      let count = try output.append(from: hold, at: offset, atMost: Self.copySlice)
      if count == 0 { break }
      try output.flush(from: offset, to: offset + Int64(count))
      offset += Int64(count)
      await platform.loop.yield()
      guard !isOver, isUntouched(hold, entry, before) else {
        breakOff(hold, entry)
        return false
      }
    }
    let replacement = try replace(pending, by: output, entry, hold, before, in: directories)
    guard case .done(let source, let archive) = replacement else { return false }
    await overwriteReplaced(source, hold)
    platform.report(
      Report(
        .moved, .info, "job \(order.job): moved \(source.printable) to \(archive.printable)", job: order.job,
        log: path, archive: archive, bytes: offset))
    return true
  }

  /// Replaces an archive by its copy. Nothing in here suspends.
  func replace(
    _ pending: PendingStep, by output: any StagedFile, _ entry: PendingArchive, _ hold: any LeasedFile,
    _ before: FileStatus, in directories: LogDirectories
  ) throws(Errno) -> Replacement {
    // Rotations may have renamed the archive meanwhile.
    guard let (archive, copy) = try places(of: pending, directories) else { return .gone }
    let superseded = try freeSupersededName(archive, in: directories)
    if let record = housekeeper.state.naming(path, order.policy) { housekeeper.state.record([record]) }
    try output.publish(as: copy.name, like: hold, times: true)
    do throws(Errno) {
      try platform.fileSystem.sync(try directories.directory(of: copy.place))
      try housekeeper.applier.move(archive, to: superseded, in: directories)
    } catch {
      // A copy that may not be on disk is not treated as done.
      _ = try? housekeeper.applier.remove(copy, .unfinished, in: directories)
      throw error
    }
    guard isUntouched(hold, entry, before) else {
      // A process opened it before it lost its name, and the copy lacks what that process writes now.
      _ = try? housekeeper.applier.remove(copy, .unfinished, in: directories)
      giveBack(superseded, archive, directories)
      breakOff(hold, entry)
      return .disturbed
    }
    do throws(Errno) {
      try housekeeper.applier.remove(superseded, .replaced(by: copy), in: directories)
    } catch {
      giveBack(superseded, archive, directories)
      throw error
    }
    if let made = try? output.status().inode { housekeeper.reader.claimed?.note(archive: made, of: path, order.policy) }
    return .done(source: directories.path(of: archive), archive: directories.path(of: copy))
  }

  /// A hidden name that no other file has.
  private func freeSupersededName(_ archive: Location, in directories: LogDirectories) throws(Errno) -> Location {
    let directory = try directories.directory(of: archive.place)
    for index in 0..<StagingName.count {
      let name = StagingName.ofSuperseded(archive.name, index)
      if try platform.fileSystem.status(of: name, in: directory) == nil { return Location(name, in: archive.place) }
    }
    throw .exists
  }

  /// Gives a hidden source its own name back; if that fails, a later plan does it.
  private func giveBack(_ superseded: Location, _ archive: Location, _ directories: LogDirectories) {
    do throws(Errno) {
      try housekeeper.applier.move(superseded, to: archive, in: directories)
    } catch {
      orphaned.insert(superseded)
    }
  }
}
