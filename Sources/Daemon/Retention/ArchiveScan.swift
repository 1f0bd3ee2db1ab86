internal import EventLoop
internal import Rotation
internal import Timekeeping

/// The archives of logs as retention sees them.
struct ArchiveScan {
  let fileSystem: any FileSystem
  /// Distinguishes archives from logs.
  let claimed: ClaimedNames
  /// What is recorded of rotations and undos that are half done.
  let state: StateStore?

  private var reader: InventoryReader {
    var reader = InventoryReader(fileSystem: fileSystem)
    reader.claimed = claimed
    return reader
  }

  /// Where the logs of a group lie, listed with a chance for everything else in between; the group gives its own listing for that.
  func place(
    of group: inout LogGroup, _ job: Job, in directories: LogDirectories, on loop: LoopExecutor
  ) async -> LogPlace {
    // Where the directory cannot be listed, each name is asked for.
    let listings = try? await reader.listings(
      of: directories, job.policy.naming, known: group.listing.take(), on: loop)
    return LogPlace(directories, listings)
  }

  /// The archives of one log.
  struct Found {
    /// The archives that may be removed at all.
    var archives: [Retention.Archive] = []
    /// Those of them that exceed the job's `keep`.
    var surplus: [Retention.Archive] = []
    /// The bytes that the log and its archives take on disk.
    var bytes: Int64 = 0
  }

  /// Reads the archives of a log that may be removed at all, and the bytes that it and they take on disk.
  func read(
    _ name: FileName, of job: Job, in place: LogPlace
  ) throws(Errno) -> Found {
    let directories = place.directories
    let log = LogFinder.join(directories.log.path, name)
    let known = state?.log(log)
    let inventory = try reader.read(
      name, in: directories, job.policy.naming, listings: place.listings, suffix: job.policy.compression?.suffix,
      leftovers: InventoryReader.Leftovers(intent: known?.intent, emptied: known?.emptied))
    var found = Found(bytes: inventory.live?.allocated ?? 0)
    let surplus = Set(Housekeeping.surplus(inventory.versions, keep: job.policy.keep))
    var newest: (key: VersionKey?, rank: Int) = (nil, 0)
    for version in Retention.proven(inventory, keep: job.policy.keep, intent: known?.intent) {
      let location = inventory.location(of: version)
      let directory = try directories.directory(of: location.place)
      guard let status = try fileSystem.status(of: location.name, in: directory), status.kind == .regular,
        status.inode == version.inode
      else { continue }
      found.bytes = found.bytes.saturatingAdd(status.allocated)
      // An entry that is no regular file has no rank: it cannot stay in the place of an archive.
      if version.key != newest.key { newest = (version.key, newest.rank + 1) }
      let archive = Retention.Archive(
        job: job.name, log: log, location: location, inode: status.inode,
        rank: newest.rank, bytes: status.allocated, modified: status.modified, keepMin: job.policy.keepMin)
      // Nothing but a rotation, which tells its housekeeping, removes what something is to be done with before.
      if job.policy.beforeRemoval.isEmpty { found.archives.append(archive) }
      if surplus.contains(version) { found.surplus.append(archive) }
    }
    return found
  }

  /// The processes that have an archive open: for writing, or at all.
  func users(of archive: Retention.Archive, thatWrite: Bool, in directories: LogDirectories) -> [String] {
    guard let directory = try? directories.directory(of: archive.location.place),
      let hold = try? fileSystem.hold(archive.location.name, in: directory)
    else { return [] }
    return thatWrite ? hold.writers() : hold.users()
  }
}
