package import Rotation

/// Looks at what is on disk of one log.
package struct InventoryReader {
  private let fileSystem: any FileSystem

  package init(fileSystem: any FileSystem) {
    self.fileSystem = fileSystem
  }

  /// The inventory from a listing, with a look at the live log and, where the listing has one, the staging file.
  package func read(
    _ log: String, in directory: OpenDirectory, listing: DirectoryListing
  ) throws(Errno) -> Inventory {
    let live = try fileSystem.status(of: log, in: directory)
    let staging = listing.staged.contains(log) ? try fileSystem.status(of: StagingName.of(log), in: directory) : nil
    return Inventory(name: log, live: live, staging: staging, versions: listing.versions(of: log))
  }

  /// The inventory by asking for each name, at no more calls in a directory of a million: numbers from 1 up, past the
  /// first that is missing to the second. A rotation fills the first gap, and can touch what follows on it; one that was
  /// interrupted has left a gap. A leftover that is still to be published fills one more.
  package func probe(_ log: String, in directory: OpenDirectory) throws(Errno) -> Inventory {
    let live = try fileSystem.status(of: log, in: directory)
    let staging = try fileSystem.status(of: StagingName.of(log), in: directory)
    var versions: [Version] = []
    var gapsToPass = staging == nil ? 1 : 2
    for number in 1...Limits.maxVersion {
      let plain = ArchiveName.plain(log, number)
      // A plain version hides its compressed twin here; a twin is found where the directory is listed.
      if let status = try fileSystem.status(of: plain, in: directory) {
        versions.append(Version(number: number, inode: status.inode))
        continue
      }
      let found = try compressed(plain, number, in: directory)
      if found.isEmpty {
        if gapsToPass == 0 { break }
        gapsToPass -= 1
      }
      versions += found
    }
    return Inventory(name: log, live: live, staging: staging, versions: versions)
  }

  private func compressed(
    _ plain: String, _ number: Int, in directory: OpenDirectory
  ) throws(Errno) -> [Version] {
    var found: [Version] = []
    for suffix in ArchiveName.suffixes {
      guard let status = try fileSystem.status(of: plain + suffix, in: directory) else { continue }
      found.append(Version(number: number, suffix: suffix, inode: status.inode))
    }
    return found
  }
}
