package import Daemon
package import Rotation

extension SimulatedFileSystem {
  package func openArchives(
    _ archives: ArchiveDirectory, of log: OpenDirectory, makes: Bool
  ) throws(Errno) -> OpenDirectory {
    _ = try names(log)
    let path = log.path.resolving(archives.path)
    if makes { try makeMissing(path, archives, log) }
    let opened = try openDirectory(path)
    guard mount(of: path) != mount(of: log.path) else { return opened }
    return remember(path, isOnOtherFileSystem: true)
  }

  /// From the top; `openDirectory` refuses a link or a file on the path.
  private func makeMissing(_ path: FilePath, _ archives: ArchiveDirectory, _ log: OpenDirectory) throws(Errno) {
    let (parent, name) = LogFinder.split(path)
    if parent != "/" { try makeMissing(parent, archives, log) }
    guard directories[parent] != nil, directories[parent]?[name] == nil else { return }
    let above = remember(parent)
    try change(.create, above, name) { () throws(Errno) in
      let owner = inode(of: log.path).flatMap { nodes[$0] }
      make(
        path, mode: archives.mode ?? 0o755, user: archives.user ?? owner?.user ?? 0,
        group: archives.group ?? owner?.group ?? 0)
    }
  }

  package func rename(
    _ old: FileName, in source: OpenDirectory, to new: FileName, in target: OpenDirectory
  ) throws(Errno) {
    try change(.rename, source, old) { () throws(Errno) in
      let inode = try movable(old, source, new, target)
      guard !refusesRenameFlags else { throw .invalid }
      bind(new, to: inode, in: target.path)
      unbind(old, in: source.path)
    }
  }

  package func link(
    _ old: FileName, in source: OpenDirectory, to new: FileName, in target: OpenDirectory
  ) throws(Errno) {
    try change(.link, target, new) { () throws(Errno) in
      let inode = try movable(old, source, new, target)
      guard nodes[inode]?.kind != .directory else { throw .notPermitted }
      bind(new, to: inode, in: target.path)
    }
  }

  /// The inode of a name that may be moved to a name in another directory.
  private func movable(
    _ old: FileName, _ source: OpenDirectory, _ new: FileName, _ target: OpenDirectory
  ) throws(Errno) -> UInt64 {
    guard new.bytes.count <= Limits.maxNameBytes else { throw .nameTooLong }
    guard mount(of: source.path) == mount(of: target.path) else { throw .crossDevice }
    guard let inode = directories[source.path]?[old], let names = directories[target.path] else { throw .noEntry }
    guard names[new] == nil else { throw .exists }
    return inode
  }
}
