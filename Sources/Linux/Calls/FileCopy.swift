internal import CLinux
internal import Glibc
internal import Rotation

/// Copies a range of one open file to another. A hole stays a hole and takes no space (lseek(2), SEEK_DATA).
struct FileCopy {
  let source: Int32
  let target: Int32
  /// Whether the file system copies, which may share blocks (copy_file_range(2)).
  var isWithinFileSystem = true

  /// The first data of a file at or after an offset; the end of the file, or the offset if that is greater, if only a
  /// hole follows. A file system that does not know holes has data everywhere.
  static func nextData(in file: Int32, from offset: Int64) throws(Errno) -> Int64 {
    do throws(Errno) {
      return try check(linux_seek_data(file, offset))
    } catch  where error == Errno(ENXIO) {
      return max(offset, try LinuxFileSystem.status(of: file).size)
    } catch  where error == .invalid {
      return offset
    }
  }

  /// Copies from one offset up to another, at most `most` bytes of data. Returns how far it came in bytes: 0 at the end
  /// of the source.
  func copy(from start: Int64, to end: Int64, atMost most: Int64, at place: Int64) throws(Errno) -> Int64 {
    let size = try LinuxFileSystem.status(of: source).size
    let end = min(end, size)
    var (position, left) = (start, most)
    while position < end, left > 0 {
      position = min(end, try Self.nextData(in: source, from: position))
      guard position < end else { break }
      let hole = linux_seek_hole(source, position)
      let count = min(hole > position ? min(hole, end) - position : end - position, left)
      let copied = try copyData(count, from: position, at: place + (position - start))
      // Somebody has truncated the source meanwhile.
      if copied == 0 { break }
      position += copied
      left -= copied
    }
    guard position > start else { return 0 }
    // A hole at the end is only a matter of length.
    let length = place + (position - start)
    if try LinuxFileSystem.status(of: target).size < length { _ = try check(ftruncate(target, Int(length))) }
    return position - start
  }

  /// Some file systems return 0 before the end (overlay) or refuse: then the bytes are copied through memory.
  private func copyData(_ count: Int64, from offset: Int64, at place: Int64) throws(Errno) -> Int64 {
    var done: Int64 = 0
    while isWithinFileSystem, done < count {
      let copied = linux_copy_range(source, offset + done, target, place + done, Int(count - done))
      if copied < 0 && errno == EINTR { continue }
      // An error of the disk shows in the plain copy, too.
      guard copied > 0 else { break }
      done += Int64(copied)
    }
    while done < count {
      let bytes = try Self.read(source, Int(min(count - done, 1 << 18)), at: offset + done)
      if bytes.isEmpty { break }
      try Self.write(bytes, to: target, at: place + done)
      done += Int64(bytes.count)
    }
    return done
  }

  /// Reads `count` bytes, fewer only at the end of the file.
  static func read(_ file: Int32, _ count: Int, at offset: Int64) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var code: Int32 = 0
      let part = unsafe [UInt8](unsafeUninitializedCapacity: count - bytes.count) { buffer, filled in
        let result = unsafe pread(file, buffer.baseAddress, buffer.count, Int(offset) + bytes.count)
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

  static func write(_ bytes: [UInt8], to file: Int32, at offset: Int64) throws(Errno) {
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

  /// Writes the blocks of a range to disk (sync_file_range(2)); fsync(2) also writes what the device caches.
  static func flush(_ file: Int32, from start: Int64, to end: Int64) throws(Errno) {
    guard end > start, linux_write_out(file, start, end - start) != 0 else { return }
    // A file system without this call has fsync(2). The kernel reports an error of the disk only once, so that is
    // thrown.
    let code = errno
    if ![EINVAL, ENOSYS, ESPIPE, EOPNOTSUPP, EPERM, EINTR].contains(code) { throw Errno(code) }
  }
}
