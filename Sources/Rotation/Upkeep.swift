/// What is still to be done with the archives of a log after its rotation; pure, so that the directory alone tells.
package enum Upkeep {
  /// The plain archives that the policy wants compressed, the oldest first: those that stay, from version `from` on, and
  /// have no compressed twin that is anything but an unfinished copy.
  package static func compressible(_ inventory: Inventory, _ policy: Policy) -> [Version] {
    guard let compression = policy.handling.compression else { return [] }
    let versions = inventory.versions
    return versions.reversed().filter { version in
      version.suffix.isEmpty && version.number >= compression.from && version.number <= policy.keep
        && version.inode != inventory.live?.inode
        && !versions.contains { $0.number == version.number && !$0.suffix.isEmpty && !isCopy($0, of: version) }
    }
  }

  /// The archives that are more than the policy keeps, the oldest first, so far as they follow on each other from 1
  /// upwards. What lies beyond a gap was not put there by rotations (`app.log.2024` may be anybody's), and stays.
  package static func surplus(_ versions: [Version], keep: Int) -> [Version] {
    var last = 0
    var surplus: [Version] = []
    for version in versions {
      guard version.number <= last + 1 else { break }
      last = version.number
      if version.number > keep { surplus.append(version) }
    }
    return surplus.reversed()
  }

  /// Whether a compressed archive was made of the plain one beside it. A compressor's output gets the time of last
  /// modification of its source, from rotated as from gzip(1) and its like. Then the plain one is the one to keep: it has
  /// every byte, those of a late writer too, while the copy may be torn by a power cut that came before its content was on
  /// disk.
  package static func isCopy(_ compressed: Version, of plain: Version) -> Bool {
    compressed.number == plain.number && plain.suffix.isEmpty && !compressed.suffix.isEmpty && plain.modified != nil
      && plain.modified == compressed.modified
  }
}
