internal import Rotation

/// The listings that logs of one directory share whose archives have one naming and one directory.
struct SharedListings {
  let directory: FilePath
  let naming: ArchiveNaming
  private let archives: ArchiveDirectory?
  let home: DirectoryRole
  var listings: LogListings

  /// Lists the directories; nil for what cannot be looked into: the job's runs report that.
  init?(_ path: FilePath, _ policy: Policy, _ platform: Platform) async {
    guard let directory = try? platform.fileSystem.openDirectory(path),
      let directories = try? LogDirectories(directory, policy, on: platform.fileSystem, makes: false),
      let listings = try? await ListingWalk(directories, policy.naming, platform.fileSystem).end(on: platform.loop)
    else { return nil }
    self.directory = path
    self.naming = policy.naming
    self.archives = policy.archiveDirectory
    self.home = directories.home
    self.listings = listings
  }

  /// The place of an archive on the logs' file system; nil if none has the inode. What is gone, or was renamed since, needs no new
  /// listing.
  func place(of inode: UInt64, _ log: FileName) -> Location? {
    let version = listings.versions(of: log).first { $0.inode == inode && $0.place.isOnLogsFileSystem }
    return version.map { Location(naming.name(of: log, $0.key, suffix: $0.suffix), in: $0.place) }
  }

  /// Whether logs of a directory and a policy are looked at by them.
  func fits(_ directory: FilePath, _ policy: Policy) -> Bool {
    self.directory == directory && naming == policy.naming && archives == policy.archiveDirectory
  }
}
