internal import EventLoop
internal import Rotation

extension LogUpkeep {
  /// Bytes that are copied between two chances for everything else.
  private static let copySlice = 1 << 20

  /// What came of putting a copy in an archive's place.
  enum Replacement {
    /// By absolute paths.
    case done(source: String, archive: String)
    /// Somebody has opened the archive for writing: what they write now is not in the copy.
    case disturbed
    /// The archive is no more.
    case gone
  }

  /// Copies an archive that is proven to have no writer to the other file system, where archives belong. Returns true when it
  /// is there; false when it was broken off, and is to be looked at again.
  func move(_ name: String, _ version: Version, _ hold: any ArchiveHold) async throws(Errno) -> Bool {
    let directories = try openDirectories()
    let target = directories.target(of: version)
    guard target !== directories.log else { return true }
    let output = try platform.fileSystem.stage(for: name, in: target)
    var offset: Int64 = 0
    while true {
      let count = try output.append(from: hold, at: offset, atMost: Self.copySlice)
      if count == 0 { break }
      offset += Int64(count)
      await platform.loop.yield()
      guard !isOver, hold.isProven else {
        hold.release()
        return false
      }
    }
    switch try replace(version, by: output, version.suffix, hold, in: directories, target) {
    case .disturbed: return false
    case .gone: return true
    case .done(let source, let archive):
      platform.report(
        Report(
          .note, .info, "job \(order.job): moved \(source.printable) to \(archive.printable)", job: order.job,
          log: path, archive: archive, bytes: offset))
      noteSuccess()
      return true
    }
  }

  /// Puts a copy in the place of the archive that it was made of. Nothing in here waits.
  func replace(
    _ old: Version, by output: any StagedFile, _ suffix: String, _ hold: any ArchiveHold,
    in directories: LogDirectories, _ target: OpenDirectory
  ) throws(Errno) -> Replacement {
    let disk = platform.fileSystem
    // Rotations that came meanwhile have moved it on.
    let inventory = try look(directories)
    guard let version = inventory.versions.first(where: { $0.file == old.file && $0.suffix == old.suffix }) else {
      return .gone
    }
    let directory = try directories.directory(of: version.place)
    let name = inventory.name(of: version)
    let copy = inventory.naming.name(of: order.name, version.key, suffix: suffix)
    try output.publish(as: copy, like: hold)
    try disk.sync(target)
    let spent = StagingName.ofSpent(name)
    try disk.rename(name, orLinkTo: spent, in: directory)
    guard hold.isProven else {
      // It was opened again before it lost its name.
      try disk.rename(spent, orLinkTo: name, in: directory)
      try disk.remove(copy, in: target)
      hold.release()
      return .disturbed
    }
    do throws(Errno) {
      try disk.remove(spent, in: directory)
    } catch {
      // Both are there, of one version and one time: the next rotation sees what that means.
      try? disk.rename(spent, orLinkTo: name, in: directory)
      throw error
    }
    return .done(
      source: LogFinder.join(directory.path, name), archive: LogFinder.join(target.path, copy))
  }

  /// What went wrong before has come right.
  func noteSuccess() {
    guard complaint != nil else { return }
    complaint = nil
    finisher.onTrouble(order.job, nil)
  }
}

extension FileSystem {
  /// Gives a file another name that is free, where the file system cannot do that in one step by link(2) and unlink(2).
  func rename(_ old: String, orLinkTo new: String, in directory: OpenDirectory) throws(Errno) {
    do throws(Errno) {
      try rename(old, to: new, in: directory)
    } catch .invalid {
      try link(old, to: new, in: directory)
      try remove(old, in: directory)
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
