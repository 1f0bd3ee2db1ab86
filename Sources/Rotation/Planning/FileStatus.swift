package import Timekeeping

/// What a name in a log directory stands for, as far as a plan needs to know (statx(2)).
package struct FileStatus: Hashable, Sendable {
  /// The kinds that a plan tells apart.
  package enum Kind: Hashable, Sendable {
    case regular, directory, symbolicLink, other
  }

  /// Only a regular file is ever rotated.
  package var kind: Kind
  package var inode: UInt64
  /// Bytes.
  package var size: Int64
  /// The bytes that it takes on disk: less than its size where it has holes, more where the last block is not full.
  package var allocated: Int64
  /// Permission bits, 0o7777 at most.
  package var mode: UInt32
  package var user: UInt32
  package var group: UInt32
  /// Number of hard links.
  package var links: UInt32
  /// Last modification of the content.
  package var modified: WallTime
  /// When the inode was made; nil where the file system does not say.
  package var born: WallTime?

  package init(
    kind: Kind, inode: UInt64, size: Int64, mode: UInt32, user: UInt32, group: UInt32, links: UInt32,
    modified: WallTime, born: WallTime?, allocated: Int64? = nil
  ) {
    self.kind = kind
    self.inode = inode
    // A file system may say anything; a negative number of bytes is none.
    self.size = max(0, size)
    self.allocated = max(0, allocated ?? size)
    self.mode = mode
    self.user = user
    self.group = group
    self.links = links
    self.modified = modified
    self.born = born
  }

  /// The inode of the new live log in the inventory that a plan leads to: no file has it.
  static let unmade = UInt64.max

  /// How much the file may hold beside holes, without a look into it: what takes up room; never more than its length, since
  /// blocks may be allocated ahead. Nothing at all is not believed: some file systems do not tell.
  package var sizeByRoom: Int64 { allocated == 0 ? size : min(size, allocated) }
}

/// Mode and ownership of a file that is about to be made.
package struct Attributes: Hashable, Sendable {
  package var mode: UInt32
  package var user: UInt32
  package var group: UInt32
  /// Names that are looked up when the file is made; one that the system has counts instead of `user` or `group`.
  package var names: OwnerNames

  package init(mode: UInt32, user: UInt32, group: UInt32, names: OwnerNames = OwnerNames()) {
    self.mode = mode
    self.user = user
    self.group = group
    self.names = names
  }
}
