package import Rotation

/// The part of the disk's port that is about archives after their rotation: who still writes to them, and how a file takes
/// another's place.
package protocol ArchiveFiles: AnyObject {
  /// Opens an archive, a regular file, to learn when its last writer has let go.
  func hold(_ name: FileName, in directory: OpenDirectory) throws(Errno) -> any LeasedFile

  /// unlink(2) of a file that nobody has open for writing; `Errno.busy` when somebody has. Where the file system cannot
  /// tell, the file is removed; where it could not be asked (EMFILE, ENOMEM), it is not.
  func removeReleased(_ name: FileName, in directory: OpenDirectory) throws(Errno)

  /// A new, empty file in the directory that has no name that anybody looks for. `archive` is what it is made of.
  func stage(for archive: FileName, in directory: OpenDirectory) throws(Errno) -> any StagedFile

  /// fsync(2) of the directory: its names are on disk when this returns.
  func sync(_ directory: OpenDirectory) throws(Errno)
}

/// An archive that is open for a look, or for what is done with it; closed when the last reference goes.
///
/// A child may be given its token as standard input, at the first byte after each `takeLease`.
package protocol LeasedFile: OpenFile {
  /// Called on the loop's thread when it is worth to look again: a writer has closed the file, or somebody wants to open it
  /// and waits for us (then `isLeased` is false, and `release` lets them go on).
  var onChange: (() -> Void)? { get set }

  /// Whether no process has the file open for writing, or a shared writable mapping of it. If so, it stays proven until
  /// somebody wants to open it for writing. Throws where the file system has no leases (fcntl(2), F_SETLEASE).
  func takeLease() throws(Errno) -> Bool

  /// Whether nobody has opened the file for writing since it was proven.
  var isLeased: Bool { get }

  /// How far a child has read that has the token as standard input, in bytes.
  var position: Int64 { get }

  /// Whether the file is one hole: it has a length and no data. False where the file system cannot tell.
  func isHole() throws(Errno) -> Bool

  /// So many bytes, fewer only at the end of the file.
  func read(_ count: Int, at offset: Int64) throws(Errno) -> [UInt8]

  /// Gives the proof up.
  func release()

  /// Goes on telling, by `onChange`, when a writer closes the file, without the file being open here, as long as what this
  /// returns is kept; nil where that cannot be had.
  func watchCloses() -> AnyObject?

  /// The processes that have the file open for writing, as far as can be seen: `pid 4711 (app)`.
  func writers() -> [String]

  /// The processes but our own that have the file open at all, likewise. An archive that was proven is so no more.
  func users() -> [String]
}

/// A file that is being made, and goes with its last reference unless it was published.
///
/// A child may be given its token as standard output. It can be written to after it was published, too.
package protocol StagedFile: WritableFile {
  /// Bytes so far.
  func size() throws(Errno) -> Int64

  /// Appends up to so many bytes of an archive, from an offset on, which is where this file ends; gives how far it came, 0 at
  /// its end. A hole stays a hole and counts nothing.
  func append(from hold: any LeasedFile, at offset: Int64, atMost count: Int) throws(Errno) -> Int

  /// Gives the file owner, mode, times and extended attributes of the model, brings it to the disk (fsync(2)) and then
  /// gives it its name; `Errno.exists` when that is taken.
  func publish(as name: FileName, like model: any OpenFile) throws(Errno)
}
