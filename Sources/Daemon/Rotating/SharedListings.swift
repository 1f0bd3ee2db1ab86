internal import Rotation

/// The listings that logs of one directory share whose archives have one naming and one directory.
struct SharedListings {
  let directory: FilePath
  let naming: ArchiveNaming
  private let archives: ArchiveDirectory?
  let home: DirectoryRole
  let listings: LogListings

  /// Lists the directories; nil for what cannot be looked into: the job's runs report that.
  init?(_ path: FilePath, _ policy: Policy, _ reader: InventoryReader, _ fileSystem: any FileSystem) {
    guard let directory = try? fileSystem.openDirectory(path),
      let directories = try? LogDirectories(directory, policy, on: fileSystem, makes: false),
      let listings = try? reader.list(directories, policy.naming)
    else { return nil }
    self.directory = path
    self.naming = policy.naming
    self.archives = policy.archiveDirectory
    self.home = directories.home
    self.listings = listings
  }

  func fits(_ directory: FilePath, _ policy: Policy) -> Bool {
    self.directory == directory && naming == policy.naming && archives == policy.archiveDirectory
  }
}
