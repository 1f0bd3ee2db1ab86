package import Config
internal import Rotation

/// Distinguishes archives from logs where a name can be both: `worker.1.log` is the name of an archive of `worker.log`,
/// and `logs = "/var/log/*.log"` matches it as a log.
///
/// Only a rotation makes archives, so a file with such a name is an archive only if the state records that a rotation
/// made it. Any other file may be somebody's log: it is not moved, compressed or removed.
package final class ClaimedNames {
  /// The claims of the config in force.
  package var claims: Claims
  private let state: StateStore?

  /// Without a state, every file with such a name may be a log.
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

  /// The record for an archive that was just made; nil if its name cannot be that of a log.
  func record(archive inode: UInt64, of log: FilePath, _ policy: Policy) -> StateRecord? {
    let (directory, name) = log.split
    let naming = policy.naming
    let keys: [VersionKey] = [.number(1), .number(2), .number(10)]
    let names = naming.isDated ? [naming.example(of: name)] : keys.map { naming.name(of: name, $0) }
    let places = [directory] + (policy.archiveDirectory.map { [directory.resolving($0.path)] } ?? [])
    let isContested = places.contains { place in
      names.contains { claims.owner(of: LogFinder.join(place, $0)) != nil }
    }
    return isContested ? .made(log: log, inode: inode) : nil
  }

  /// Records an archive that has replaced another: it was compressed, or moved to another file system.
  func note(archive inode: UInt64, of log: FilePath, _ policy: Policy) {
    guard let record = record(archive: inode, of: log, policy) else { return }
    state?.record([record])
  }
}
