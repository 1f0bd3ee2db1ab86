/// The name that an archive is set aside under, when another file has its version too. Nothing deletes it.
package enum SetAsideName {
  /// That of an archive.
  package static func of(_ archive: String, inode: UInt64) -> String { "\(archive).set-aside-\(inode)" }

  /// Whether a name was given by `of`.
  package static func isOne(_ name: String) -> Bool {
    guard let dash = name.utf8.lastIndex(of: UInt8(ascii: "-")) else { return false }
    return name[..<dash].hasSuffix(".set-aside") && UInt64(name[dash...].dropFirst()) != nil
  }
}
