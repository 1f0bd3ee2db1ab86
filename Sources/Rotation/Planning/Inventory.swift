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
  /// What a compression or a transfer that was cut off has left under hidden names of archives.
  package var hidden: [HiddenFile] = []
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
    self.versions = versions.sorted { Self.isBefore($0, $1, home) }
    self.naming = naming
    self.home = home
  }

  private static func isBefore(_ one: Version, _ other: Version, _ home: DirectoryRole) -> Bool {
    one.key == other.key
      ? (one.suffix, one.place == home ? 0 : 1) < (other.suffix, other.place == home ? 0 : 1) : one.key < other.key
  }
}

/// A file under a hidden name of an archive, for the moment in which a copy takes the archive's place.
package struct HiddenFile: Hashable, Sendable {
  /// What the file is.
  package enum Role: Hashable, Sendable {
    /// The archive itself.
    case source
    /// What a compressor writes, where files without a name cannot be had.
    case output
  }

  /// The archive itself, or what is made of it.
  package var role: Role
  /// Its hidden name.
  package var location: Location
  /// The archive as it would be under its own name.
  package var archive: Version
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
  /// Takes in what lies under the staging names, in their order. Ours is a regular file that is the log of the intent, or one
  /// of the log's versions, or has one name and an owner whom our files belong to: everything else was put there by others, and
  /// would become an archive that pushes out a real one.
  package mutating func takeStaged(
    _ found: [(name: FileName, status: FileStatus)], owners: Set<UInt32>, intent: Intent?
  ) {
    let used = found.first { _, status in
      status.kind == .regular
        && (intent?.number(of: status.inode, live: live?.inode) != nil
          || versions.contains { isFile(status.inode, $0) }
          || status.links == 1 && owners.contains(status.user))
    }
    staging = used?.status
    let names = (0..<StagingName.count).lazy.map { [name] in StagingName.of(name, $0) }
    stagingName = used?.name ?? names.first { name in !found.contains { $0.name == name } } ?? StagingName.of(name)
    foreign = found.filter { $0.name != used?.name && used?.status.inode != $0.status.inode }
      .map { Foreign(name: $0.name, kind: $0.status.kind, user: $0.status.user) }
  }

  /// Takes in a file under a hidden name of one of the log's archives; every other name is left out.
  package mutating func takeHidden(_ location: Location, _ status: FileStatus) {
    let source = StagingName.supersededArchive(of: location.name)
    guard status.kind == .regular, let archive = source ?? StagingName.outputArchive(of: location.name),
      let (key, suffix) = naming.version(archive, of: name)
    else { return }
    let version = Version(key, suffix: suffix, in: location.place, inode: status.inode, modified: status.modified)
    hidden.append(HiddenFile(role: source == nil ? .output : .source, location: location, archive: version))
  }

  /// Adds an archive at its place in the order of age.
  mutating func insert(_ version: Version) {
    let index = versions.firstIndex { Self.isBefore(version, $0, home) } ?? versions.endIndex
    versions.insert(version, at: index)
  }

  /// The versions of one key. They stand together, so the others are not looked at: there may be ten thousand.
  func versions(of key: VersionKey) -> ArraySlice<Version> {
    var (low, high) = (0, versions.count)
    while low < high {
      let middle = (low + high) / 2
      if versions[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return versions[low...].prefix { $0.key == key }
  }

  /// Takes over what a step that waited has done.
  mutating func apply(_ pending: PendingStep) {
    if case .perform = pending.step { return }
    versions.removeAll { $0 == pending.archive }
    switch pending.step {
    case .compress(_, let copy), .transfer(_, let copy):
      guard let (key, suffix) = naming.version(copy.name, of: name) else { return }
      insert(Version(key, suffix: suffix, in: copy.place, inode: 0, modified: pending.archive.modified))
    default: break
    }
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

  /// The version that is the file of this intent, or the copy of it; nil when none is.
  package func archive(holding intent: Intent?) -> Location? {
    versions.first { isFile(intent?.copy ?? intent?.inode, $0) }.map(location(of:))
  }

  /// Whether a version is the file of this inode of the log's own file system.
  package func isFile(_ inode: UInt64?, _ version: Version) -> Bool {
    version.inode == inode && version.place.isOnLogsFileSystem
  }
}
