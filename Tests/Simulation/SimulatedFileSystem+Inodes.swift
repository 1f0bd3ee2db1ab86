import Rotation
import Timekeeping

/// The parts of the daemon's changes.
extension SimulatedFileSystem {
  func make(
    _ name: FileName, _ attributes: Attributes, in directory: FilePath, content: [UInt8] = [], modified: WallTime? = nil
  ) {
    let inode = newNode(.regular, attributes.mode)
    nodes[inode]?.content = content
    if let modified { nodes[inode]?.modified = modified }
    nodes[inode]?.user = attributes.user
    nodes[inode]?.group = attributes.group
    directories[directory]?[name] = inode
    reportNamed(name, in: directory)
  }

  func bind(_ name: FileName, to inode: UInt64, in directory: FilePath) {
    nodes[inode]?.links += 1
    if directories[directory]?[name] != nil { unlink(name, directory) }
    directories[directory]?[name] = inode
    reportNamed(name, in: directory)
  }

  func unbind(_ name: FileName, in directory: FilePath) {
    unlink(name, directory)
  }

  func swap(_ one: FileName, _ other: FileName, in directory: FilePath) {
    guard var names = directories[directory] else { return }
    (names[one], names[other]) = (names[other], names[one])
    directories[directory] = names
    for name in [one, other] { reportSwapped(name, in: directory) }
  }

  /// An open file without a name.
  func newUnnamed() -> UInt64 {
    let inode = newNode(.regular, 0o600)
    nodes[inode]?.links = 0
    keepOpen(inode)
    return inode
  }

  func edit(_ inode: UInt64, _ body: (inout Node) -> Void) {
    guard let index = nodes.index(forKey: inode) else { return }
    body(&nodes.values[index])
    reportWritten(inode)
  }

  func setContent(_ bytes: [UInt8], of inode: UInt64) {
    nodes[inode]?.content = bytes
    nodes[inode]?.modified = clock()
    reportWritten(inode)
  }

  func setModified(_ time: WallTime, of inode: UInt64) { nodes[inode]?.modified = time }
}
