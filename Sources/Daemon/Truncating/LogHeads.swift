package import Rotation

/// Where the content begins in logs that keep their file: after the NULs of earlier truncations, and their padding.
///
/// It is the one measure of such a log: its watch, a run and the truncation compare the bytes after this head with a
/// size limit, because these are what an archive would hold. The head is searched once after each truncation, so that a
/// check of the size still costs one statx(2).
package final class LogHeads {
  private struct Head {
    var inode: UInt64
    var start: Int64
  }

  private let fileSystem: any FileSystem
  private let state: StateStore
  private var heads: [FilePath: Head] = [:]

  init(fileSystem: any FileSystem, state: StateStore) {
    self.fileSystem = fileSystem
    self.state = state
  }

  /// The bytes of a log that a size limit applies to.
  package func size(of path: FilePath, _ status: FileStatus, _ method: Method) -> Int64 {
    guard method.cutsLog, status.kind == .regular else { return status.size }
    if let head = heads[path], head.inode == status.inode, head.start <= status.size {
      return status.size - head.start
    }
    guard let found = try? find(path, status) else { return status.sizeByRoom }
    note(path, inode: status.inode, start: found)
    return max(0, status.size - found)
  }

  /// Records where the content of a log begins.
  func note(_ path: FilePath, inode: UInt64, start: Int64) { heads[path] = Head(inode: inode, start: start) }

  /// Forgets where the content begins: the next `size` searches it again.
  func forget(_ path: FilePath) { heads[path] = nil }

  /// Where the content begins: after the padding of an earlier collapse, if that is at `start`; else at `start`.
  func skipPadding(of log: any LogFile, _ path: FilePath, at start: Int64) throws(Errno) -> Int64 {
    guard let padding = state.log(path)?.padding, try log.status().inode == padding.inode else { return start }
    let bytes = padding.bytes
    return try log.read(bytes.count, at: start) == bytes ? start + padding.length : start
  }

  /// A short search, in one piece of work: NULs that fill blocks count as content here. A truncation searches all of
  /// them, and records the result here.
  private func find(_ path: FilePath, _ status: FileStatus) throws(Errno) -> Int64 {
    let (directory, name) = LogFinder.split(path)
    let log = try fileSystem.openLog(name, in: try fileSystem.openDirectory(directory), mayBeLinked: true, cuts: true)
    guard try log.status().inode == status.inode else { throw .noEntry }
    let data = try log.nextData(from: 0)
    let bytes = try log.read(65_536, at: data)
    let first = data + Int64(bytes.firstIndex { $0 != 0 } ?? bytes.count)
    return try skipPadding(of: log, path, at: first)
  }
}
