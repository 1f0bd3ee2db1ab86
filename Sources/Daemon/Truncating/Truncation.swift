package import Rotation
package import Timekeeping

/// A truncation in progress, from before the archive has its name until the content is removed from the log.
///
/// All offsets are those in the log before the truncation.
package struct Truncation: Hashable, Sendable {
  /// The inode of the log.
  package var live: UInt64
  /// The inode of the file to which its content was copied.
  package var archive: UInt64
  /// The archive has the bytes from here …
  package var start: Int64
  /// … to here.
  package var end: Int64
  /// With `collapse`: the bytes below are removed, in whole blocks. The bytes from here to `end` become padding.
  package var removed: Int64
  /// The method, never `auto`.
  package var way: TruncationMethod
  /// With `collapse`: all bytes below `removed` are NUL on disk, and only their removal is left to do.
  package var isPunched = false
  /// The due time that it serves; nil for a rotation by size or by hand.
  package var due: WallTime?

  /// Plans the truncation of a log at the end of a line.
  package init(
    live: UInt64, archive: UInt64, start: Int64, end: Int64, way: TruncationMethod, blockSize: Int64, due: WallTime?
  ) {
    self.live = live
    self.archive = archive
    self.start = start
    self.end = end
    self.way = way
    self.due = due
    // At least one byte of padding: the removed range then ends before the end of the file, as a collapse requires, and
    // the file does not begin with a NUL afterwards.
    self.removed = way == .collapse && end > 0 ? (end - 1) / blockSize * blockSize : end
  }

  /// Restores one from the state.
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

  /// The intent with which the planner finishes the rotation.
  package var intent: Intent { Intent(inode: live, due: due, copy: archive) }

  /// What the truncation leaves at the head of the log, and the next one skips.
  package var padding: Padding { Padding(inode: live, length: way == .collapse ? end - removed : 0) }
}

/// A line of blanks at the head of a log, in place of archived bytes that do not fill a block.
package struct Padding: Hashable, Sendable {
  package var inode: UInt64
  package var length: Int64

  package init(inode: UInt64, length: Int64) {
    self.inode = inode
    self.length = length
  }

  /// The line of blanks.
  package var bytes: [UInt8] {
    guard length > 0 else { return [] }
    return [UInt8](repeating: UInt8(ascii: " "), count: Int(length) - 1) + [UInt8(ascii: "\n")]
  }
}
