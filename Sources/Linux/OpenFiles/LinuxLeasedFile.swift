internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// An archive that is open by a descriptor, with a read lease as the proof that it has no writer.
final class LinuxLeasedFile: LinuxFile, LeasedFile {
  var onChange: (() -> Void)? {
    didSet { watch?.onChange = onChange }
  }
  private let releases: ReleaseWatch?
  private let knownWriters: FileWriters
  private let watch: CloseWatch?

  /// Opens a regular file, without waiting, whatever kind of file has the name.
  init(
    _ name: FileName, in directory: Int32, releases: ReleaseWatch?, knownWriters: FileWriters
  ) throws(Errno) {
    // stat comes first: opening a device can have an effect on it. A file that takes the name in between is refused
    // below.
    var look = linux_status()
    _ = try unsafe callWithName(name) { unsafe linux_status_at(directory, $0, &look) }
    guard look.mode & UInt32(S_IFMT) != UInt32(S_IFLNK) else { throw .symbolicLink }
    guard look.mode & UInt32(S_IFMT) == UInt32(S_IFREG) else { throw .invalid }
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
    let file = Descriptor(owning: try unsafe callWithName(name) { unsafe openat(directory, $0, flags) })
    self.releases = releases
    self.knownWriters = knownWriters
    // Before the first lease is requested, so that no close is missed in between.
    self.watch = CloseWatch(of: file.number, releases)
    var status = stat()
    _ = try check(unsafe fstat(file.number, &status))
    guard status.st_mode & S_IFMT == S_IFREG else { throw .invalid }
    super.init(file)
  }

  deinit {
    // The lease ends with the descriptor.
    releases?.forgetLease(of: self)
  }

  func takeLease() throws(Errno) -> Bool {
    do throws(Errno) {
      _ = try check(fcntl(file.number, linux_F_SETLEASE, F_RDLCK))
      releases?.noteLease(of: self)
      return true
    } catch  where error == .again {
      return false
    }
  }

  var isLeased: Bool { fcntl(file.number, linux_F_GETLEASE) == F_RDLCK }

  // A child shares the open file description, and so the position (open(2), NOTES).
  var position: Int64 { max(0, Int64(lseek(file.number, 0, SEEK_CUR))) }

  func isHole() throws(Errno) -> Bool {
    let before = position
    defer { _ = lseek(file.number, off_t(before), SEEK_SET) }
    let size = try status().size
    guard size > 0 else { return false }
    return try FileCopy.nextData(in: file.number, from: 0) >= size
  }

  func release() {
    _ = fcntl(file.number, linux_F_SETLEASE, F_UNLCK)
    releases?.forgetLease(of: self)
  }

  func watchCloses() -> AnyObject? { watch }

  func writers() -> [String] { knownWriters.processes(of: file.number) }

  func users() -> [String] {
    // A write lease is granted only if nobody else has the file open; a refusal does not prove the opposite.
    defer { release() }
    if fcntl(file.number, linux_F_SETLEASE, F_WRLCK) == 0 { return [] }
    return OpenFiles.Identity(of: file.number).map(OpenFiles.processes) ?? []
  }
}
