internal import Rotation
internal import Timekeeping

/// The archives of logs as retention sees them.
struct ArchiveScan {
  let fileSystem: any FileSystem
  /// By what archives are told from logs.
  let claimed: ClaimedNames

  /// What there is of a log.
  struct Found {
    /// The archives that may ever be removed.
    var archives: [Retention.Archive] = []
    /// Those of them that are more than the job keeps.
    var surplus: [Retention.Archive] = []
    /// The bytes that log and archives take on disk together.
    var bytes: Int64 = 0
  }

  /// The archives of a log that may ever be removed, and the bytes that log and archives take on disk together.
  func read(
    _ name: FileName, of job: Job, in directories: LogDirectories, listing: DirectoryListing?
  ) throws(Errno) -> Found {
    var reader = InventoryReader(fileSystem: fileSystem)
    reader.claimed = claimed
    let naming = job.policy.naming
    let inventory = try reader.read(
      name, in: directories, naming, listings: try reader.listings(of: directories, naming, known: listing),
      suffix: job.policy.compression?.suffix)
    var found = Found(bytes: inventory.live?.allocated ?? 0)
    let surplus = Set(Housekeeping.surplus(inventory.versions, keep: job.policy.keep))
    var newest: (key: VersionKey?, rank: Int) = (nil, 0)
    for version in Retention.proven(inventory, keep: job.policy.keep) {
      let location = inventory.location(of: version)
      let directory = try directories.directory(of: location.place)
      guard let status = try fileSystem.status(of: location.name, in: directory), status.kind == .regular,
        status.inode == version.inode
      else { continue }
      found.bytes = found.bytes.saturatingAdd(status.allocated)
      // What is no file is no archive that could stay in the place of another.
      if version.key != newest.key { newest = (version.key, newest.rank + 1) }
      let archive = Retention.Archive(
        job: job.name, log: LogFinder.join(directories.log.path, name), location: location, inode: status.inode,
        rank: newest.rank, bytes: status.allocated, modified: status.modified, keepMin: job.policy.keepMin)
      found.archives.append(archive)
      if surplus.contains(version) { found.surplus.append(archive) }
    }
    return found
  }

  /// The processes that have an archive open, for writing or at all.
  func users(of archive: Retention.Archive, thatWrite: Bool, in directories: LogDirectories) -> [String] {
    guard let directory = try? directories.directory(of: archive.location.place),
      let hold = try? fileSystem.hold(archive.location.name, in: directory)
    else { return [] }
    return thatWrite ? hold.writers() : hold.users()
  }
}
