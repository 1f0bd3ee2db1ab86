internal import Timekeeping

/// What is still to be done with the archives of a log after its rotation; pure, so that the directory alone tells.
package enum Housekeeping {
  /// The steps that wait until no process has an archive open for writing, the oldest archives first: what a writer has open is
  /// among the newest. What goes is not compressed, and what is compressed needs no transfer of its own.
  package static func steps(_ inventory: Inventory, _ policy: Policy) -> [PendingStep] {
    let removals = removals(inventory, policy)
    let compressible = compressible(inventory, policy)
    var steps: [PendingStep] = inventory.versions.filter(\.isEmptied).map {
      PendingStep($0, .remove(inventory.location(of: $0), .undone))
    }
    for (version, reason) in removals {
      let location = inventory.location(of: version)
      steps += policy.beforeRemoval.map { PendingStep(version, .perform($0, location, reason)) }
      steps.append(PendingStep(version, .remove(location, reason)))
    }
    steps += compressible.map { version in
      let name = inventory.naming.name(of: inventory.name, version.key, suffix: policy.compression?.suffix ?? "")
      let place = inventory.home.isOnLogsFileSystem ? version.place : inventory.home
      return PendingStep(version, .compress(inventory.location(of: version), to: Location(name, in: place)))
    }
    let others = Set(removals.map(\.version) + compressible)
    steps += misplaced(inventory).filter { !others.contains($0) }.map { version in
      let location = inventory.location(of: version)
      return PendingStep(version, .transfer(location, to: Location(location.name, in: inventory.home)))
    }
    return steps
  }

  /// The archives that go, and why, the oldest first.
  private static func removals(_ inventory: Inventory, _ policy: Policy) -> [(version: Version, reason: RemovalReason)]
  {
    let surplus = surplus(inventory.versions, keep: policy.keep)
    guard let age = policy.rules.maxAgeAtRotation else { return surplus.map { ($0, .keep) } }
    let known = Set(surplus)
    let outdated = inventory.versions.reversed().filter { $0.isOutdated && !known.contains($0) }
    return surplus.map { ($0, .keep) } + outdated.map { ($0, .age(age)) }
  }

  /// The plain archives that the policy wants compressed, the oldest first: those that stay, but for the newest of them,
  /// and have no compressed twin that is anything but an unfinished copy. `from` counts by age: 2 leaves the newest plain.
  package static func compressible(_ inventory: Inventory, _ policy: Policy) -> [Version] {
    guard let compression = policy.compression else { return [] }
    let versions = inventory.versions
    let surplus = Set(surplus(versions, keep: policy.keep))
    var found: [Version] = []
    for (rank, version) in ranked(versions) {
      guard version.suffix.isEmpty, rank >= compression.from, !surplus.contains(version), !version.mayBeLog,
        !version.isEmptied, !version.isOutdated, !version.staysPlain,
        canBeReplaced(inventory.name(of: version), suffix: compression.suffix)
      else { continue }
      if let number = version.number, number > policy.keep { continue }
      guard !inventory.isFile(inventory.live?.inode, version),
        !inventory.versions(of: version.key).contains(where: { !$0.suffix.isEmpty && !isCopy($0, of: version) })
      else { continue }
      found.append(version)
    }
    return found.reversed()
  }

  /// The archives that are more than the policy keeps, the oldest first. Of numbered ones only those count that follow on
  /// each other from 1 upwards: what lies beyond a gap was not put there by rotations (`app.log.2024` may be anybody's),
  /// and stays. What may be a log is none of them, and ends such a row.
  package static func surplus(_ versions: [Version], keep: Int) -> [Version] {
    var surplus: [Version] = []
    var uncounted = 0
    for (rank, version) in ranked(versions.filter { !$0.mayBeLog }) {
      if let number = version.number, number != rank { break }
      if version.isEmptied {
        uncounted += 1
      } else if rank - uncounted > keep {
        surplus.append(version)
      }
    }
    return surplus.reversed()
  }

  /// The archives that lie beside the log and belong on another file system, the oldest first.
  package static func misplaced(_ inventory: Inventory) -> [Version] {
    guard !inventory.home.isOnLogsFileSystem else { return [] }
    return inventory.versions.reversed().filter { version in
      version.place != inventory.home && !version.mayBeLog && !version.isEmptied
        && !inventory.isFile(inventory.live?.inode, version)
        && canBeReplaced(inventory.name(of: version))
    }
  }

  /// Whether a copy can take the place of an archive: its name with a suffix, and the hidden names of the moment between, are
  /// not too long.
  package static func canBeReplaced(_ archive: FileName, suffix: String = "") -> Bool {
    let last = StagingName.count - 1
    return ["\(archive)\(suffix)", StagingName.ofSuperseded(archive, last), StagingName.ofOutput(archive, last)]
      .allSatisfy { $0.bytes.count <= Limits.maxNameBytes }
  }

  /// What will never be done with an archive of this name, since it is too long: for a message; nil when nothing.
  package static func impossible(_ archive: Location, _ home: DirectoryRole, _ policy: Policy) -> String? {
    if let compression = policy.compression, !canBeReplaced(archive.name, suffix: compression.suffix) {
      return "compressed"
    }
    guard !home.isOnLogsFileSystem, archive.place != home, !canBeReplaced(archive.name) else { return nil }
    return "moved to \(Location("", in: home))"
  }

  /// Whether anything is to be done with the archives of a log, now or later, as far as their names tell: of two files of
  /// one version a closer look has to say whether one is a copy.
  package static func isWanted(_ inventory: Inventory, _ policy: Policy) -> Bool {
    !steps(inventory, policy).isEmpty
      || zip(inventory.versions, inventory.versions.dropFirst()).contains { $0.key == $1.key }
  }

  /// Whether an archive was made of the one beside it: compressed, or copied to the other file system. A copy gets the time
  /// of last modification of its source, from rotated as from gzip(1) and its like. Then the source is the one to keep: it
  /// has every byte, those of a late writer too, while the copy may be torn by a power cut that came before its content
  /// was on disk.
  ///
  /// The other file system may not be able to keep that time. Then the copy has what it made of it; a plain one must also be as
  /// long and have the same bytes at both ends, and one of which that is all is a copy whatever its time.
  package static func isCopy(_ copy: Version, of source: Version) -> Bool {
    guard copy.key == source.key, !copy.mayBeLog, !source.mayBeLog, let time = source.modified,
      let copied = copy.modified
    else { return false }
    let isCompressed = source.suffix.isEmpty && !copy.suffix.isEmpty
    let isMoved = source.place.isOnLogsFileSystem && !copy.place.isOnLogsFileSystem
    let isBack = copy.place.isOnLogsFileSystem && !source.place.isOnLogsFileSystem
    if time != copied {
      guard isMoved else { return false }
      let isAlike = source.sample.map { $0 == copy.sample } ?? false
      let isCutOff = copied.isCutOff(from: time) && (isCompressed || isAlike)
      guard isCutOff || isAlike && source.sample?.isWhole == true else { return false }
    }
    return isMoved && (isCompressed || copy.suffix == source.suffix) || isCompressed && !isBack
  }

  /// The versions with their places in the order of age, from 1; those of one key have one place.
  package static func ranked(_ versions: [Version]) -> [(rank: Int, version: Version)] {
    var rank = 0
    var last: VersionKey?
    return versions.map { version in
      if version.key != last { rank += 1 }
      last = version.key
      return (rank, version)
    }
  }
}
