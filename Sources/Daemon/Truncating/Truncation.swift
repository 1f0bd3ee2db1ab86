package import Rotation
package import Timekeeping

/// A log's content on its way into an archive, from before the archive has its name until it is cut off the log.
///
/// All offsets are those of the log before the cut.
package struct Truncation: Hashable, Sendable {
  /// The log.
  package var live: UInt64
  /// The file that its content was copied to.
  package var archive: UInt64
  /// The archive holds the bytes from here …
  package var start: Int64
  /// … to here.
  package var end: Int64
  /// By collapsing: the bytes below go, in whole blocks. What lies between here and `end` becomes filler.
  package var removed: Int64
  /// Never `auto`.
  package var way: TruncationMethod
  /// By collapsing: all below `removed` is NUL on disk, and only the removal of it is left.
  package var isPunched = false
  /// The due time it serves; nil for a rotation by size or by hand.
  package var due: WallTime?

  /// Plans the cut of a log at the end of a line.
  package init(
    live: UInt64, archive: UInt64, start: Int64, end: Int64, way: TruncationMethod, blockSize: Int64, due: WallTime?
  ) {
    self.live = live
    self.archive = archive
    self.start = start
    self.end = end
    self.way = way
    self.due = due
    // At least one byte of filler: then the range ends before the file, and the file never begins with a NUL after it.
    self.removed = way == .collapse && end > 0 ? (end - 1) / blockSize * blockSize : end
  }

  /// Takes one over from the state.
  init(
    live: UInt64, archive: UInt64, start: Int64, end: Int64, removed: Int64, way: TruncationMethod, isPunched: Bool,
    due: WallTime?
  ) {
    self.live = live
    self.archive = archive
    self.start = start
    self.end = end
    self.removed = removed
    self.way = way
    self.isPunched = isPunched
    self.due = due
  }

  /// By which the planner finishes its rotation.
  package var intent: Intent { Intent(inode: live, due: due, copy: archive) }

  /// What the cut leaves at the head of the log, to be skipped by the next one.
  package var padding: Padding { Padding(inode: live, length: way == .collapse ? end - removed : 0) }
}

/// A line of blanks at the head of a log, in place of archived bytes that fill no block.
package struct Padding: Hashable, Sendable {
  package var inode: UInt64
  package var length: Int64

  package init(inode: UInt64, length: Int64) {
    self.inode = inode
    self.length = length
  }

  /// The line.
  package var bytes: [UInt8] {
    guard length > 0 else { return [] }
    return [UInt8](repeating: UInt8(ascii: " "), count: Int(length) - 1) + [UInt8(ascii: "\n")]
  }
}
