internal import CLinux
package import Daemon
internal import EventLoop
internal import Glibc
package import Rotation

extension LinuxFileSystem {
  package func hold(_ name: FileName, in directory: OpenDirectory) throws(Errno) -> any LeasedFile {
    try LinuxLeasedFile(name, in: directory.token, releases: releaseWatch(), knownWriters: writers)
  }

  /// One lease, asked for and held over the removal. Who opens the archive between the two waits for the lease to end, and has
  /// a file without a name then, as one who opened it a moment earlier or later would.
  package func removeReleased(_ name: FileName, in directory: OpenDirectory) throws(Errno) {
    // The look comes first: to open a device can do something to it.
    var look = linux_status()
    _ = try unsafe callWithName(name) { unsafe linux_status_at(directory.token, $0, &look) }
    var file: Int32 = -1
    defer { if file >= 0 { _ = close(file) } }
    if look.mode & UInt32(S_IFMT) == UInt32(S_IFREG) {
      let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
      do throws(Errno) {
        file = try unsafe callWithName(name) { unsafe openat(directory.token, $0, flags) }
      } catch  where error == .permission || error == .notPermitted {
        // What may not be read has no lease; whether it may be removed is for the directory to say.
      }
    }
    if file >= 0, fcntl(file, linux_F_SETLEASE, F_RDLCK) != 0 {
      let error = Errno(errno)
      // Where there are no leases nothing can be proven; without memory, say, it was not.
      guard error.meansNoLeases else { throw error == .again ? .busy : error }
    }
    try remove(name, in: directory)
  }

  package func stage(for archive: FileName, in directory: OpenDirectory) throws(Errno) -> any StagedFile {
    try LinuxStagedFile.make(for: archive, in: directory)
  }

  package func sync(_ directory: OpenDirectory) throws(Errno) {
    _ = try check(fsync(directory.token))
  }
}
