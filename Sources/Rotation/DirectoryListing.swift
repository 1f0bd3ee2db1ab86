/// A directory as it was listed once, put in order by log: which versions and which staging files are there.
///
/// It serves a turn with many logs of one directory. That it may be stale by a few milliseconds is no danger: no step
/// replaces a name, so a stale plan stops at EEXIST or ENOENT and is made again from a fresh look.
package struct DirectoryListing: Sendable {
  private var versions: [ExactName: [Version]] = [:]
  /// Logs that have a file under their staging name.
  package private(set) var staged: Set<String> = []

  /// The directory lies at `place` for the logs that are asked about, and their archives are called by `naming`.
  package init(
    names: some Sequence<(name: String, inode: UInt64)>, naming: ArchiveNaming = .numbered,
    place: Place = .logDirectory
  ) {
    for (name, inode) in names {
      if let log = StagingName.log(of: name) {
        staged.insert(log)
      } else if let archive = naming.parse(name) {
        versions[ExactName(archive.base), default: []].append(
          Version(archive.key, suffix: archive.suffix, in: place, inode: inode))
      }
    }
  }

  /// The versions of a log, in no particular order.
  package func versions(of log: String) -> [Version] { versions[ExactName(log)] ?? [] }
}
