package import Timekeeping

/// The position of an archive among those of its log, by age: the newest comes first.
package enum VersionKey: Hashable, Comparable, Sendable {
  /// 1 is the newest.
  case number(Int)
  /// A date, as its `DateFormat` counts it, and the number of the archive of that date; 0 is the first, and is not in
  /// the name.
  case date(Int64, sequence: Int)

  package static func < (newer: VersionKey, older: VersionKey) -> Bool {
    switch (newer, older) {
    case (.number(let one), .number(let other)): one < other
    case (.date(let one, let first), .date(let other, let second)): (one, first) > (other, second)
    case (.number, .date): true
    case (.date, .number): false
    }
  }
}

/// One archive of a log.
package struct Version: Hashable, Sendable {
  /// Its number or date.
  package var key: VersionKey
  /// Empty for an uncompressed archive, else `.gz` and the like.
  package var suffix: String
  /// The directory of the archive.
  package var place: DirectoryRole
  /// Its inode, in the file system of its directory.
  package var inode: UInt64
  /// The last modification; known where two files have the same key.
  package var modified: WallTime?
  /// When its inode was made; known where something has the staging name, and the file system says it.
  package var born: WallTime?
  /// A look into it; known where two plain files on two file systems have one key and different times.
  package var sample: Sample?
  /// Whether `logs` of a job matches its name as well, and no record says that a rotation has made it: it is left as it
  /// is.
  package var mayBeLog = false
  /// Whether it is no archive, but the empty file that an undo has left under an archive's name. It does not count.
  package var isEmptied = false
  /// Whether a rotation has found it older than the policy keeps, and it waits for what is done before its removal.
  package var isOutdated = false
  /// Whether it is not compressed, because its copy would take more room.
  package var staysPlain = false

  package init(
    _ key: VersionKey, suffix: String = "", in place: DirectoryRole = .logDirectory, inode: UInt64,
    modified: WallTime? = nil
  ) {
    self.key = key
    self.suffix = suffix
    self.place = place
    self.inode = inode
    self.modified = modified
  }

  /// One of the numbered archives beside the log.
  package init(number: Int, suffix: String = "", inode: UInt64, modified: WallTime? = nil) {
    self.init(.number(number), suffix: suffix, inode: inode, modified: modified)
  }

  /// Identifies a copy that could not get the modification time of its source.
  package struct Sample: Hashable, Sendable {
    /// The bytes at each end that are compared.
    package static let length = 4096

    /// The size of the file in bytes.
    package var size: Int64
    /// The first bytes.
    package var head: [UInt8]
    /// The last bytes.
    package var tail: [UInt8]

    package init(size: Int64, head: [UInt8], tail: [UInt8]) {
      self.size = size
      self.head = head
      self.tail = tail
    }

    /// Whether there is nothing between head and tail.
    var isWhole: Bool { size <= Int64(head.count + tail.count) }
  }

  /// A file on one of the two file systems that the archives of a log may be on.
  package struct File: Hashable, Sendable {
    package var inode: UInt64
    package var isOnLogsFileSystem: Bool

    package init(inode: UInt64, isOnLogsFileSystem: Bool) {
      self.inode = inode
      self.isOnLogsFileSystem = isOnLogsFileSystem
    }
  }

  /// The file of this archive, independent of its name.
  package var file: File { File(inode: inode, isOnLogsFileSystem: place.isOnLogsFileSystem) }

  /// The number of a numbered archive; nil for a dated one.
  package var number: Int? { if case .number(let number) = key { number } else { nil } }
}
