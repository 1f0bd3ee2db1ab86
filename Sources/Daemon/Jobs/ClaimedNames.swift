package import Config
internal import Rotation

/// Tells archives from logs where one name can be read as both: `worker.1.log` is the name of an archive of `worker.log`,
/// and `logs = "/var/log/*.log"` matches it as a log.
///
/// Only a rotation makes archives, so an archive of such a name is one that the state knows to be made by a rotation. Any
/// other file of such a name may be somebody's log: it is not moved, compressed or removed.
package final class ClaimedNames {
  /// Those of the config in force.
  package var claims: Claims
  private let state: StateStore?

  /// Without a state every file of such a name may be a log.
  package init(_ claims: Claims, state: StateStore?) {
    self.claims = claims
    self.state = state
  }

  /// Marks the versions that may be logs.
  func mark(_ inventory: inout Inventory, in directories: LogDirectories) {
    guard !inventory.versions.isEmpty else { return }
    let log = LogFinder.join(directories.log.path, inventory.name)
    for index in inventory.versions.indices {
      let path = directories.path(of: inventory.location(of: inventory.versions[index]))
      guard claims.owner(of: path) != nil else { continue }
      let made = state?.log(log)?.made ?? []
      inventory.versions[index].mayBeLog = !made.contains(inventory.versions[index].inode)
    }
  }

  /// What is to be remembered of an archive that was just made of a log; nil where nothing can take it for a log.
  func record(archive inode: UInt64, of log: FilePath, _ policy: Policy) -> StateRecord? {
    let (directory, name) = log.split
    let naming = policy.naming
    let keys: [VersionKey] = naming.isDated ? [] : [.number(1), .number(2), .number(10)]
    let names = [naming.example(of: name)] + keys.map { naming.name(of: name, $0) }
    let places = [directory, directory.resolving(policy.archiveDirectory?.path)]
    let isContested = places.contains { place in
      names.contains { claims.owner(of: LogFinder.join(place, $0)) != nil }
    }
    return isContested ? .made(log: log, inode: inode) : nil
  }

  /// Remembers an archive that took the place of another: compressed, or moved to another file system.
  func note(archive inode: UInt64, of log: FilePath, _ policy: Policy) {
    guard let record = record(archive: inode, of: log, policy) else { return }
    state?.record([record])
  }
}
