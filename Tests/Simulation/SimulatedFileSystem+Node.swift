package import Rotation
package import Timekeeping

extension SimulatedFileSystem {
  /// A file, a directory or a link.
  package struct Node: Hashable {
    package var kind: FileStatus.Kind
    package var mode: UInt32
    package var user: UInt32 = 0
    package var group: UInt32 = 0
    package var links: UInt32 = 1
    package var content: [UInt8] = []
    /// Whether blocks of NULs take no space.
    package var hasHoles = false
    package var modified: WallTime
    package var born: WallTime

    var allocated: Int64 {
      guard hasHoles else { return Int64(content.count) }
      let block = Int(SimulatedFileSystem.blockSize)
      return stride(from: 0, to: content.count, by: block).reduce(0) { sum, start in
        let bytes = content[start..<min(content.count, start + block)]
        return sum + (bytes.contains { $0 != 0 } ? Int64(bytes.count) : 0)
      }
    }
  }

  /// The calls that can be made to fail; all reads and stats are one kind.
  package enum Call: String, CaseIterable, Sendable {
    case look, create, rename, exchange, replace, link, remove, append, write, copy, cut
  }

  func status(of inode: UInt64) -> FileStatus? {
    guard let node = nodes[inode] else { return nil }
    var status = FileStatus(
      kind: node.kind, inode: inode, size: Int64(node.content.count), mode: node.mode, user: node.user,
      group: node.group, links: node.links, modified: node.modified, born: node.born,
      allocated: node.allocated)
    editStatus?(&status)
    return status
  }

  /// Whether the next change is the last before the crash.
  var isLastChange: Bool { changesUntilCrash == 1 }
}
