internal import EventLoop
internal import Glibc
package import Rotation

/// What relative paths on a command line are seen from.
package enum WorkingDirectory {
  /// The path from the root, without `.` and `..` in it; links are not looked at. Unchanged if there is no working directory.
  package static func absolute(_ path: FilePath) -> FilePath {
    var names: [FileName] = []
    for name in joined(path).components where name != "." {
      if name != ".." { names.append(name) } else { _ = names.popLast() }
    }
    return names.reduce("/") { $0.appending($1) }
  }

  /// Whether there is anything of that name.
  package static func hasFile(_ path: FilePath) -> Bool {
    var status = stat()
    return (try? unsafe callWithPath(path) { unsafe lstat($0, &status) }) != nil
  }

  /// Puts a file with these bytes in the place of what has this path, readable by all.
  package static func write(_ bytes: [UInt8], to path: FilePath) throws(Errno) {
    try SmallFile.write(bytes, to: absolute(path), mode: 0o644)
  }

  /// The path from the root, with whatever is in it.
  static func joined(_ path: FilePath) -> FilePath {
    guard !path.isAbsolute, let current = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(current) }
    return unsafe FilePath(UnsafeRawBufferPointer(start: current, count: strlen(current))).resolving(path)
  }
}
