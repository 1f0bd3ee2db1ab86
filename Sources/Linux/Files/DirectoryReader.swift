internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// Reads a directory, page by page (getdents64(2)).
final class DirectoryReader: DirectoryPages {
  /// Bytes of it that are read at a time.
  private static let bytesAtOnce = 32_768

  private let own: Descriptor
  private var buffer = [UInt8](repeating: 0, count: bytesAtOnce)

  /// A listing of the directory from its beginning.
  init(_ directory: Int32) throws(Errno) {
    // A descriptor of its own: a duplicate would share its position with other listings.
    own = Descriptor(
      owning: try unsafe callWithPath(FilePath(".")) {
        unsafe openat(directory, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      })
  }

  /// Everything but `.` and `..`.
  static func read(_ directory: Int32) throws(Errno) -> [DirectoryEntry] {
    let reader = try DirectoryReader(directory)
    var entries: [DirectoryEntry] = []
    while let page = try reader.next() { entries += page }
    return entries
  }

  func next() throws(Errno) -> [DirectoryEntry]? {
    let count = unsafe buffer.withUnsafeMutableBytes { buffer in
      unsafe linux_entries(own.number, buffer.baseAddress, buffer.count)
    }
    // A directory that was removed meanwhile has no more entries.
    if count < 0, errno != ENOENT { throw Errno(errno) }
    guard count > 0 else { return nil }
    var entries: [DirectoryEntry] = []
    unsafe buffer.withUnsafeBytes { buffer in
      unsafe Self.add(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: &entries)
    }
    return entries
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
