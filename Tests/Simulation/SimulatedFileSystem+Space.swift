package import Rotation
package import Timekeeping

// A disk that can run full, and readers that keep its space from becoming free.

extension SimulatedFileSystem {
  /// Opens a file for reading until `closeReader`.
  package func openForReading(_ path: FilePath) -> UInt64? {
    let inode = inode(of: path)
    if let inode { readers.insert(inode) }
    return inode
  }

  package func closeReader(_ inode: UInt64) {
    readers.remove(inode)
    dropIfUnused(inode)
  }

  /// The bytes of all files, of open ones without a name too, and of what children have written.
  package var used: Int64 {
    Int64(nodes.values.reduce(0) { $0 + $1.content.count } + outputs.values.reduce(0) { $0 + $1.count })
  }

  func hasRoom(for bytes: Int) -> Bool { capacity.map { used + Int64(bytes) <= $0 } ?? true }
}

extension SimulatedFileSystem {
  /// A time as the file system of a directory stores it.
  func asKept(_ time: WallTime, in directory: FilePath) -> WallTime {
    guard let step = timeSteps[mount(of: directory)] else { return time }
    let rest = time.nanoseconds % step.nanoseconds
    return time - Span(nanoseconds: rest < 0 ? rest + step.nanoseconds : rest)
  }

  /// Sets the modification time, as touch(1) does.
  package func touch(_ path: FilePath, _ time: WallTime) {
    guard let inode = inode(of: path) else { return }
    setModified(time, of: inode)
  }
}
