package import Daemon
package import Rotation

extension SimulatedFileSystem {
  package func hold(_ name: FileName, in directory: OpenDirectory) throws(Errno) -> any LeasedFile {
    guard let inode = try names(directory, name)[name], let node = nodes[inode] else { throw .noEntry }
    guard node.kind != .symbolicLink else { throw .symbolicLink }
    guard node.kind == .regular else { throw .invalid }
    return SimulatedHold(inode, on: self)
  }

  package func removeReleased(_ name: FileName, in directory: OpenDirectory) throws(Errno) -> Int64 {
    if let inode = try names(directory, name)[name], isOpenForWriting(inode) { throw .busy }
    let allocated = try status(of: name, in: directory)?.allocated ?? 0
    try remove(name, in: directory)
    return allocated
  }

  package func stage(for archive: FileName, in directory: OpenDirectory) throws(Errno) -> any StagedFile {
    try checkFault(.create, directory.path, archive)
    return SimulatedStagedFile(in: directory, on: self)
  }

  package func searchHolders(of inodes: Set<UInt64>) -> any HolderSearch { SimulatedHolderSearch(inodes, self) }

  package func sync(_ directory: OpenDirectory) throws(Errno) {
    try checkFault(.write, directory.path, "")
  }
}

/// An open archive of the simulated disk.
final class SimulatedHold: LeasedFile {
  let token: Int32
  var onChange: (() -> Void)?
  private let inode: UInt64
  private let disk: SimulatedFileSystem
  private(set) var isLeased = false
  private let generation: Int

  init(_ inode: UInt64, on disk: SimulatedFileSystem) {
    self.inode = inode
    self.disk = disk
    self.token = disk.tokenForChild(of: inode)
    self.generation = disk.generation
    disk.keepOpen(inode)
    disk.addWatcher(self, of: inode)
  }

  deinit {
    if generation == disk.generation { disk.letGo(inode) }
  }

  func status() throws(Errno) -> FileStatus {
    guard let status = disk.status(of: inode) else { throw .noEntry }
    return status
  }

  func takeLease() throws(Errno) -> Bool {
    guard !disk.isDead else { throw .io }
    if disk.hasNoLeases { throw .invalid }
    isLeased = !disk.isOpenForWriting(inode)
    return isLeased
  }

  func read(_ count: Int, at offset: Int64) throws(Errno) -> [UInt8] {
    Array((disk.nodes[inode]?.content ?? []).dropFirst(Int(offset)).prefix(count))
  }

  var position: Int64 { disk.positions[token]?() ?? 0 }

  func isHole() throws(Errno) -> Bool {
    let status = try status()
    return status.allocated == 0 && status.size > 0
  }

  func release() { isLeased = false }

  func watchCloses() -> AnyObject? {
    guard !disk.hasNoWatches else { return nil }
    let sign = SimulatedCloseWatch(onChange)
    disk.addSign(sign, of: inode)
    return sign
  }

  func writers() -> [String] { disk.isOpenForWriting(inode) ? disk.writers : [] }

  func users() -> [String] {
    isLeased = false
    return writers() + (disk.readers.contains(inode) ? ["pid 815 (reader)"] : [])
  }

  /// A writer has closed the file, or wants to open it: an open breaks the lease and, unlike in the kernel, does not
  /// wait.
  func change(isOpen: Bool) {
    if isOpen { isLeased = false }
    onChange?()
  }
}

/// What processes of the test have open is known at once.
final class SimulatedHolderSearch: HolderSearch {
  let found: [UInt64: [FileHolder]]
  let isWhole = true

  init(_ inodes: Set<UInt64>, _ disk: SimulatedFileSystem) {
    var found: [UInt64: [FileHolder]] = [:]
    for inode in inodes {
      func add(_ process: Int64, _ name: String, isWriter: Bool) {
        found[inode, default: []].append(
          FileHolder(process: process, user: 1000, name: name, isWriter: isWriter, position: 1, volume: 1))
      }
      if disk.isOpenForWriting(inode) { add(4711, "app", isWriter: true) }
      if disk.readers.contains(inode) { add(815, "reader", isWriter: false) }
    }
    self.found = found
  }

  func step() -> Bool { false }
}

/// Reports that a writer has closed a file, as long as it is kept.
final class SimulatedCloseWatch {
  let onChange: (() -> Void)?

  init(_ onChange: (() -> Void)?) {
    self.onChange = onChange
  }
}

/// A file of the simulated disk without a name.
final class SimulatedStagedFile: StagedFile {
  let token: Int32
  let inode: UInt64
  /// Whether a child has written to it.
  private var isOfChild = false
  private let directory: OpenDirectory
  private let disk: SimulatedFileSystem

  init(in directory: OpenDirectory, on disk: SimulatedFileSystem) {
    self.directory = directory
    self.disk = disk
    self.token = disk.newOutput()
    self.inode = disk.newUnnamed()
    disk.copyTargets[token] = inode
  }

  deinit {
    disk.outputs[token] = nil
    disk.copyTargets[token] = nil
    disk.letGo(inode)
  }

  /// The bytes that a child has written are added to the file when its size is read.
  func size() throws(Errno) -> Int64 { try status().size }

  func status() throws(Errno) -> FileStatus {
    takeOutput()
    guard let status = disk.status(of: inode) else { throw .noEntry }
    return status
  }

  func sync() throws(Errno) {
    try disk.checkFault(.write, directory.path, "")
  }

  func flush(from start: Int64, to end: Int64) throws(Errno) {
    try disk.checkFault(.write, directory.path, "")
  }

  private func takeOutput() {
    guard let bytes = disk.outputs[token], !bytes.isEmpty else { return }
    disk.outputs[token] = []
    isOfChild = true
    disk.edit(inode) { $0.content += bytes }
  }

  func append(from hold: any LeasedFile, at offset: Int64, atMost count: Int) throws(Errno) -> Int {
    try disk.checkFault(.append, directory.path, "")
    let bytes = disk.input(hold.token).dropFirst(Int(offset)).prefix(count)
    disk.edit(inode) {
      $0.content += bytes
      $0.hasHoles = true
    }
    return bytes.count
  }

  func publish(as name: FileName, like model: any OpenFile, times: Bool) throws(Errno) {
    let like = try model.status()
    takeOutput()
    try disk.change(.link, directory, name) { () throws(Errno) in
      guard disk.directories[directory.path]?[name] == nil else { throw .exists }
      if isOfChild { disk.beforePublish?(like.inode, disk.nodes[inode]?.content ?? []) }
      disk.edit(inode) {
        ($0.mode, $0.user, $0.group) = (like.mode, like.user, like.group)
        if times { $0.modified = disk.asKept(like.modified, in: directory.path) }
      }
      disk.bind(name, to: inode, in: directory.path)
    }
  }
}
