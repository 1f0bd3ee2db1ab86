internal import Daemon
internal import Glibc
internal import Rotation

/// Reads a whole directory (readdir(3)).
enum DirectoryReader {
  /// Everything but `.` and `..`.
  static func read(_ directory: Int32) throws(Errno) -> [DirectoryEntry] {
    // A descriptor of its own: a duplicate would share its position with other listings.
    let descriptor = try unsafe callWithPath(FilePath(".")) {
      unsafe openat(directory, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard let stream = unsafe fdopendir(descriptor) else {
      let code = errno
      _ = close(descriptor)
      throw Errno(code)
    }
    defer { _ = unsafe closedir(stream) }
    var entries: [DirectoryEntry] = []
    while true {
      // Only errno distinguishes the end from an error.
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        guard errno == 0 else { throw Errno(errno) }
        return entries
      }
      let name = unsafe name(of: entry)
      guard name != ".", name != ".." else { continue }
      unsafe entries.append(
        DirectoryEntry(name: name, inode: UInt64(entry.pointee.d_ino), kind: kind(entry.pointee.d_type)))
    }
  }

  private static func name(of entry: UnsafeMutablePointer<dirent>) -> FileName {
    // The record may be shorter than the structure: the name is read in place, not from a copy.
    guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { preconditionFailure("a dirent has a name") }
    let start = unsafe UnsafeRawPointer(entry).advanced(by: offset)
    let length = unsafe strlen(start.assumingMemoryBound(to: CChar.self))
    return unsafe FileName(UnsafeRawBufferPointer(start: start, count: length))
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
