/// The names of numbered archives: `base.N`, and `base.N.gz` and its like once compressed.
package enum ArchiveName {
  /// What compression puts behind a name, and is read as part of one archive's name.
  package static let suffixes = [".gz", ".zst", ".xz", ".bz2", ".lz4"]

  /// The name of a plain archive: `app.log` and 3 make `app.log.3`.
  package static func plain(_ base: String, _ version: Int) -> String { "\(base).\(version)" }

  /// Takes a name in a directory apart; nil when it is not that of an archive.
  ///
  /// The version is a decimal from 1 to `Limits.maxVersion` without leading zeros; the suffix is empty or one of
  /// `.gz`, `.zst`, `.xz`, `.bz2` and `.lz4`, dot included, so that base, dot, version and suffix make the name again.
  package static func parse(_ name: String) -> (base: String, version: Int, suffix: String)? {
    let bytes = name.utf8
    guard let last = bytes.last, mayEndArchive(last) else { return nil }
    var end = bytes.endIndex
    var suffix = ""
    if !isDigit(last) || last == UInt8(ascii: "2") || last == UInt8(ascii: "4") {
      for candidate in suffixes where bytes.reversed().starts(with: candidate.utf8.reversed()) {
        suffix = candidate
        end = bytes.index(end, offsetBy: -candidate.utf8.count)
      }
    }
    var start = end
    var version = 0
    var place = 1
    while start > bytes.startIndex {
      let before = bytes.index(before: start)
      guard isDigit(bytes[before]) else { break }
      // Beyond the greatest version the digits no longer matter, and must not overflow.
      guard place <= Limits.maxVersion else { return nil }
      version += Int(bytes[before] - UInt8(ascii: "0")) * place
      place *= 10
      start = before
    }
    guard start < end, bytes[start] != UInt8(ascii: "0"), version <= Limits.maxVersion, start > bytes.startIndex
    else { return nil }
    let dot = bytes.index(before: start)
    guard bytes[dot] == UInt8(ascii: "."), dot > bytes.startIndex else { return nil }
    return (String(name[..<dot]), version, suffix)
  }

  /// The name that an archive is set aside under, when another file has its version number too.
  package static func setAside(_ archive: String, inode: UInt64) -> String { "\(archive).set-aside-\(inode)" }

  /// Whether a name was given by `setAside`.
  package static func isSetAside(_ name: String) -> Bool {
    guard let dash = name.utf8.lastIndex(of: UInt8(ascii: "-")) else { return false }
    return name[..<dash].hasSuffix(".set-aside") && UInt64(name[dash...].dropFirst()) != nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// Most names of a directory fail here, before anything is compared.
  private static func mayEndArchive(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "z") || byte == UInt8(ascii: "t")
  }
}
