internal import CLinux
package import Daemon
internal import EventLoop
internal import Glibc
package import Rotation

extension LinuxFileSystem {
  package func openLog(
    _ name: FileName, in directory: OpenDirectory, mayBeLinked: Bool, cuts: Bool
  ) throws(Errno) -> any LogFile {
    try LinuxLogFile(name, in: directory, mayBeLinked: mayBeLinked, cuts: cuts, writers: writers)
  }

  /// Tests two blocks of a file that nobody else sees: what works there, works for a log.
  package func cutSupport(in directory: OpenDirectory) throws(Errno) -> TruncationSupport {
    let scratch = try LinuxStagedFile.make(for: "probe", in: directory)
    let size = try LinuxLogFile.blockSize(of: scratch.token)
    // The largest possible cluster, and one more.
    let start = max(size, LinuxLogFile.greatestCluster)
    _ = try check(ftruncate(scratch.token, Int(2 * start)))
    for offset in [0, Int(start)] {
      _ = try check(unsafe pwrite(scratch.token, [UInt8(1)], 1, offset))
    }
    return TruncationSupport(
      collapses: linux_collapse(scratch.token, start) == 0, punches: linux_punch(scratch.token, 0, size) == 0)
  }

  package func sync(_ name: FileName, in directory: OpenDirectory) throws(Errno) {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let file = Descriptor(
      owning: try unsafe callWithName(name) { unsafe openat(directory.token, $0, flags) })
    _ = try check(fdatasync(file.number))
  }
}
