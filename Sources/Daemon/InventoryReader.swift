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

  /// The inventory by asking for each name, at no more calls in a directory of a million: numbers from 1 up to the
  /// first that is missing, and on to `highest`, the highest number that this log is known to have had.
  package func probe(_ log: String, in directory: OpenDirectory, highest: Int) throws(Errno) -> Inventory {
    let live = try fileSystem.status(of: log, in: directory)
    let staging = try fileSystem.status(of: StagingName.of(log), in: directory)
    var versions: [Version] = []
    var number = 1
    while number <= Limits.maxVersion {
      let plain = ArchiveName.plain(log, number)
      // A plain version hides its compressed twin here; a twin is found by the listing at start.
      if let status = try fileSystem.status(of: plain, in: directory) {
        versions.append(Version(number: number, inode: status.inode))
      } else {
        let found = try compressed(plain, number, in: directory)
        if found.isEmpty, number >= highest { break }
        versions += found
      }
      number += 1
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
