package import Timekeeping

/// A rotation that was begun: which file it takes away from the live name. It is recorded before the first step
/// and closed after the last, so that planning again can tell a rotation that is done from one not begun.
package struct Intent: Hashable, Sendable {
  /// Inode of the live log when the rotation began.
  package var inode: UInt64
  /// The due time it serves; nil for a rotation by size or by hand.
  package var due: WallTime?
  /// Inode of the copy that was made of the log, where what is copied is then cut off it; nil where the log itself is moved.
  package var copy: UInt64?
  /// The time that the archive bears in its name; nil where archives are numbered.
  package var time: WallTime?
  /// Inodes of the versions 1, 2, … that were to move up by exchanges when the rotation began.
  package var archives: [UInt64]

  package init(
    inode: UInt64, due: WallTime?, time: WallTime? = nil, copy: UInt64? = nil, archives: [UInt64] = []
  ) {
    self.inode = inode
    self.due = due
    self.time = time
    self.copy = copy
    self.archives = archives
  }

  /// The same rotation, for this due time.
  package func serving(_ due: WallTime) -> Intent {
    var renewed = self
    renewed.due = due
    return renewed
  }

  /// The number that a file of this rotation is to have; nil for any other file. Before the log has left its name, no
  /// archive of this rotation has moved.
  func number(of file: UInt64, live: UInt64?) -> Int? {
    if file == inode { return 1 }
    guard let index = archives.firstIndex(of: file) else { return nil }
    return live == inode ? index + 1 : index + 2
  }
}
