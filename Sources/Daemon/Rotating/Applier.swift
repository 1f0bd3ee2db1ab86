package import Rotation
internal import Timekeeping

/// A step that failed.
package struct StepFailure: Error, Hashable {
  package var step: Step
  package var errno: Errno

  /// Whether a removal that has failed keeps newer archives from theirs.
  var holdsUpOthers: Bool { errno != .busy && errno != .isDirectory }
}

/// Carries out the steps of a plan, in order, and stops at the first that fails.
package struct Applier {
  let fileSystem: any FileSystem

  package init(fileSystem: any FileSystem) {
    self.fileSystem = fileSystem
  }

  /// What steps have come to, all of which were applied or need not be.
  package struct Result {
    /// Those that could not be applied.
    package var unremoved: [StepFailure] = []
    /// What the archives that were removed took on disk.
    package var freed: Int64 = 0
  }

  /// Applies the steps; those that could not be are of the kind that others need not wait for: a surplus version that stays costs
  /// room, and is met again by the next rotation. What was to go after one that could not be removed stays, too, since it is
  /// newer; one that a writer has open holds up no other, and neither does a directory, which is no archive. `live` is the log's
  /// name, whose extended attributes the new file takes over; `publish` gives a copy of it its name.
  package func apply(
    _ steps: some Sequence<Step>, live: FileName, in directories: LogDirectories,
    publish: (_ archive: Location) throws(Errno) -> Void = { _ throws(Errno) in throw .invalid }
  ) throws(StepFailure) -> Result {
    var result = Result()
    var prunes = true
    for step in steps {
      if case .remove(_, .keep) = step, !prunes { continue }
      do throws(Errno) {
        if case .publishCopy(_, let archive) = step {
          try publish(archive)
        } else if case .retire(let staging, as: let archive) = step {
          try retire(staging, as: archive, in: directories, &result)
        } else if case .remove(let archive, let reason) = step {
          result.freed = result.freed.saturatingAdd(try remove(archive, reason, in: directories))
        } else {
          try apply(step, live: live, in: directories)
        }
      } catch {
        let failure = StepFailure(step: step, errno: error)
        switch step {
        case .remove(_, .keep), .remove(_, .age): break
        default: throw failure
        }
        // What is gone already needs no removal.
        if error != .noEntry { result.unremoved.append(failure) }
        prunes = error == .noEntry || !failure.holdsUpOthers
      }
    }
    return result
  }

  private func apply(_ step: Step, live: FileName, in directories: LogDirectories) throws(Errno) {
    switch step {
    case .prepare(let name, let attributes):
      try fileSystem.create(name, attributes, like: live, in: directories.log)
    case .rename(let old, let new, _):
      try rename(old, to: new, in: directories)
    case .exchange(let one, let other):
      try fileSystem.exchange(other, one, in: directories.log)
    case .link(let old, let new, _):
      try link(old, to: new, in: directories)
    case .replace(let live, let staging):
      try fileSystem.replace(live, with: staging, in: directories.log)
    // These take their time, and are the Truncator's and LogHousekeeping's.
    case .publishCopy, .truncate, .compress, .transfer, .perform: throw .invalid
    // What comes of these is more than an error.
    case .retire, .remove: throw .invalid
    }
  }

  /// Removes the archive that has the staging name. If that cannot be done, it gets a number, and is one that was to be removed.
  private func retire(
    _ staging: FileName, as archive: Location, in directories: LogDirectories, _ result: inout Result
  ) throws(Errno) {
    do throws(Errno) {
      result.freed = result.freed.saturatingAdd(try remove(Location(staging), .keep, in: directories))
    } catch {
      guard error != .noEntry else { return }
      try move(Location(staging), to: archive, in: directories)
      result.unremoved.append(StepFailure(step: .remove(archive, .keep), errno: error))
    }
  }

  /// Removes a name: the one place where any file of a log goes. An archive goes only if no process has it open for writing,
  /// else this is `Errno.busy`; and, with an inode, only if the name still stands for that file, else this is
  /// `Errno.noEntry`. With `modified`, the file must also have that time still, and one name alone. Returns the bytes that an
  /// archive took on disk.
  @discardableResult
  func remove(
    _ old: Location, _ reason: RemovalReason, inode: UInt64? = nil, modified: WallTime? = nil,
    in directories: LogDirectories
  ) throws(Errno) -> Int64 {
    let directory = try directories.directory(of: old.place)
    if let inode {
      let status = try fileSystem.status(of: old.name, in: directory)
      guard let status, status.kind == .regular, status.inode == inode else { throw .noEntry }
      if let modified {
        guard status.modified == modified, status.links == 1 else { throw .noEntry }
        try removeProven(old.name, inode: inode, in: directory)
        return status.allocated
      }
    }
    switch reason {
    case .keep, .age, .total, .free: return try fileSystem.removeReleased(old.name, in: directory)
    case .undone:
      // Who has opened it by the log's name may have written to it since.
      guard try fileSystem.status(of: old.name, in: directory)?.size == 0 else { throw .busy }
      try fileSystem.removeReleased(old.name, in: directory)
    case .leftover: try removeEmpty(old.name, in: directory)
    case .copy(let other), .replaced(let other):
      // Another rotated may have come to the end of this very compression since the look.
      let isThere = try fileSystem.status(of: other.name, in: try directories.directory(of: other.place)) != nil
      guard isThere else { throw .noEntry }
      try fileSystem.remove(old.name, in: directory)
    case .secondName, .unfinished: try fileSystem.remove(old.name, in: directory)
    }
    return 0
  }

  /// Removes a file of another program. Without a lease, as on a network file system, the descriptors of all processes are
  /// the proof that none has it open for writing; a file that cannot be opened stays.
  private func removeProven(_ name: FileName, inode: UInt64, in directory: OpenDirectory) throws(Errno) {
    let hold = try fileSystem.hold(name, in: directory)
    guard try hold.status().inode == inode else { throw .noEntry }
    var isReleased = false
    do throws(Errno) {
      isReleased = try hold.takeLease()
    } catch  where error.meansNoLeases {
      isReleased = hold.writers().isEmpty
    }
    guard isReleased else { throw .busy }
    defer { hold.release() }
    try fileSystem.remove(name, in: directory)
  }

  private func rename(_ old: Location, to new: Location, in directories: LogDirectories) throws(Errno) {
    let source = try directories.directory(of: old.place)
    if old.place == new.place { return try fileSystem.rename(old.name, to: new.name, in: source) }
    try fileSystem.rename(old.name, in: source, to: new.name, in: try directories.directory(of: new.place))
  }

  /// Renames, by link(2) and unlink(2) where the file system cannot do it without replacing.
  func move(_ old: Location, to new: Location, in directories: LogDirectories) throws(Errno) {
    do throws(Errno) {
      try rename(old, to: new, in: directories)
    } catch  where error == .invalid {
      try link(old, to: new, in: directories)
      try remove(old, .secondName, in: directories)
    }
  }

  /// Removes a staging file that was empty when the plan was made. Another rotated, with a state of its own, may have
  /// exchanged it for a log since then: then the plan is as stale as when a name is taken.
  private func removeEmpty(_ name: FileName, in directory: OpenDirectory) throws(Errno) {
    if let status = try fileSystem.status(of: name, in: directory), status.size > 0, status.links == 1 { throw .exists }
    try fileSystem.remove(name, in: directory)
  }

  /// A link that an interrupted rotation has made already is as good as a new one.
  private func link(_ old: Location, to new: Location, in directories: LogDirectories) throws(Errno) {
    let source = try directories.directory(of: old.place)
    let target = try directories.directory(of: new.place)
    do throws(Errno) {
      if old.place == new.place { return try fileSystem.link(old.name, to: new.name, in: source) }
      try fileSystem.link(old.name, in: source, to: new.name, in: target)
    } catch .exists {
      let (first, second) = (
        try fileSystem.status(of: old.name, in: source), try fileSystem.status(of: new.name, in: target)
      )
      guard let first, first.inode == second?.inode else { throw .exists }
    }
  }
}
