package import Daemon
package import Rotation

extension SimulatedFileSystem {
  package func openDirectory(_ path: FilePath) throws(Errno) -> OpenDirectory {
    let (parent, name) = LogFinder.split(path)
    try checkFault(.look, parent, name)
    var above = path
    while above != "/" {
      let (parent, name) = LogFinder.split(above)
      if let inode = directories[parent]?[name], let kind = nodes[inode]?.kind, kind != .directory {
        throw kind == .symbolicLink ? .symbolicLink : .notDirectory
      }
      above = parent
    }
    guard directories[path] != nil else { throw .noEntry }
    return remember(path)
  }

  package var user: UInt32 { 0 }

  package func obstacle(_ errno: Errno, at path: FilePath) -> String? { nil }

  package func openListing(of directory: OpenDirectory) throws(Errno) -> OpenDirectory {
    remember(directory.path)
  }

  private func all(in directory: OpenDirectory) throws(Errno) -> [DirectoryEntry] {
    listings += 1
    return try names(directory).map { DirectoryEntry(name: $0.key, inode: $0.value, kind: nodes[$0.value]?.kind) }
  }

  package func nextEntries(in directory: OpenDirectory) throws(Errno) -> [DirectoryEntry] {
    let rest = if let rest = unread[directory.token] { rest } else { try all(in: directory)[...] }
    unread[directory.token] = rest.dropFirst(3)
    return Array(rest.prefix(3))
  }

  package func status(of name: FileName, in directory: OpenDirectory) throws(Errno) -> FileStatus? {
    let names = try names(directory, name)
    try checkLength(name)
    return names[name].flatMap { status(of: $0) }
  }

  package func look(at path: FilePath) throws(Errno) -> FileStatus? {
    let (directory, name) = LogFinder.split(path)
    try checkFault(.look, directory, name)
    return directories[directory]?[name].flatMap { status(of: $0) }
  }

  package func create(
    _ name: FileName, _ attributes: Attributes, like model: FileName?, in directory: OpenDirectory
  ) throws(Errno) {
    try change(.create, directory, name) { () throws(Errno) in
      try checkLength(name)
      guard directories[directory.path]?[name] == nil else { throw .exists }
      // An empty file needs an inode, and on some file systems a block for that.
      guard hasRoom(for: 1) else { throw .noSpace }
      make(name, attributes, in: directory.path)
    }
  }

  package func rename(_ old: FileName, to new: FileName, in directory: OpenDirectory) throws(Errno) {
    try change(.rename, directory, old) { () throws(Errno) in
      try checkLength(new)
      guard let inode = directories[directory.path]?[old] else { throw .noEntry }
      // The kernel checks for an existing target before the file system checks the flag.
      guard directories[directory.path]?[new] == nil else { throw .exists }
      guard !refusesRenameFlags else { throw .invalid }
      bind(new, to: inode, in: directory.path)
      unbind(old, in: directory.path)
    }
  }

  package func exchange(_ one: FileName, _ other: FileName, in directory: OpenDirectory) throws(Errno) {
    try change(.exchange, directory, other) { () throws(Errno) in
      guard directories[directory.path]?[one] != nil, directories[directory.path]?[other] != nil else {
        throw .noEntry
      }
      guard !refusesRenameFlags else { throw .invalid }
      swap(one, other, in: directory.path)
    }
  }

  package func replace(_ new: FileName, with old: FileName, in directory: OpenDirectory) throws(Errno) {
    try change(.replace, directory, new) { () throws(Errno) in
      try checkLength(new)
      guard let inode = directories[directory.path]?[old] else { throw .noEntry }
      // Two names of one file: rename(2) does nothing, and returns success.
      guard directories[directory.path]?[new] != inode else { return }
      bind(new, to: inode, in: directory.path)
      unbind(old, in: directory.path)
    }
  }

  package func link(_ old: FileName, to new: FileName, in directory: OpenDirectory) throws(Errno) {
    try change(.link, directory, new) { () throws(Errno) in
      try checkLength(new)
      guard let inode = directories[directory.path]?[old] else { throw .noEntry }
      guard directories[directory.path]?[new] == nil else { throw .exists }
      guard nodes[inode]?.kind != .directory else { throw .notPermitted }
      bind(new, to: inode, in: directory.path)
    }
  }

  package func remove(_ name: FileName, in directory: OpenDirectory) throws(Errno) {
    try change(.remove, directory, name) { () throws(Errno) in
      guard let inode = directories[directory.path]?[name] else { throw .noEntry }
      guard nodes[inode]?.kind != .directory else { throw .isDirectory }
      beforeRemoval?(directory.path, name)
      unbind(name, in: directory.path)
    }
  }

  package func space(of directory: OpenDirectory) throws(Errno) -> Space {
    _ = try names(directory)
    let total = capacity ?? Int64.max / 16
    return Space(free: max(0, total - used), total: total, volume: 1)
  }

  package func read(_ name: FileName, in directory: OpenDirectory) throws(Errno) -> [UInt8]? {
    guard let inode = try names(directory, name)[name], let node = nodes[inode] else { return nil }
    guard node.kind != .symbolicLink else { throw .symbolicLink }
    return node.content
  }

  package func append(_ bytes: [UInt8], to name: FileName, in directory: OpenDirectory) throws(Errno) {
    try change(.append, directory, name) { () throws(Errno) in
      guard hasRoom(for: bytes.count) else { throw .noSpace }
      if directories[directory.path]?[name] == nil {
        make(name, Attributes(mode: 0o600, user: 0, group: 0), in: directory.path)
      }
      guard let inode = directories[directory.path]?[name] else { throw .noEntry }
      guard nodes[inode]?.kind != .symbolicLink else { throw .symbolicLink }
      // A crash may leave a part of the bytes.
      let written = isLastChange ? bytes.prefix(bytes.count / 2) : bytes[...]
      setContent((nodes[inode]?.content ?? []) + written, of: inode)
    }
  }

  package func write(
    _ bytes: [UInt8], to name: FileName, in directory: OpenDirectory, mode: UInt32
  ) throws(Errno) {
    try change(.write, directory, name) { () throws(Errno) in
      // The new file is written beside the old one.
      guard hasRoom(for: bytes.count) else { throw .noSpace }
      unbind(name, in: directory.path)
      make(name, Attributes(mode: mode, user: 0, group: 0), in: directory.path)
      guard let inode = directories[directory.path]?[name] else { throw .noEntry }
      setContent(bytes, of: inode)
    }
  }

  private func checkLength(_ name: FileName) throws(Errno) {
    guard name.bytes.count <= Limits.maxNameBytes else { throw .nameTooLong }
  }
}
