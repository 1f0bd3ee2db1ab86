/// A directory as it was listed once, put in order by log: which versions and which staging files are there.
///
/// It serves a run with many logs of one directory. That it may be stale by a few milliseconds is no danger: no step
/// replaces a name, so a stale plan stops at EEXIST or ENOENT and is made again from a fresh look.
package struct DirectoryListing: Sendable {
  private var versions = SpreadDictionary<FileName, [Version]>()
  /// Logs that have a file under their staging name.
  package private(set) var staged: Set<FileName> = []

  private let naming: ArchiveNaming
  private let place: DirectoryRole

  /// Of a directory that lies at `place` for the logs that are asked about, and whose archives are called by `naming`.
  package init(naming: ArchiveNaming = .numbered, place: DirectoryRole = .logDirectory) {
    self.naming = naming
    self.place = place
  }

  /// Puts one name in order.
  package mutating func add(_ name: FileName, inode: UInt64) {
    if let log = StagingName.log(of: name) {
      staged.insert(log)
    } else if let archive = naming.parse(name) {
      versions[archive.base, default: []].append(
        Version(archive.key, suffix: archive.suffix, in: place, inode: inode))
    }
  }

  /// Frees a part of what was listed; false when nothing is left.
  package mutating func dropPart() -> Bool { versions.popPart() != nil }

  /// The versions of a log, in no particular order.
  package func versions(of log: FileName) -> [Version] { versions[log] ?? [] }
}
