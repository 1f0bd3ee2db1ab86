internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// Reads a directory in pieces (getdents64(2)).
enum DirectoryReader {
  /// Bytes of it that are read at a time.
  private static let bytesAtOnce = 32_768

  /// Everything but `.` and `..`, by a descriptor that was not read before.
  static func read(_ directory: Int32) throws(Errno) -> [DirectoryEntry] {
    var entries: [DirectoryEntry] = []
    while try readPiece(of: directory, into: &entries) {}
    return entries
  }

  /// Reads on from where the descriptor is; false at the end.
  static func readPiece(of directory: Int32, into entries: inout [DirectoryEntry]) throws(Errno) -> Bool {
    let (count, code) = unsafe withUnsafeTemporaryAllocation(byteCount: bytesAtOnce, alignment: 8) { buffer in
      let count = unsafe linux_entries(directory, buffer.baseAddress, buffer.count)
      let code = errno
      if count > 0 { unsafe add(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: &entries) }
      return (count, code)
    }
    // A directory that was removed meanwhile has no more entries.
    if count < 0, code != ENOENT { throw Errno(code) }
    return count > 0
  }

  /// Records are of inode (64 bits), offset (64), length of the record (16), type (8), and a name that ends with a NUL.
  private static func add(_ records: UnsafeRawBufferPointer, to entries: inout [DirectoryEntry]) {
    let head = 19
    var start = 0
    while records.count - start > head {
      let length = Int(unsafe records.loadUnaligned(fromByteOffset: start + 16, as: UInt16.self))
      guard length > head, length <= records.count - start else { return }
      let name = unsafe UnsafeRawBufferPointer(rebasing: records[(start + head)..<(start + length)].prefix { $0 != 0 })
      let isDots = unsafe name.count <= 2 && name.allSatisfy { $0 == UInt8(ascii: ".") }
      if !isDots {
        let inode = unsafe records.loadUnaligned(fromByteOffset: start, as: UInt64.self)
        entries.append(
          DirectoryEntry(name: unsafe FileName(name), inode: inode, kind: kind(unsafe records[start + 18])))
      }
      start += length
    }
  }

  private static func kind(_ type: UInt8) -> FileStatus.Kind? {
    switch Int(type) {
    case DT_UNKNOWN: nil
    case DT_REG: .regular
    case DT_DIR: .directory
    case DT_LNK: .symbolicLink
    default: .other
    }
  }
}
