internal import EventLoop
package import Rotation

/// Looks at what is on disk of one log.
package struct InventoryReader {
  private let fileSystem: any FileSystem
  /// By what archives are told from logs; nil where all names of archives are archives.
  package var claimed: ClaimedNames?

  package init(fileSystem: any FileSystem) {
    self.fileSystem = fileSystem
  }

  /// What lists the directories by which many logs of one are looked at; nil where it is cheaper to ask for each name. `known` is
  /// a listing of the logs' own directory.
  func walk(_ directories: LogDirectories, _ naming: ArchiveNaming, known: DirectoryListing? = nil) -> ListingWalk? {
    known == nil && !naming.isDated ? nil : ListingWalk(directories, naming, known: known, fileSystem)
  }

  /// Its listings.
  package func listings(
    of directories: LogDirectories, _ naming: ArchiveNaming, known: DirectoryListing? = nil
  ) throws(Errno) -> LogListings? {
    try walk(directories, naming, known: known)?.end()
  }

  /// The same, with a chance for everything else after each piece.
  func listings(
    of directories: LogDirectories, _ naming: ArchiveNaming, known: DirectoryListing? = nil, on loop: LoopExecutor
  ) async throws(Errno) -> LogListings? {
    try await walk(directories, naming, known: known)?.end(on: loop)
  }

  /// Whose files may be taken for leftovers of ours, and how closely they are looked for.
  package struct Leftovers {
    package var policy: Policy?
    package var intent: Intent?
    /// Whether a rotation may have been cut off: then each of the staging names is looked at.
    package var isThorough: Bool
    /// The empty file that an undo may have left under an archive's name.
    package var emptied: UInt64?
    /// Hidden names of archives that a compression or a transfer may have left, and that are ours.
    package var hidden: [Location]

    package init(
      _ policy: Policy? = nil, intent: Intent? = nil, isThorough: Bool = false, emptied: UInt64? = nil,
      hidden: [Location] = []
    ) {
      self.policy = policy
      self.intent = intent
      self.emptied = emptied
      self.hidden = hidden
      self.isThorough = isThorough || intent != nil
    }
  }

  /// The inventory as it is now. With listings, it has a look at the live log alone and, where they have one, at the staging
  /// file; without, dated archives are listed and numbered ones asked for. `live` is the live log's status, if it is known.
  /// `listed` are the archives to ask for, where a listing was made not long ago.
  package func read(
    _ log: FileName, in directories: LogDirectories, _ naming: ArchiveNaming, live: FileStatus? = nil,
    listings: LogListings? = nil, listed: [Version]? = nil, suffix: String? = nil, leftovers: Leftovers = Leftovers()
  ) throws(Errno) -> Inventory {
    var listings = listings
    if listings == nil, listed == nil { listings = try self.listings(of: directories, naming) }
    // Where a hidden archive belongs is seen from all archives.
    if listings == nil, !leftovers.hidden.isEmpty {
      listings = try ListingWalk(directories, naming, fileSystem).end()
    }
    let live = if let live { live } else { try fileSystem.status(of: log, in: directories.log) }
    guard let listings else { return try probe(log, live, in: directories, naming, listed, suffix: suffix, leftovers) }
    let isStaged = listings.log.staged.contains(log)
    let staged = isStaged ? try self.staged(log, in: directories.log, isThorough: true) : []
    var inventory = Inventory(
      name: log, live: live, versions: listings.versions(of: log), naming: naming, home: directories.home)
    takeStaged(staged, &inventory, directories, leftovers)
    try addAges(&inventory, directories, leftovers)
    try takeHidden(&inventory, directories, leftovers)
    try markEmptied(&inventory, directories, leftovers)
    try addTimes(&inventory, directories)
    claimed?.mark(&inventory, in: directories)
    return inventory
  }

  private func takeStaged(
    _ staged: [(name: FileName, status: FileStatus)], _ inventory: inout Inventory, _ directories: LogDirectories,
    _ leftovers: Leftovers
  ) {
    guard !staged.isEmpty else { return }
    let owners = fileSystem.owners(of: inventory.live, in: directories.log, leftovers.policy)
    inventory.takeStaged(staged, owners: owners, intent: leftovers.intent)
  }

  /// Takes in what lies under hidden names, with the times by which the copy of a hidden archive is known.
  private func takeHidden(
    _ inventory: inout Inventory, _ directories: LogDirectories, _ leftovers: Leftovers
  ) throws(Errno) {
    for location in leftovers.hidden {
      guard let directory = try? directories.directory(of: location.place),
        let status = try fileSystem.status(of: location.name, in: directory)
      else { continue }
      inventory.takeHidden(location, status)
    }
    if !inventory.hidden.isEmpty { try addAges(&inventory, directories) }
  }

  /// Where a file under the staging name belongs is seen from the ages of the versions, unless the intent tells. So is what a rotation
  /// removes by age.
  private func addAges(
    _ inventory: inout Inventory, _ directories: LogDirectories, _ leftovers: Leftovers
  ) throws(Errno) {
    if leftovers.policy?.rules.maxAgeAtRotation != nil { return try addAges(&inventory, directories) }
    guard let staged = inventory.staging, !inventory.naming.isDated, leftovers.intent?.inode != staged.inode else {
      return
    }
    try addAges(&inventory, directories)
  }

  private func addAges(_ inventory: inout Inventory, _ directories: LogDirectories) throws(Errno) {
    for index in inventory.versions.indices {
      let location = inventory.location(of: inventory.versions[index])
      let directory = try directories.directory(of: location.place)
      let status = try fileSystem.status(of: location.name, in: directory)
      inventory.versions[index].modified = status?.modified
      inventory.versions[index].born = status?.born
    }
  }

  /// Marks the archive that is none: what an undo has left, as long as nobody has written to it.
  private func markEmptied(
    _ inventory: inout Inventory, _ directories: LogDirectories, _ leftovers: Leftovers
  ) throws(Errno) {
    guard let inode = leftovers.emptied,
      let index = inventory.versions.firstIndex(where: { inventory.isFile(inode, $0) && $0.suffix.isEmpty })
    else { return }
    let directory = try directories.directory(of: inventory.versions[index].place)
    let status = try fileSystem.status(of: inventory.name(of: inventory.versions[index]), in: directory)
    guard let status, status.kind == .regular, status.inode == inode, status.size == 0 else { return }
    inventory.versions[index].isEmptied = true
  }

  /// What lies under the staging names, up to the first that is free, or under all of them.
  private func staged(
    _ log: FileName, in directory: OpenDirectory, isThorough: Bool
  ) throws(Errno) -> [(name: FileName, status: FileStatus)] {
    var found: [(name: FileName, status: FileStatus)] = []
    for index in 0..<StagingName.count {
      let name = StagingName.of(log, index)
      // A name that is too long stands for nothing.
      guard name.bytes.count <= Limits.maxNameBytes else { break }
      if let status = try fileSystem.status(of: name, in: directory) {
        found.append((name, status))
      } else if !isThorough {
        break
      }
    }
    return found
  }

  /// The name that the archive of this inode has now, as seen from the log's directory; nil when it is not to be found.
  package func archive(of inode: UInt64, _ policy: Policy, _ log: FileName, in path: FilePath) -> FilePath? {
    guard let directory = try? fileSystem.openDirectory(path),
      let directories = try? LogDirectories(directory, policy, on: fileSystem, makes: false),
      let inventory = try? read(log, in: directories, policy.naming)
    else { return nil }
    return inventory.archive(holding: Intent(inode: inode, due: nil))?.path
  }

  /// Of two files of one version the times tell whether one is made of the other.
  private func addTimes(_ inventory: inout Inventory, _ directories: LogDirectories) throws(Errno) {
    let versions = inventory.versions
    for index in versions.indices.dropFirst() where versions[index].key == versions[index - 1].key {
      for duplicate in [index - 1, index] where inventory.versions[duplicate].modified == nil {
        let directory = try directories.directory(of: versions[duplicate].place)
        inventory.versions[duplicate].modified =
          try fileSystem.status(of: inventory.name(of: versions[duplicate]), in: directory)?.modified
      }
      let (one, other) = (inventory.versions[index - 1], inventory.versions[index])
      // A copy on another file system may have its time cut off: then a look into both tells.
      guard one.suffix == other.suffix, one.modified != other.modified,
        one.place.isOnLogsFileSystem != other.place.isOnLogsFileSystem
      else { continue }
      for duplicate in [index - 1, index] {
        inventory.versions[duplicate].sample = sample(of: versions[duplicate], inventory, directories)
      }
    }
  }

  /// nil when it cannot be read now.
  private func sample(of version: Version, _ inventory: Inventory, _ directories: LogDirectories) -> Version.Sample? {
    guard let directory = try? directories.directory(of: version.place),
      let file = try? fileSystem.hold(inventory.name(of: version), in: directory),
      let size = try? file.status().size, let head = try? file.read(Version.Sample.length, at: 0),
      let tail = try? file.read(
        Version.Sample.length, at: max(Int64(head.count), size - Int64(Version.Sample.length)))
    else { return nil }
    return Version.Sample(size: size, head: head, tail: tail)
  }

  /// The inventory by asking for each name, at no more calls in a directory of a million. Names are those of archives that were
  /// listed; or else numbers from 1 up, past the first that is missing to the second. A rotation fills the first gap, and can touch what follows on it; one that was
  /// interrupted has left a gap. A leftover that is still to be published fills one more. `suffix` is what the job's own
  /// compressor puts behind a name, where it has one: then a plain version may have a twin of its making.
  private func probe(
    _ log: FileName, _ live: FileStatus?, in directories: LogDirectories, _ naming: ArchiveNaming,
    _ listed: [Version]?, suffix: String?, _ leftovers: Leftovers
  ) throws(Errno) -> Inventory {
    let staged = try self.staged(log, in: directories.log, isThorough: leftovers.isThorough)
    let versions =
      if let listed { try stillThere(listed, of: log, in: directories, naming, suffix) } else {
        try numbered(log, in: directories, naming, suffix, gapsToPass: staged.isEmpty ? 1 : 2)
      }
    var inventory = Inventory(
      name: log, live: live, versions: versions, naming: naming, home: directories.home)
    takeStaged(staged, &inventory, directories, leftovers)
    try addAges(&inventory, directories, leftovers)
    try markEmptied(&inventory, directories, leftovers)
    if directories.archives != nil { try addTimes(&inventory, directories) }
    claimed?.mark(&inventory, in: directories)
    return inventory
  }

  /// What is there now of archives that were listed: under the same names, without a suffix, and with that of the compressor.
  private func stillThere(
    _ listed: [Version], of log: FileName, in directories: LogDirectories, _ naming: ArchiveNaming, _ suffix: String?
  ) throws(Errno) -> [Version] {
    var found: [Version] = []
    for (key, versions) in Dictionary(grouping: listed, by: \.key).sorted(by: { $0.key < $1.key }) {
      for suffix in Set(versions.map(\.suffix) + ["", suffix ?? ""]).sorted() {
        let name = naming.name(of: log, key, suffix: suffix)
        for (place, directory) in directories.places {
          guard let status = try fileSystem.status(of: name, in: directory) else { continue }
          found.append(Version(key, suffix: suffix, in: place, inode: status.inode, modified: status.modified))
        }
      }
    }
    return found
  }

  /// The numbered archives; `gapsToPass` numbers may be missing before the row ends.
  private func numbered(
    _ log: FileName, in directories: LogDirectories, _ naming: ArchiveNaming, _ suffix: String?, gapsToPass: Int
  ) throws(Errno) -> [Version] {
    var (versions, gapsToPass): ([Version], Int) = ([], gapsToPass)
    for number in 1...Limits.maxVersion {
      var found: [Version] = []
      for (place, directory) in directories.places {
        found += try self.versions(number, of: log, in: directory, place, naming, suffix)
      }
      if found.isEmpty {
        if gapsToPass == 0 { break }
        gapsToPass -= 1
      }
      versions += found
    }
    return versions
  }

  /// The files of one number in one directory. A plain version hides the compressed twin that somebody else made; such a one
  /// is found where the directory is listed.
  private func versions(
    _ number: Int, of log: FileName, in directory: OpenDirectory, _ place: DirectoryRole, _ naming: ArchiveNaming,
    _ suffix: String?
  ) throws(Errno) -> [Version] {
    let key = VersionKey.number(number)
    func look(_ suffix: String) throws(Errno) -> Version? {
      let name = naming.name(of: log, key, suffix: suffix)
      guard let status = try fileSystem.status(of: name, in: directory) else { return nil }
      return Version(key, suffix: suffix, in: place, inode: status.inode, modified: status.modified)
    }
    if let plain = try look("") {
      guard let suffix, let duplicate = try look(suffix) else { return [plain] }
      return [plain, duplicate]
    }
    var found: [Version] = []
    for suffix in naming.suffixes {
      if let version = try look(suffix) { found.append(version) }
    }
    return found
  }
}
