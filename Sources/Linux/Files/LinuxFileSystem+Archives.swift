internal import CLinux
package import Daemon
internal import EventLoop
internal import Glibc
package import Rotation

extension LinuxFileSystem {
  package func hold(_ name: FileName, in directory: OpenDirectory) throws(Errno) -> any LeasedFile {
    try LinuxLeasedFile(name, in: directory.token, releases: releaseWatch(), knownWriters: writers)
  }

  /// Takes one lease and holds it during the removal. A process that opens the archive in between waits for the end of
  /// the lease, and then has a file without a name, as if it had opened it a moment earlier.
  package func removeReleased(_ name: FileName, in directory: OpenDirectory) throws(Errno) -> Int64 {
    // stat comes first: opening a device can have an effect on it.
    guard let status = try status(of: name, in: directory) else { throw .noEntry }
    var file: Int32 = -1
    defer { if file >= 0 { _ = close(file) } }
    if status.kind == .regular {
      let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
      do throws(Errno) {
        file = try unsafe callWithName(name) { unsafe openat(directory.token, $0, flags) }
      } catch  where error == .permission || error == .notPermitted {
        // A file without read permission gets no lease; the directory decides whether it may be removed.
      }
    }
    if file >= 0, fcntl(file, linux_F_SETLEASE, F_RDLCK) != 0 {
      let error = Errno(errno)
      // Where there are no leases, nothing can be proven. Any other error, such as a lack of memory, is no proof.
      guard error.meansNoLeases else { throw error == .again ? .busy : error }
    }
    try remove(name, in: directory)
    return status.allocated
  }

  package func stage(for archive: FileName, in directory: OpenDirectory) throws(Errno) -> any StagedFile {
    try LinuxStagedFile.make(for: archive, in: directory)
  }

  package func searchHolders(of inodes: Set<UInt64>) -> any HolderSearch { LinuxHolderSearch(inodes) }

  package func sync(_ directory: OpenDirectory) throws(Errno) {
    _ = try check(fsync(directory.token))
  }
}
