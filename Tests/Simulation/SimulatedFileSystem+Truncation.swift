package import Daemon
package import Rotation

extension SimulatedFileSystem {
  /// Small, so that short logs have several blocks.
  package static let blockSize: Int64 = 32

  package func openLog(
    _ name: FileName, in directory: OpenDirectory, mayBeLinked: Bool, cuts: Bool
  ) throws(Errno) -> any LogFile {
    guard let inode = try names(directory, name)[name], let node = nodes[inode] else { throw .noEntry }
    guard node.kind != .symbolicLink else { throw .symbolicLink }
    guard node.kind != .directory else { throw .isDirectory }
    guard node.kind == .regular else { throw .invalid }
    guard node.links <= 1 || mayBeLinked else { throw .tooManyLinks }
    return SimulatedLogFile(inode, name, in: directory, on: self)
  }

  package func cutSupport(in directory: OpenDirectory) throws(Errno) -> TruncationSupport {
    try checkFault(.look, directory.path, "")
    return cutSupport
  }

  package func sync(_ name: FileName, in directory: OpenDirectory) throws(Errno) {
    guard try names(directory, name)[name] != nil else { throw .noEntry }
    try checkFault(.write, directory.path, name)
  }
}

/// A log of the simulated disk that is open for copying and truncating.
final class SimulatedLogFile: LogFile {
  let token: Int32
  let blockSize = SimulatedFileSystem.blockSize
  private let inode: UInt64
  private let name: FileName
  private let directory: OpenDirectory
  private let disk: SimulatedFileSystem
  private var hasSearched = false

  init(_ inode: UInt64, _ name: FileName, in directory: OpenDirectory, on disk: SimulatedFileSystem) {
    self.inode = inode
    self.name = name
    self.directory = directory
    self.disk = disk
    self.token = disk.newOutput()
    disk.copyTargets[token] = inode
    disk.keepOpen(inode)
  }

  deinit {
    disk.outputs[token] = nil
    disk.copyTargets[token] = nil
    disk.letGo(inode)
  }

  private var content: [UInt8] { disk.nodes[inode]?.content ?? [] }

  func status() throws(Errno) -> FileStatus {
    try disk.checkFault(.look, directory.path, name)
    guard let status = disk.status(of: inode) else { throw .noEntry }
    return status
  }

  func sync() throws(Errno) {
    try disk.checkFault(.write, directory.path, name)
  }

  /// The search takes two pieces.
  func offsetWriters() -> OffsetWriters {
    hasSearched.toggle()
    return hasSearched ? .searching : disk.offsetWriters
  }

  func flush(from start: Int64, to end: Int64) throws(Errno) {
    try disk.checkFault(.write, directory.path, name)
  }

  /// A block of NULs is a hole, as far as the file system reports.
  func nextData(from offset: Int64) throws(Errno) -> Int64 {
    try disk.checkFault(.look, directory.path, name)
    let (content, block) = (content, Int(blockSize))
    var place = Int(offset)
    while place < content.count {
      let start = place / block * block
      let end = min(content.count, start + block)
      if content[start..<end].contains(where: { $0 != 0 }) { return Int64(place) }
      place = end
    }
    return max(offset, Int64(content.count))
  }

  func read(_ count: Int, at offset: Int64) throws(Errno) -> [UInt8] {
    try disk.checkFault(.look, directory.path, name)
    return Array(content.dropFirst(Int(offset)).prefix(count))
  }

  func copy(
    from start: Int64, to end: Int64, atMost most: Int64, into target: any WritableFile, at place: Int64
  ) throws(Errno) -> Int64 {
    guard let other = disk.copyTargets[target.token] else { throw .invalid }
    var bytes = Array(content.dropFirst(Int(start)).prefix(Int(min(end - start, most))))
    let whole = Int64(bytes.count)
    let place = Int(place)
    try disk.change(.copy, directory, name) { () throws(Errno) in
      // A crash may leave a part of it.
      if disk.isLastChange { bytes = Array(bytes.prefix(bytes.count / 2)) }
      disk.edit(other) { node in
        node.content = Array(node.content.prefix(place)) + bytes + node.content.dropFirst(place + bytes.count)
        node.hasHoles = true
      }
    }
    return whole
  }

  func overwrite(_ bytes: [UInt8], at offset: Int64) throws(Errno) {
    try disk.change(.cut, directory, name) { () throws(Errno) in
      let written = disk.isLastChange ? bytes.prefix(bytes.count / 2) : bytes[...]
      disk.edit(inode) { node in
        for (index, byte) in written.enumerated() { node.content[Int(offset) + index] = byte }
      }
    }
  }

  func punch(from start: Int64, to end: Int64) throws(Errno) {
    guard disk.cutSupport.punches else { throw .notSupported }
    try disk.change(.cut, directory, name) { () throws(Errno) in
      disk.edit(inode) { node in
        // Block by block, and a crash may come between two of them.
        let (start, end) = (Int(start), min(Int(end), node.content.count))
        let punched = disk.isLastChange ? start + (end - start) / 2 : end
        for index in start..<max(start, punched) { node.content[index] = 0 }
        node.hasHoles = true
      }
    }
  }

  func collapse(below end: Int64) throws(Errno) {
    guard disk.cutSupport.collapses else { throw .notSupported }
    guard end > 0, end % blockSize == 0, end < content.count else { throw .invalid }
    try disk.change(.cut, directory, name) { () throws(Errno) in
      disk.edit(inode) { node in
        node.content.removeFirst(Int(end))
      }
    }
  }

  func empty() throws(Errno) {
    try disk.change(.cut, directory, name) { () throws(Errno) in
      disk.edit(inode) { node in
        node.content = []
      }
    }
  }
}
