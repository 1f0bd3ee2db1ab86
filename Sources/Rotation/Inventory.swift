/// What is on disk of one log: the live file, what a former rotation may have left half-done, and its versions.
package struct Inventory: Hashable, Sendable {
  /// The live log's name in its directory.
  package var name: FileName
  /// What the live name stands for; nil when there is nothing.
  package var live: FileStatus?
  /// What `StagingName` stands for; a leftover, since a finished rotation has none.
  package var staging: FileStatus?
  /// The newest first; several entries of one key differ in suffix or place.
  package var versions: [Version]
  /// What archives are called.
  package var naming: ArchiveNaming
  /// The directory that archives belong in.
  package var home: Place

  package init(
    name: FileName, live: FileStatus?, staging: FileStatus? = nil, versions: [Version] = [],
    naming: ArchiveNaming = .numbered, home: Place = .logDirectory
  ) {
    self.name = name
    self.live = live
    self.staging = staging
    self.versions = versions.sorted { one, other in
      one.key == other.key
        ? (one.suffix, one.place == home ? 0 : 1) < (other.suffix, other.place == home ? 0 : 1) : one.key < other.key
    }
    self.naming = naming
    self.home = home
  }
}

extension Inventory {
  /// The name of an archive.
  package func name(of version: Version) -> FileName { naming.name(of: name, version.key, suffix: version.suffix) }

  /// The name of an archive, with the directory that it lies in.
  package func location(of version: Version) -> Location { Location(name(of: version), in: version.place) }

  /// The newest version, if it is the live log by another name: a rotation by link(2) was cut off there. Another version
  /// that is so was linked by somebody else.
  package var linkedVersion: Version? {
    guard let newest = versions.first, naming.isDated || newest.key == .number(1) else { return nil }
    return versions.first { $0.key == newest.key && $0.suffix.isEmpty && isFile(live?.inode, $0) }
  }

  /// The version that stands in the way of a rotation: it would have to move on, and it may be a log.
  package var obstacle: Version? {
    guard !naming.isDated else { return nil }
    var gap = 1
    for version in versions {
      guard let number = version.number, number <= gap else { break }
      if version.mayBeLog { return version }
      gap = number + 1
    }
    return nil
  }

  /// The version that is the file of this intent; nil when none is.
  package func archive(holding intent: Intent?) -> Location? {
    versions.first { isFile(intent?.inode, $0) }.map(location(of:))
  }

  /// Whether a version is the file of this inode of the log's own file system.
  package func isFile(_ inode: UInt64?, _ version: Version) -> Bool {
    version.inode == inode && version.place.isOnLogsFileSystem
  }
}
