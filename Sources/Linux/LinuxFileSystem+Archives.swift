internal import CLinux
package import Daemon
internal import EventLoop
internal import Glibc
package import Rotation

extension LinuxFileSystem {
  package func hold(_ name: String, in directory: OpenDirectory) throws(Errno) -> any ArchiveHold {
    try LinuxArchiveHold(name, in: directory.token, releases: releaseWatch())
  }

  package func removeReleased(_ name: String, in directory: OpenDirectory) throws(Errno) {
    let hold: LinuxArchiveHold?
    do throws(Errno) {
      hold = try LinuxArchiveHold(name, in: directory.token, releases: nil)
    } catch  where error == .noEntry {
      throw error
    } catch {
      // What cannot be read, or is no file, has no lease; whether it may be removed is for the directory to say.
      hold = nil
    }
    if let hold, let isReleased = try? hold.prove(), !isReleased || !hold.isProven { throw .busy }
    try remove(name, in: directory)
    withExtendedLifetime(hold) {}
  }

  package func stage(for archive: String, in directory: OpenDirectory) throws(Errno) -> any StagedFile {
    try LinuxStagedFile(for: archive, in: directory)
  }

  package func sync(_ directory: OpenDirectory) throws(Errno) {
    _ = try check(fsync(directory.token))
  }
}
