package import Rotation

/// The part of the disk's port that is about copying the content of a log and cutting it off.
package protocol TruncateFiles: AnyObject {
  /// Opens a regular file of one name for reading and writing, never through a link; `Errno.isDirectory` or
  /// `Errno.invalid` for what is no regular file, `Errno.tooManyLinks` for one of several names.
  func openLog(_ name: FileName, in directory: OpenDirectory) throws(Errno) -> any LogFile

  /// How files of this directory can be cut, tried on a file without a name.
  func cutSupport(in directory: OpenDirectory) throws(Errno) -> TruncationSupport

  /// fsync(2) of a file by its name.
  func sync(_ name: FileName, in directory: OpenDirectory) throws(Errno)
}

/// What a file system can do to the head of a file (fallocate(2)).
package struct TruncationSupport: Hashable, Sendable {
  package var collapses: Bool
  package var punches: Bool

  package init(collapses: Bool, punches: Bool) {
    self.collapses = collapses
    self.punches = punches
  }
}

/// A file that is open, whatever becomes of its name.
package protocol OpenFile: AnyObject {
  /// What the file system, or a child, knows it by.
  var token: Int32 { get }

  /// Size, times and inode as they are now.
  func status() throws(Errno) -> FileStatus
}

/// A file that bytes are copied to.
package protocol WritableFile: OpenFile {
  /// fdatasync(2): the content is on disk when this returns.
  func sync() throws(Errno)

  /// Writes a range out as far as the file system can (sync_file_range(2)), so that `sync`, which alone is a promise, has little
  /// left to do and takes little time.
  func flush(from start: Int64, to end: Int64) throws(Errno)
}

/// Whether a process writes to a file at an offset of its own, without O_APPEND.
package enum OffsetWriters: Hashable, Sendable {
  case none, some
  /// It could not be told: there are too many descriptors, or some are not to be seen.
  case unknown
  /// It is being looked for: ask again, after what else there is to do.
  case searching
}

/// A log that is open for reading and cutting. Offsets and lengths are bytes.
package protocol LogFile: WritableFile {
  /// What the file system allocates at a time (statfs(2), f_bsize).
  var blockSize: Int64 { get }

  /// Whether some process but our own writes to the file at an offset of its own.
  func offsetWriters() -> OffsetWriters

  /// The first byte at or behind `offset` that the file system does not know to be in a hole; the end of the file, or `offset`
  /// if that is greater, when there is none (lseek(2), SEEK_DATA).
  func nextData(from offset: Int64) throws(Errno) -> Int64

  /// So many bytes, fewer only at the end of the file.
  func read(_ count: Int, at offset: Int64) throws(Errno) -> [UInt8]

  /// Copies to another file what lies from one offset up to another, sharing blocks where the file system can: at most so many
  /// bytes of data, while a hole stays a hole and counts nothing. Returns how far it came, 0 at the end of this file.
  func copy(
    from start: Int64, to end: Int64, atMost most: Int64, into target: any WritableFile, at place: Int64
  ) throws(Errno) -> Int64

  /// Writes over bytes that are there.
  func overwrite(_ bytes: [UInt8], at offset: Int64) throws(Errno)

  /// FALLOC_FL_PUNCH_HOLE: the bytes from `start` to below `end` are NUL, and the file keeps its size.
  func punch(from start: Int64, to end: Int64) throws(Errno)

  /// FALLOC_FL_COLLAPSE_RANGE: what is below `end`, a multiple of the block size and short of the end of the file, goes.
  /// Where blocks are taken in greater clusters, less of it may go, or nothing.
  func collapse(below end: Int64) throws(Errno)

  /// ftruncate(2) to nothing.
  func empty() throws(Errno)
}
