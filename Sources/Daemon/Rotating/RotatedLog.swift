package import Rotation

/// A log that a run has rotated, as it is handed on to what comes after.
package struct RotatedLog: Hashable, Sendable {
  package var job: String
  /// The live log's directory and name.
  package var directory: FilePath
  package var name: FileName
  /// The name of the archive when it was made, as seen from the log's directory; a later rotation may have moved it on.
  package var archive: FilePath
  /// The archive's inode, by which it is found again.
  package var inode: UInt64

  /// The absolute path of the archive when it was made.
  package var archivePath: FilePath { directory.resolving(archive) }

  package init(job: String, directory: FilePath, name: FileName, archive: FilePath, inode: UInt64) {
    self.job = job
    self.directory = directory
    self.name = name
    self.archive = archive
    self.inode = inode
  }
}
