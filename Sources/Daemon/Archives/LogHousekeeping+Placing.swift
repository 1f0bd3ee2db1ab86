internal import EventLoop
internal import Rotation

extension LogHousekeeping {
  /// Bytes that are copied between two chances for everything else.
  private static let copySlice = 1 << 20

  /// What came of putting a copy in an archive's place.
  enum Replacement {
    /// By absolute paths.
    case done(source: FilePath, archive: FilePath)
    /// Somebody has opened the archive for writing: what they write now is not in the copy.
    case disturbed
    /// The archive is no more.
    case gone
  }

  /// The directories of the log and its archives, as they are now.
  func openDirectories() throws(Errno) -> LogDirectories {
    let directory = try platform.fileSystem.openDirectory(order.directory)
    directory.actsAsOwner = order.policy.actsAsOwner
    return try LogDirectories(directory, order.policy, on: platform.fileSystem, makes: true)
  }

  /// What is on disk of the log now.
  func look(_ directories: LogDirectories) throws(Errno) -> Inventory {
    try housekeeper.reader.read(
      order.name, in: directories, order.policy.naming, suffix: order.policy.compression?.suffix,
      leftovers: InventoryReader.Leftovers(order.policy, emptied: housekeeper.state.log(path)?.emptied))
  }

  /// Copies an archive that is proven to have no writer to the other file system, where archives belong. Returns true when it
  /// is there; false when it was broken off, and is to be looked at again.
  func move(
    _ name: FileName, _ version: Version, _ entry: PendingArchive
  ) async throws(Errno) -> Bool {
    guard let hold = entry.hold else { return false }
    let directories = try openDirectories()
    let target = directories.target(of: version)
    guard target !== directories.log else { return true }
    let before = try hold.status()
    let output = try platform.fileSystem.stage(for: name, in: target)
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
    let replacement = try replace(version, by: output, version.suffix, entry, hold, before, in: directories, target)
    guard case .done(let source, let archive) = replacement else { return false }
    platform.report(
      Report(
        .note, .info, "job \(order.job): moved \(source.printable) to \(archive.printable)", job: order.job,
        log: path, archive: archive, bytes: offset))
    return true
  }

  /// Puts a copy in the place of the archive that it was made of. Nothing in here waits.
  func replace(
    _ old: Version, by output: any StagedFile, _ suffix: String, _ entry: PendingArchive, _ hold: any LeasedFile,
    _ before: FileStatus, in directories: LogDirectories, _ target: OpenDirectory
  ) throws(Errno) -> Replacement {
    let disk = platform.fileSystem
    // Rotations that came meanwhile have moved it on.
    let inventory = try look(directories)
    guard let version = inventory.versions.first(where: { $0.file == old.file && $0.suffix == old.suffix }) else {
      return .gone
    }
    for copy in inventory.versions where Housekeeping.isCopy(copy, of: version) {
      try disk.remove(inventory.name(of: copy), in: try directories.directory(of: copy.place))
    }
    let directory = try directories.directory(of: version.place)
    let name = inventory.name(of: version)
    let copy = inventory.naming.name(of: order.name, version.key, suffix: suffix)
    let superseded = try freeSupersededName(name, in: directory)
    if let record = housekeeper.state.naming(path, order.policy) { housekeeper.state.record([record]) }
    try output.publish(as: copy, like: hold)
    do throws(Errno) {
      try disk.sync(target)
      try housekeeper.move(name, to: superseded, in: directory)
    } catch {
      // Of what may not be on disk nothing is taken for done.
      try? disk.remove(copy, in: target)
      throw error
    }
    let isThere = (try? disk.status(of: copy, in: target)) != nil
    guard isThere, isUntouched(hold, entry, before) else {
      // It was opened again before it lost its name. What is written now is not in the copy.
      try? disk.remove(copy, in: target)
      giveBack(superseded, name, version.place, in: directory)
      breakOff(hold, entry)
      return .disturbed
    }
    do throws(Errno) {
      try disk.remove(superseded, in: directory)
    } catch {
      giveBack(superseded, name, version.place, in: directory)
      throw error
    }
    if let made = try? output.status().inode { housekeeper.reader.claimed?.note(archive: made, of: path, order.policy) }
    return .done(
      source: LogFinder.join(directory.path, name), archive: LogFinder.join(target.path, copy))
  }

  /// A hidden name that no file of others has taken.
  private func freeSupersededName(_ archive: FileName, in directory: OpenDirectory) throws(Errno) -> FileName {
    for index in 0..<StagingName.count {
      let name = StagingName.ofSuperseded(archive, index)
      if try platform.fileSystem.status(of: name, in: directory) == nil { return name }
    }
    throw .exists
  }

  private func giveBack(_ superseded: FileName, _ name: FileName, _ place: DirectoryRole, in directory: OpenDirectory) {
    do throws(Errno) {
      try housekeeper.move(superseded, to: name, in: directory)
    } catch {
      orphaned.insert(Location(superseded, in: place))
    }
  }

  /// Gives sources of compressions that could not be given back their names.
  func restoreOrphaned(_ directories: LogDirectories) {
    orphaned = orphaned.filter { hidden in
      guard let directory = try? directories.directory(of: hidden.place) else { return true }
      return !housekeeper.restoreSuperseded(hidden.name, in: directory, order.policy.naming)
    }
  }
}

extension LogDirectories {
  /// Where a copy of an archive goes: beside it, or to the other file system where archives belong.
  func target(of version: Version) -> OpenDirectory {
    guard let archives else { return log }
    return home.isOnLogsFileSystem && version.place == .logDirectory ? log : archives
  }
}
