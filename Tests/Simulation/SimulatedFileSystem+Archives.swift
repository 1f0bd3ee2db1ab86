package import Daemon
package import Rotation

extension SimulatedFileSystem {
  package func hold(_ name: String, in directory: OpenDirectory) throws(Errno) -> any ArchiveHold {
    guard let inode = try names(directory, name)[name], let node = nodes[inode] else { throw .noEntry }
    guard node.kind != .symbolicLink else { throw .symbolicLink }
    guard node.kind == .regular else { throw .invalid }
    return SimulatedHold(inode, on: self)
  }

  package func removeReleased(_ name: String, in directory: OpenDirectory) throws(Errno) {
    if let inode = try names(directory, name)[name], isOpenForWriting(inode) { throw .busy }
    try remove(name, in: directory)
  }

  package func stage(for archive: String, in directory: OpenDirectory) throws(Errno) -> any StagedFile {
    try checkFault(.create, directory.path, archive)
    return SimulatedStagedFile(in: directory, on: self)
  }

  package func sync(_ directory: OpenDirectory) throws(Errno) {
    try checkFault(.write, directory.path, "")
  }
}

/// A hold on an inode of the simulated disk.
final class SimulatedHold: ArchiveHold {
  let token: Int32
  var onChange: (() -> Void)?
  private let inode: UInt64
  private let disk: SimulatedFileSystem
  private(set) var isProven = false

  init(_ inode: UInt64, on disk: SimulatedFileSystem) {
    self.inode = inode
    self.disk = disk
    self.token = disk.tokenForChild(of: inode)
    disk.keepOpen(inode)
    disk.addWatcher(self, of: inode)
  }

  deinit {
    disk.letGo(inode)
  }

  func status() throws(Errno) -> FileStatus {
    guard let status = disk.status(of: inode) else { throw .noEntry }
    return status
  }

  func prove() throws(Errno) -> Bool {
    guard !disk.isDead else { throw .io }
    if disk.hasNoLeases { throw .invalid }
    isProven = !disk.isOpenForWriting(inode)
    return isProven
  }

  func release() { isProven = false }

  func writers() -> [String] { disk.isOpenForWriting(inode) ? ["pid 4711 (app)"] : [] }

  /// A writer has closed the file, or wants to open it: an open breaks the proof and, unlike the kernel's, does not wait.
  func change(isOpen: Bool) {
    if isOpen { isProven = false }
    onChange?()
  }
}

/// A file of the simulated disk without a name.
final class SimulatedStagedFile: StagedFile {
  let token: Int32
  private let directory: OpenDirectory
  private let disk: SimulatedFileSystem

  init(in directory: OpenDirectory, on disk: SimulatedFileSystem) {
    self.directory = directory
    self.disk = disk
    self.token = disk.newOutput()
  }

  deinit {
    disk.outputs[token] = nil
  }

  func size() throws(Errno) -> Int64 { Int64(disk.outputs[token]?.count ?? 0) }

  func append(from hold: any ArchiveHold, at offset: Int64, atMost count: Int) throws(Errno) -> Int {
    try disk.checkFault(.append, directory.path, "")
    let bytes = disk.input(hold.token).dropFirst(Int(offset)).prefix(count)
    disk.outputs[token, default: []] += bytes
    return bytes.count
  }

  func publish(as name: String, like model: any ArchiveHold) throws(Errno) {
    let like = try model.status()
    try disk.change(.link, directory, name) { () throws(Errno) in
      guard disk.directories[directory.path]?[name] == nil else { throw .exists }
      disk.make(
        name, Attributes(mode: like.mode, user: like.user, group: like.group), in: directory.path,
        content: disk.outputs[token] ?? [], modified: like.modified)
    }
  }
}
