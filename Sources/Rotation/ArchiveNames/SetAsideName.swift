/// The name under which an archive is set aside if another file has the same version. Nothing removes such a file.
package enum SetAsideName {
  private static let mark = ".set-aside"

  /// The name for an archive.
  package static func of(_ archive: FileName, inode: UInt64) -> FileName { "\(archive)\(mark)-\(inode)" }

  /// Whether a name was made by `of`.
  package static func isOne(_ name: FileName) -> Bool {
    guard let dash = name.bytes.lastIndex(of: UInt8(ascii: "-")) else { return false }
    let (aside, inode) = (name.bytes[..<dash], name.bytes[(dash + 1)...])
    return aside.suffix(mark.utf8.count).elementsEqual(mark.utf8)
      && UInt64(String(decoding: inode, as: UTF8.self)) != nil
  }
}
