internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// A file that is appended to again and again, and is held open meanwhile.
final class AppendedFile {
  private weak let directory: OpenDirectory?
  private let name: FileName
  private let inode: UInt64
  private let file: Descriptor
  private var size: Int64

  /// Opens the file, or makes it with mode 0600. `Errno.invalid` if it is no regular file.
  init(_ name: FileName, in directory: OpenDirectory) throws(Errno) {
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let number = try unsafe callWithName(name) { unsafe openat(directory.token, $0, flags, 0o600) }
    self.file = Descriptor(owning: number)
    let status = try LinuxFileSystem.status(of: number)
    guard status.kind == .regular else { throw .invalid }
    self.directory = directory
    self.name = name
    self.inode = status.inode
    self.size = status.size
  }

  /// Whether the name in this directory still stands for it: somebody may have removed, moved or replaced it.
  func isStill(_ name: FileName, in directory: OpenDirectory, on fileSystem: LinuxFileSystem) throws(Errno) -> Bool {
    guard self.directory === directory, self.name == name, let status = try fileSystem.status(of: name, in: directory),
      status.kind == .regular, status.inode == inode
    else { return false }
    size = status.size
    return true
  }

  /// Appends in one write; if that fails on its way, the file has its old size, as far as possible.
  func append(_ bytes: [UInt8]) throws(Errno) { try SmallFile.append(bytes, to: file.number, of: size) }
}
