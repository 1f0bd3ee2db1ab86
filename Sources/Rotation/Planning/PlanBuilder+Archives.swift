// What is done with archives that does not wait: what a compression, a transfer or an undo needs.

extension PlanBuilder {
  /// Finishes what an interrupted compression or transfer left: a source under a hidden name or beside its copy.
  mutating func settleArchives() {
    restoreHidden()
    dropCopies()
  }

  /// A copy beside its source, compressed or on the other file system: what was cut off was the removal of the source, of
  /// which a copy is made again.
  mutating func dropCopies() {
    var dropped: Set<Version> = []
    for source in inventory.versions {
      for copy in inventory.versions(of: source.key) where Housekeeping.isCopy(copy, of: source) {
        if dropped.insert(copy).inserted { remove(location(copy), .copy(of: location(source))) }
      }
    }
    drop(dropped)
  }

  /// A hidden source gets a name again, and what a compressor has not finished goes.
  mutating func restoreHidden() {
    for hidden in inventory.hidden {
      switch hidden.role {
      case .output: remove(hidden.location, .unfinished)
      case .source: restore(hidden)
      }
    }
    inventory.hidden = []
  }

  /// A source gets the name beside its copy, if rotations have moved that on, else its own, else one that nothing deletes.
  private mutating func restore(_ hidden: HiddenFile) {
    var source = hidden.archive
    source.key = keyOfCopy(of: source)
    let target = location(source)
    if let taken = inventory.versions.first(where: { location($0) == target }) {
      guard taken.file != source.file else { return remove(hidden.location, .secondName) }
      let aside = SetAsideName.of(inventory.name(of: hidden.archive), inode: source.inode)
      return move(hidden.location, to: Location(aside, in: source.place), .setAside)
    }
    move(hidden.location, to: target, .restore)
    inventory.insert(source)
  }

  /// The key that the copy of a source has now. A copy has the time of its source; but so may an archive that was written in the
  /// same moment, and what is taken for a copy goes. So the copy beside the source's own name comes first, and of several
  /// elsewhere none is believed.
  private func keyOfCopy(of source: Version) -> VersionKey {
    guard let own = source.number else { return source.key }
    var found: [Version] = []
    for copy in inventory.versions {
      guard let number = copy.number, number >= own else { continue }
      var moved = source
      moved.key = copy.key
      guard Housekeeping.isCopy(copy, of: moved) else { continue }
      if number == own { return source.key }
      found.append(copy)
    }
    return found.count == 1 ? found[0].key : source.key
  }

  /// Gives the log back the file of this inode, which is its newest archive, in exchange for the empty file that it has now.
  mutating func undo(_ inode: UInt64) {
    guard let version = inventory.versions.first, inventory.isFile(inode, version), version.place == .logDirectory,
      version.number ?? 1 == 1, version.suffix.isEmpty, let live = inventory.live, live.kind == .regular,
      live.size == 0
    else { return }
    plan.now.append(.exchange(inventory.name(of: version), with: inventory.name))
    inventory.versions[0].inode = live.inode
    inventory.versions[0].isEmptied = true
    inventory.live?.inode = inode
  }
}
