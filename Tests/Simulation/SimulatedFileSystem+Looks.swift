package import Rotation
internal import Daemon

// What a test reads of the disk.
extension SimulatedFileSystem {
  package func content(of path: FilePath) -> String? {
    let (directory, name) = LogFinder.split(path)
    return directories[directory]?[name].flatMap { nodes[$0] }.map { String(decoding: $0.content, as: UTF8.self) }
  }

  package func inode(of path: FilePath) -> UInt64? {
    let (directory, name) = LogFinder.split(path)
    return directories[directory]?[name]
  }
}
