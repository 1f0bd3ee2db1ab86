package import Rotation

extension SimulatedFileSystem {
  /// A file, a directory or a link.
  package struct Node: Hashable {
    package var kind: FileStatus.Kind
    package var mode: UInt32
    package var user: UInt32 = 0
    package var group: UInt32 = 0
    package var links: UInt32 = 1
    package var content: [UInt8] = []
    /// Bytes at the head that take up no room.
    package var hole = 0
    package var modified: WallTime
    package var born: WallTime
  }

  /// The calls that can be made to fail; reading and looking is one kind.
  package enum Call: String, CaseIterable, Sendable {
    case look, create, rename, exchange, replace, link, remove, append, write, copy, cut
  }
}
