package import Timekeeping

/// What is on disk of one log: the live file, what a former rotation may have left half-done, and its versions.
package struct Inventory: Hashable, Sendable {
  /// The live log's name in its directory.
  package var name: FileName
  /// What the live name stands for; nil when there is nothing.
  package var live: FileStatus?
  /// When the log was rotated last or, where that is not known, made; nil where neither is.
  package var begun: WallTime?
  /// What `stagingName` stands for; a leftover, since a finished rotation has none.
  package var staging: FileStatus?
  /// The one of the log's staging names that is used: that of the leftover, else the first that is free.
  package var stagingName: FileName
  /// What lies under staging names and is not ours. It stays.
  package var foreign: [Foreign] = []
  /// The newest first; several entries of one key differ in suffix or place.
  package var versions: [Version]
  /// What archives are called.
  package var naming: ArchiveNaming
  /// The directory that archives belong in.
  package var home: DirectoryRole

  package init(
    name: FileName, live: FileStatus?, staging: FileStatus? = nil, versions: [Version] = [],
    naming: ArchiveNaming = .numbered, home: DirectoryRole = .logDirectory
  ) {
    self.name = name
    self.live = live
    self.staging = staging
    self.stagingName = StagingName.of(name)
    self.versions = versions.sorted { one, other in
      one.key == other.key
        ? (one.suffix, one.place == home ? 0 : 1) < (other.suffix, other.place == home ? 0 : 1) : one.key < other.key
    }
    self.naming = naming
    self.home = home
  }
}

/// What lies under one of our hidden names and is not ours.
package struct Foreign: Hashable, Sendable {
  package var name: FileName
  package var kind: FileStatus.Kind
  package var user: UInt32

  package init(name: FileName, kind: FileStatus.Kind, user: UInt32) {
    self.name = name
    self.kind = kind
    self.user = user
  }
}

extension Inventory {
  /// Takes in what lies under the staging names, in their order. Ours is a regular file that is the log of the intent or one
  /// of its versions, or has one name and an owner whom our files belong to: everything else was put there by others, and
  /// would become an archive that pushes out a real one.
  package mutating func takeStaged(
    _ found: [(name: FileName, status: FileStatus)], owners: Set<UInt32>, intent: Intent?
  ) {
    let used = found.first { _, status in
      status.kind == .regular
        && (status.inode == intent?.inode || versions.contains { isFile(status.inode, $0) }
          || status.links == 1 && owners.contains(status.user))
    }
    staging = used?.status
    let names = (0..<StagingName.count).lazy.map { [name] in StagingName.of(name, $0) }
    stagingName = used?.name ?? names.first { name in !found.contains { $0.name == name } } ?? StagingName.of(name)
    foreign = found.filter { $0.name != used?.name && used?.status.inode != $0.status.inode }
      .map { Foreign(name: $0.name, kind: $0.status.kind, user: $0.status.user) }
  }

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
