internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// A log that is open for copying and truncating.
final class LinuxLogFile: LinuxFile, LogFile {
  /// The largest unit of allocation that `f_bsize` does not show: ext4 with bigalloc.
  static let greatestCluster: Int64 = 65_536

  let blockSize: Int64
  private let writers: FileWriters

  /// Opens the file with the rights of the directory's owner, without waiting, whatever kind of file it is.
  init(
    _ name: FileName, in directory: OpenDirectory, mayBeLinked: Bool, cuts: Bool, writers: FileWriters
  ) throws(Errno) {
    let flags = (cuts ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
    let file = Descriptor(
      owning: try FileRights.of(directory) { () throws(Errno) in
        try unsafe callWithName(name) { unsafe openat(directory.token, $0, flags) }
      })
    let status = try LinuxFileSystem.status(of: file.number)
    guard status.kind == .regular else { throw .invalid }
    guard status.links <= 1 || mayBeLinked else { throw .tooManyLinks }
    blockSize = try Self.blockSize(of: file.number)
    self.writers = writers
    super.init(file)
  }

  /// At most the largest padding that a truncation may leave: with larger blocks a collapse is refused, and nothing
  /// else needs the size.
  static func blockSize(of file: Int32) throws(Errno) -> Int64 {
    min(max(512, try check(linux_block_size(file))), Limits.maxPadding)
  }

  func offsetWriters() -> OffsetWriters {
    guard let identity = OpenFiles.Identity(of: file.number) else { return .unknown }
    return writers.offsetWriters(of: identity)
  }

  // MARK: Reading

  func nextData(from offset: Int64) throws(Errno) -> Int64 { try FileCopy.nextData(in: file.number, from: offset) }

  func copy(
    from start: Int64, to end: Int64, atMost most: Int64, into target: any WritableFile, at place: Int64
  ) throws(Errno) -> Int64 {
    try FileCopy(source: file.number, target: target.token).copy(from: start, to: end, atMost: most, at: place)
  }

  // MARK: Truncating

  func overwrite(_ bytes: [UInt8], at offset: Int64) throws(Errno) {
    try FileCopy.write(bytes, to: file.number, at: offset)
  }

  func punch(from start: Int64, to end: Int64) throws(Errno) {
    _ = try uninterrupted { linux_punch(file.number, start, end - start) }
  }

  func collapse(below end: Int64) throws(Errno) {
    do throws(Errno) {
      _ = try uninterrupted { linux_collapse(file.number, end) }
    } catch  where error == .invalid {
      let clusters = end / Self.greatestCluster * Self.greatestCluster
      guard clusters > 0, clusters != end else { throw error }
      _ = try uninterrupted { linux_collapse(file.number, clusters) }
    }
  }

  func empty() throws(Errno) {
    _ = try uninterrupted { ftruncate(file.number, 0) }
  }

  private func uninterrupted(_ call: () -> Int32) throws(Errno) -> Int32 {
    while true {
      let result = call()
      guard result < 0, errno == EINTR else { return try check(result) }
    }
  }
}
