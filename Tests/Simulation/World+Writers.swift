internal import Daemon
internal import Rotation

/// The processes that fill the logs.
extension World {
  /// A writer writes a few lines, and its next write is scheduled.
  func write(to path: FilePath, again: Bool) {
    defer {
      if again {
        driver.schedule(after: Int64.random(in: 2...90, using: &generator) * 60_000_000_000) { [unowned self] in
          write(to: path, again: !isOver)
        }
      }
    }
    // A writer that notices that its log has gone from the name opens it again at once, or somewhat later.
    if let inode = writers[path], disk.inode(of: path) != inode,
      disk.nodes[inode]?.links == 0 || (scenario.isWatchful(path) && !chance(3))
    {
      letGo(of: inode, path)
      writers[path] = nil
    }
    guard let inode = writers[path] ?? disk.openForWriting(path) else { return }
    writers[path] = inode
    checkGrowth(of: path)
    for _ in 0..<Int.random(in: 0...3, using: &generator) { writeLine(path, inode) }
  }

  func writeLine(_ path: FilePath, _ inode: UInt64) {
    lineNumber += 1
    let line = "\(LogFinder.split(path).name) line \(lineNumber)"
    // A writer on a full disk loses its line, and knows it.
    if disk.append(line + "\n", toOpen: inode) { checker.noteWritten(line) }
  }
}
