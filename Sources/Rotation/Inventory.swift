/// What is on disk of one log: the live file, what a former rotation may have left half-done, and its versions.
package struct Inventory: Hashable, Sendable {
  /// The live log's name in its directory.
  package var name: String
  /// What the live name stands for; nil when there is nothing.
  package var live: FileStatus?
  /// What `StagingName` stands for; a leftover, since a finished rotation has none.
  package var staging: FileStatus?
  /// In ascending order of number; several entries of one number differ in suffix.
  package var versions: [Version]

  package init(name: String, live: FileStatus?, staging: FileStatus? = nil, versions: [Version] = []) {
    self.name = name
    self.live = live
    self.staging = staging
    self.versions = versions.sorted { ($0.number, $0.suffix) < ($1.number, $1.suffix) }
  }
}

extension Inventory {
  /// The name of an archive.
  package func name(of version: Version) -> String { ArchiveName.plain(name, version.number) + version.suffix }

  /// Version 1, if it is the live log by another name: a rotation by link(2) was cut off there. Another version that is
  /// so was linked by somebody else.
  package var linkedVersion: Version? {
    versions.first { $0.number == 1 && $0.suffix.isEmpty && $0.inode == live?.inode }
  }

  /// The name of the version that is the file of this intent; nil when none is.
  package func archive(holding intent: Intent?) -> String? {
    versions.first { $0.inode == intent?.inode }.map(name(of:))
  }
}

/// One archive of a log: `NAME.NUMBER` and a compressor's suffix.
package struct Version: Hashable, Sendable {
  /// 1 is the newest.
  package var number: Int
  /// Empty for a plain archive, else `.gz` and its like.
  package var suffix: String
  package var inode: UInt64
  /// Last modification; known where two files have one number.
  package var modified: WallTime?

  package init(number: Int, suffix: String = "", inode: UInt64, modified: WallTime? = nil) {
    self.number = number
    self.suffix = suffix
    self.inode = inode
    self.modified = modified
  }
}

/// A rotation that was begun: which file it takes away from the live name. It is recorded before the first step
/// and closed after the last, so that planning again can tell a rotation that is done from one not begun.
package struct Intent: Hashable, Sendable {
  /// Inode of the live log when the rotation began.
  package var inode: UInt64
  /// The due time it serves; nil for a rotation by size or by hand.
  package var due: WallTime?

  package init(inode: UInt64, due: WallTime?) {
    self.inode = inode
    self.due = due
  }
}
