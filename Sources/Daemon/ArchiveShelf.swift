internal import Rotation

/// The archives of logs as retention sees them, and their removal.
struct ArchiveShelf {
  let fileSystem: any FileSystem

  /// What became of an archive that was to go.
  enum End: Hashable {
    case gone
    /// The name is another file's now, or nobody's.
    case changed
    /// A writer has it open.
    case held
    case failed(Errno)
  }

  /// The archives of a log that may ever be removed, and the bytes that log and archives take on disk together.
  func read(
    _ name: String, of job: Job, in directory: OpenDirectory, listing: DirectoryListing?
  ) throws(Errno) -> (archives: [Retention.Archive], bytes: Int64) {
    let reader = InventoryReader(fileSystem: fileSystem)
    let inventory =
      if let listing {
        try reader.read(name, in: directory, listing: listing)
      } else {
        try reader.probe(name, in: directory, suffix: job.policy.handling.compression?.suffix)
      }
    var archives: [Retention.Archive] = []
    var bytes = inventory.live?.allocated ?? 0
    var newest: (number: Int, rank: Int) = (0, 0)
    for version in Retention.proven(inventory, keep: job.policy.keep) {
      let file = inventory.name(of: version)
      guard let status = try fileSystem.status(of: file, in: directory), status.kind == .regular,
        status.inode == version.inode
      else { continue }
      bytes += status.allocated
      // What is no file is no archive that could stay in the place of another.
      if version.number != newest.number { newest = (version.number, newest.rank + 1) }
      archives.append(
        Retention.Archive(
          job: job.name, log: LogFinder.join(directory.path, name), name: file, inode: status.inode, rank: newest.rank,
          bytes: status.allocated, modified: status.modified, keepMin: job.policy.handling.keepMin))
    }
    return (archives, bytes)
  }

  /// Removes an archive, if its name still stands for it and no writer has it open.
  func remove(_ archive: Retention.Archive, in directory: OpenDirectory) -> End {
    do throws(Errno) {
      let status = try fileSystem.status(of: archive.name, in: directory)
      guard let status, status.kind == .regular, status.inode == archive.inode else { return .changed }
      try fileSystem.removeReleased(archive.name, in: directory)
      return .gone
    } catch .noEntry {
      return .changed
    } catch .busy {
      return .held
    } catch {
      return .failed(error)
    }
  }

  /// The processes that have an archive open, for writing or at all.
  func users(of archive: Retention.Archive, thatWrite: Bool, in directory: OpenDirectory) -> [String] {
    guard let hold = try? fileSystem.hold(archive.name, in: directory) else { return [] }
    return thatWrite ? hold.writers() : hold.users()
  }
}
