package import Rotation

/// The part of the file system port for copying the content of a log and truncating the log.
package protocol TruncateFiles: AnyObject {
  /// Opens a regular file with one name for reading and, if it `cuts`, for writing, never through a link; `Errno.isDirectory` or
  /// `Errno.invalid` for a file that is not regular, `Errno.tooManyLinks` for one with several names that `mayBeLinked` does not allow.
  func openLog(_ name: FileName, in directory: OpenDirectory, mayBeLinked: Bool, cuts: Bool) throws(Errno)
    -> any LogFile

  /// How files of this directory can be truncated, tried on a file without a name.
  func cutSupport(in directory: OpenDirectory) throws(Errno) -> TruncationSupport

  /// fsync(2) of a file by its name.
  func sync(_ name: FileName, in directory: OpenDirectory) throws(Errno)
}

/// What a file system can do with the head of a file (fallocate(2)).
package struct TruncationSupport: Hashable, Sendable {
  package var collapses: Bool
  package var punches: Bool

  package init(collapses: Bool, punches: Bool) {
    self.collapses = collapses
    self.punches = punches
  }
}

/// An open file, which stays open when its name changes.
package protocol OpenFile: AnyObject {
  /// The number by which the file system or a child identifies it.
  var token: Int32 { get }

  /// Its current size, times and inode.
  func status() throws(Errno) -> FileStatus
}

/// A file to which bytes are copied.
package protocol WritableFile: OpenFile {
  /// fdatasync(2): the content is on disk when this returns.
  func sync() throws(Errno)

  /// Writes the blocks of a range to disk (sync_file_range(2)) and waits for that, so that a later `sync`, which alone is
  /// a guarantee, has little left to do.
  func flush(from start: Int64, to end: Int64) throws(Errno)
}

/// Whether a process writes to a file at its own offset, without O_APPEND.
package enum OffsetWriters: Hashable, Sendable {
  case none, some
  /// Unknown: there are too many descriptors, or some are not visible.
  case unknown
  /// The search is not complete: ask again after a yield.
  case searching
}

/// A log that is open for reading and truncating. Offsets and lengths are bytes.
package protocol LogFile: WritableFile {
  /// The unit of allocation of the file system (statfs(2), f_bsize).
  var blockSize: Int64 { get }

  /// Whether a process other than this one writes to the file at its own offset.
  func offsetWriters() -> OffsetWriters

  /// The first byte at or after `offset` that the file system does not know to be in a hole (lseek(2), SEEK_DATA). If
  /// there is none, the end of the file, or `offset` if that is greater.
  func nextData(from offset: Int64) throws(Errno) -> Int64

  /// Reads `count` bytes, fewer only at the end of the file.
  func read(_ count: Int, at offset: Int64) throws(Errno) -> [UInt8]

  /// Copies the bytes between two offsets to another file, sharing blocks where the file system can: at most `most`
  /// bytes of data, while a hole stays a hole and is not counted. Returns how far it came in bytes; 0 at the end of
  /// this file.
  func copy(
    from start: Int64, to end: Int64, atMost most: Int64, into target: any WritableFile, at place: Int64
  ) throws(Errno) -> Int64

  /// Overwrites existing bytes.
  func overwrite(_ bytes: [UInt8], at offset: Int64) throws(Errno)

  /// FALLOC_FL_PUNCH_HOLE: the bytes from `start` to below `end` become NUL, and the file keeps its size.
  func punch(from start: Int64, to end: Int64) throws(Errno)

  /// FALLOC_FL_COLLAPSE_RANGE: removes the bytes below `end`, which is a multiple of the block size and less than the
  /// file's size. Where blocks are allocated in larger clusters, less or nothing is removed.
  func collapse(below end: Int64) throws(Errno)

  /// ftruncate(2) to length 0.
  func empty() throws(Errno)
}
