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
    var inventory = Inventory(name: log, live: live, staging: staging, versions: listing.versions(of: log))
    let versions = inventory.versions
    // Of two files of one number the times tell whether one is made of the other.
    for index in versions.indices
    where versions.contains(where: { $0.number == versions[index].number && $0.suffix != versions[index].suffix }) {
      let name = inventory.name(of: versions[index])
      inventory.versions[index].modified = try fileSystem.status(of: name, in: directory)?.modified
    }
    return inventory
  }

  /// The inventory by asking for each name, at no more calls in a directory of a million: numbers from 1 up, past the
  /// first that is missing to the second. A rotation fills the first gap, and can touch what follows on it; one that was
  /// interrupted has left a gap. A leftover that is still to be published fills one more. `suffix` is what the job's own
  /// compressor puts behind a name, where it has one: then a plain version may have a twin of its making.
  package func probe(
    _ log: String, in directory: OpenDirectory, suffix: String? = nil
  ) throws(Errno) -> Inventory {
    let live = try fileSystem.status(of: log, in: directory)
    let staging = try fileSystem.status(of: StagingName.of(log), in: directory)
    var versions: [Version] = []
    var gapsToPass = staging == nil ? 1 : 2
    for number in 1...Limits.maxVersion {
      let plain = ArchiveName.plain(log, number)
      // A plain version hides the compressed twin that somebody else made; such a is found where the directory is listed.
      if let status = try fileSystem.status(of: plain, in: directory) {
        versions.append(Version(number: number, inode: status.inode, modified: status.modified))
        guard let suffix, let twin = try fileSystem.status(of: plain + suffix, in: directory) else { continue }
        versions.append(Version(number: number, suffix: suffix, inode: twin.inode, modified: twin.modified))
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
