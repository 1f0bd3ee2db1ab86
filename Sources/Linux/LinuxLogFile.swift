internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// A log that is open for being copied and cut.
final class LinuxLogFile: LogFile {
  /// The greatest unit of allocation that `f_bsize` does not show: ext4 with bigalloc.
  static let greatestCluster: Int64 = 65_536
  /// Bytes that are read at a time.
  private static let chunk = 65_536

  let blockSize: Int64
  private let file: Descriptor
  private let writers: FileWriters

  /// Opens the file with the rights of the directory's owner; nothing waits, whatever stands under the name.
  init(_ name: FileName, in directory: OpenDirectory, writers: FileWriters) throws(Errno) {
    let flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
    file = Descriptor(
      owning: try FileRights.of(directory) { () throws(Errno) in
        try unsafe callWithName(name) { unsafe openat(directory.token, $0, flags) }
      })
    let status = try LinuxFileSystem.status(of: file.number)
    guard status.kind == .regular else { throw .invalid }
    guard status.links <= 1 else { throw .tooManyLinks }
    blockSize = try Self.blockSize(of: file.number)
    self.writers = writers
  }

  static func blockSize(of file: Int32) throws(Errno) -> Int64 {
    max(512, try check(linux_block_size(file)))
  }

  var token: Int32 { file.number }

  func status() throws(Errno) -> FileStatus { try LinuxFileSystem.status(of: file.number) }

  func sync() throws(Errno) { _ = try check(fdatasync(file.number)) }

  func hasOffsetWriter() -> Bool {
    var status = stat()
    guard unsafe fstat(file.number, &status) == 0 else { return false }
    return writers.hasOffsetWriter(OpenFiles.Identity(status))
  }

  // MARK: Reading

  func firstData(from offset: Int64) throws(Errno) -> Int64 {
    var place = offset
    while true {
      do throws(Errno) {
        place = try check(linux_seek_data(file.number, place))
      } catch  where error == Errno(ENXIO) {
        // Nothing but a hole up to the end, or behind the end.
        return max(offset, try status().size)
      } catch  where error == .invalid {
        // A file system that knows nothing of holes: its bytes tell.
      }
      let bytes = try read(Self.chunk, at: place)
      if let index = bytes.firstIndex(where: { $0 != 0 }) { return place + Int64(index) }
      place += Int64(bytes.count)
      if bytes.count < Self.chunk { return place }
    }
  }

  func read(_ count: Int, at offset: Int64) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var code: Int32 = 0
      let part = unsafe [UInt8](unsafeUninitializedCapacity: count - bytes.count) { buffer, filled in
        let result = unsafe pread(file.number, buffer.baseAddress, buffer.count, Int(offset) + bytes.count)
        code = result < 0 ? errno : 0
        filled = max(result, 0)
      }
      if code == EINTR { continue }
      guard code == 0 else { throw Errno(code) }
      if part.isEmpty { break }
      if bytes.isEmpty { bytes = part } else { bytes += part }
    }
    return bytes
  }

  // MARK: Copying

  /// copy_file_range(2) shares blocks where the file system can (xfs, btrfs). On some it says 0 before the end (overlay)
  /// or refuses: then the bytes go through memory.
  func copy(_ count: Int64, from offset: Int64, to target: any WritableFile, at place: Int64) throws(Errno) -> Int64 {
    var done: Int64 = 0
    while done < count {
      let copied = linux_copy_range(file.number, offset + done, target.token, place + done, Int(count - done))
      if copied < 0 && errno == EINTR { continue }
      guard copied > 0 else {
        // What is wrong with the disk shows in the plain way, too.
        return try done + copyThroughMemory(count - done, from: offset + done, to: target.token, at: place + done)
      }
      done += Int64(copied)
    }
    return done
  }

  private func copyThroughMemory(
    _ count: Int64, from offset: Int64, to target: Int32, at place: Int64
  ) throws(Errno) -> Int64 {
    var done: Int64 = 0
    while done < count {
      let bytes = try read(Int(min(count - done, 1 << 20)), at: offset + done)
      if bytes.isEmpty { break }
      try Self.write(bytes, to: target, at: place + done)
      done += Int64(bytes.count)
    }
    return done
  }

  private static func write(_ bytes: [UInt8], to file: Int32, at offset: Int64) throws(Errno) {
    var done = 0
    while done < bytes.count {
      let (count, code) = unsafe bytes.withUnsafeBytes { buffer in
        let count = unsafe pwrite(
          file, buffer.baseAddress?.advanced(by: done), buffer.count - done, Int(offset) + done)
        return (count, errno)
      }
      if count >= 0 {
        done += count
      } else if code != EINTR {
        throw Errno(code)
      }
    }
  }

  // MARK: Cutting

  func overwrite(_ bytes: [UInt8], at offset: Int64) throws(Errno) {
    try Self.write(bytes, to: file.number, at: offset)
  }

  func punch(below end: Int64) throws(Errno) {
    _ = try uninterrupted { linux_punch(file.number, end) }
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
