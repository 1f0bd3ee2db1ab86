package import Rotation

/// The part of the file system port for archives after their rotation: who still writes to them, and how a file
/// replaces another.
package protocol ArchiveFiles: AnyObject {
  /// Opens an archive, a regular file, to find out when its last writer has closed it.
  func hold(_ name: FileName, in directory: OpenDirectory) throws(Errno) -> any LeasedFile

  /// unlink(2) of a file that nobody has open for writing; `Errno.busy` if a process has. Where the file system cannot
  /// say, the file is removed; where it could not be asked (EMFILE, ENOMEM), the file stays. Returns the bytes that it took on
  /// disk.
  @discardableResult
  func removeReleased(_ name: FileName, in directory: OpenDirectory) throws(Errno) -> Int64

  /// A new, empty file in the directory, whose name no reader of the directory uses. `archive` names its source.
  func stage(for archive: FileName, in directory: OpenDirectory) throws(Errno) -> any StagedFile

  /// fsync(2) of the directory: its names are on disk when this returns.
  func sync(_ directory: OpenDirectory) throws(Errno)

  /// Begins a search for the other processes that have files with these inodes open, on whatever file system.
  func searchHolders(of inodes: Set<UInt64>) -> any HolderSearch
}

/// A process that has a file open (proc(5), /proc/PID/fd and fdinfo).
package struct FileHolder: Hashable, Sendable {
  package var process: Int64
  /// Its effective user; nil where that cannot be read.
  package var user: Int64?
  /// The name of its program, as the kernel has it: at most 15 bytes.
  package var name: String
  /// Whether it may write to the file.
  package var isWriter: Bool
  /// The offset in bytes at which it reads or writes next; nil where that cannot be read.
  package var position: Int64?
  /// The device number of the file's file system, as in `Space`.
  package var volume: UInt64

  package init(process: Int64, user: Int64?, name: String, isWriter: Bool, position: Int64?, volume: UInt64) {
    (self.process, self.user, self.name) = (process, user, name)
    (self.isWriter, self.position, self.volume) = (isWriter, position, volume)
  }
}

/// A search for the processes that have some files open, in pieces. A process that has only mapped a file is not found.
package protocol HolderSearch: AnyObject {
  /// Looks at some more descriptors, for a millisecond or two; false at the end.
  func step() -> Bool

  /// What was found so far, by the inode of the file: at most `Limits.maxShown` processes of each.
  var found: [UInt64: [FileHolder]] { get }

  /// Whether every process could be looked at. Only root sees what others have open.
  var isWhole: Bool { get }
}

/// An archive that is open for a check or for longer work; closed when the last reference is released.
///
/// A child may get its token as standard input, which starts at the first byte after each `takeLease`.
package protocol LeasedFile: OpenFile {
  /// Called on the loop's thread when a new check makes sense: a writer has closed the file, or a process wants to open
  /// it and waits for the lease (then `isLeased` is false, and `release` lets that process continue).
  var onChange: (() -> Void)? { get set }

  /// Takes a lease. Returns whether no process has the file open for writing, or has a shared writable mapping of it;
  /// if so, that stays proven until a process wants to open it for writing. Throws where the file system has no leases
  /// (fcntl(2), F_SETLEASE).
  func takeLease() throws(Errno) -> Bool

  /// Whether no process has opened the file for writing since the lease was taken.
  var isLeased: Bool { get }

  /// The number of bytes that a child with the token as standard input has read.
  var position: Int64 { get }

  /// Whether the file is one hole: it has a length and no data. False if the file system cannot say.
  func isHole() throws(Errno) -> Bool

  /// Reads `count` bytes, fewer only at the end of the file.
  func read(_ count: Int, at offset: Int64) throws(Errno) -> [UInt8]

  /// Gives the lease up.
  func release()

  /// Calls `onChange` when a writer closes the file, even when it is not open here any more, for as long as the result
  /// is kept; nil where that is not possible.
  func watchCloses() -> AnyObject?

  /// The processes that have the file open for writing, as far as visible: `pid 4711 (app)`.
  func writers() -> [String]

  /// The processes other than this one that have the file open at all, in the same form. The lease of the archive ends.
  func users() -> [String]
}

/// A file that is being made. It is removed with its last reference unless it was published.
///
/// A child may get its token as standard output. The file can be written to after it was published, too.
package protocol StagedFile: WritableFile {
  /// Its size in bytes so far.
  func size() throws(Errno) -> Int64

  /// Appends at most `count` bytes of an archive from `offset`, which is where this file ends. Returns how far it came
  /// in bytes; 0 at the end of the archive. A hole stays a hole and is not counted.
  func append(from hold: any LeasedFile, at offset: Int64, atMost count: Int) throws(Errno) -> Int

  /// Gives the file owner, mode, extended attributes and, with `times`, the times of the model, writes it to disk (fsync(2)) and
  /// then gives it its name; `Errno.exists` if that is taken.
  func publish(as name: FileName, like model: any OpenFile, times: Bool) throws(Errno)
}
