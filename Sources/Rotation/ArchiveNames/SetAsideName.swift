/// The name that an archive is set aside under, when another file has its version too. Nothing deletes it.
package enum SetAsideName {
  private static let mark = ".set-aside"

  /// That of an archive.
  package static func of(_ archive: FileName, inode: UInt64) -> FileName { "\(archive)\(mark)-\(inode)" }

  /// Whether a name was given by `of`.
  package static func isOne(_ name: FileName) -> Bool {
    guard let dash = name.bytes.lastIndex(of: UInt8(ascii: "-")) else { return false }
    let (aside, inode) = (name.bytes[..<dash], name.bytes[(dash + 1)...])
    return aside.suffix(mark.utf8.count).elementsEqual(mark.utf8)
      && UInt64(String(decoding: inode, as: UTF8.self)) != nil
  }
}
