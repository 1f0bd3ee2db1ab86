internal import Timekeeping

/// A plan as it grows, beside the inventory as its steps will have left it: each part of the planner looks at what
/// the parts before it have done.
struct PlanBuilder {
  private(set) var inventory: Inventory
  private(set) var plan = Plan()
  private let policy: Policy
  let moment: Moment
  private let renames: RenameSupport
  private let staging: FileName

  init(inventory: Inventory, policy: Policy, moment: Moment, renames: RenameSupport) {
    self.inventory = inventory
    self.policy = policy
    self.moment = moment
    self.renames = renames
    self.staging = inventory.stagingName
  }

  // MARK: Leftovers

  /// Finishes what an interrupted rotation left: a file under two of our names, a file under the staging name.
  mutating func settle(_ intent: Intent?) {
    dropSecondNames()
    dropLink(intent)
    dropCopies()
    guard let staged = inventory.staging else { return }
    if inventory.versions.contains(where: { inventory.isFile(staged.inode, $0) }) {
      remove(Location(staging), .moved)
      inventory.staging = nil
    } else if holdsOldLog(staged, intent) {
      // It keeps its hidden name, whole, until the operator has said what the names stand for.
      guard inventory.obstacle == nil else { return }
      makeRoom()
      publish()
    } else {
      remove(Location(staging), .leftover)
      inventory.staging = nil
    }
  }

  /// Whether the staged file is the old log, exchanged but not yet moved to version 1, and not a new log that
  /// never came to be live. In doubt it is the old one: only a file that holds nothing is ever dropped.
  private func holdsOldLog(_ staged: FileStatus, _ intent: Intent?) -> Bool {
    if staged.size > 0 || staged.inode == intent?.inode { return true }
    guard intent == nil, let live = inventory.live, let stagedBirth = staged.born, let liveBirth = live.born else {
      return false
    }
    return stagedBirth < liveBirth
  }

  /// A file that is both version n and n + 1 was linked upwards and not yet unlinked below.
  private mutating func dropSecondNames() {
    for version in inventory.versions {
      guard let number = version.number, !version.mayBeLog,
        inventory.versions.contains(where: { $0.file == version.file && $0.number == number + 1 })
      else { continue }
      remove(location(version), .moved)
      inventory.versions.removeAll { $0 == version }
    }
  }

  /// The log was linked to its archive's name, to be moved, and the job now truncates: the writers go on with this file, so it
  /// keeps the log's name alone.
  private mutating func dropLink(_ intent: Intent?) {
    guard case .truncate = policy.method, let live = inventory.live, live.inode == intent?.inode,
      let archived = inventory.linkedVersion, !archived.mayBeLog
    else { return }
    remove(location(archived), .moved)
    inventory.versions.removeAll { $0 == archived }
  }

  /// A copy beside its source, compressed or on the other file system: what was cut off was the removal of the source, of
  /// which a copy is made again.
  private mutating func dropCopies() {
    for source in inventory.versions {
      for copy in inventory.versions where Housekeeping.isCopy(copy, of: source) {
        plan.steps.append(.discard(location(copy), copyOf: location(source)))
        inventory.versions.removeAll { $0 == copy }
      }
    }
  }

  // MARK: Rotation

  /// Takes the live log away to the newest version, leaving what the policy asks for under its name.
  mutating func rotate() {
    guard let live = inventory.live else { return }
    plan.takesLive = true
    if case .truncate = policy.method { return copy() }
    let archived = inventory.linkedVersion
    guard case .create(let mode, let user, let group) = policy.creation else {
      leaveNameToWriter(live, archived)
      return
    }
    let attributes = Attributes(mode: mode ?? live.mode, user: user ?? live.user, group: group ?? live.group)
    plan.steps.append(.prepare(staging, attributes))
    switch renames {
    case .full where archived == nil:
      makeRoom()
      plan.steps.append(.exchange(staging: staging, live: inventory.name))
      inventory.staging = live
      publish()
    case .full, .linkOnly:
      if archived == nil {
        makeRoom()
        let target = newArchive()
        link(Location(inventory.name), to: location(target), .publish)
        add(target, live.inode)
      } else {
        plan.archive = archived.map(location)
      }
      plan.steps.append(.replace(live: inventory.name, staging: staging))
    }
  }

  /// Fills the newest version with a copy; the log keeps its file. The copy's inode is known to whoever makes it.
  private mutating func copy() {
    makeRoom()
    let target = newArchive()
    plan.steps.append(.copy(inventory.name, to: location(target)))
    add(target, 0)
  }

  private mutating func leaveNameToWriter(_ live: FileStatus, _ archived: Version?) {
    if let archived {
      remove(Location(inventory.name), .moved)
      plan.archive = location(archived)
      return
    }
    makeRoom()
    let target = newArchive()
    move(Location(inventory.name), to: location(target), .publish)
    add(target, live.inode)
  }

  /// Moves the staged old log to the newest version, which must be free.
  private mutating func publish() {
    guard let staged = inventory.staging else { return }
    let target = newArchive()
    move(Location(staging), to: location(target), .publish)
    add(target, staged.inode)
    inventory.staging = nil
  }

  /// The archive that the old log becomes.
  private func newArchive() -> Version {
    let key = inventory.naming.next(after: inventory.versions.first?.key, at: moment.time, in: moment.zone)
    return Version(key, in: inventory.home.forNewArchives, inode: 0)
  }

  /// Makes version 1 free: everything below the first gap goes up by one, the highest first, and to the directory where
  /// archives belong, as far as one step leads there. Dated archives keep their names.
  private mutating func makeRoom() {
    guard !inventory.naming.isDated else { return }
    var gap = 1
    for version in inventory.versions {
      guard let number = version.number, number <= gap else { break }
      gap = number + 1
    }
    setDuplicatesAside(below: gap)
    for index in inventory.versions.indices.reversed() {
      let version = inventory.versions[index]
      guard let number = version.number, number < gap else { continue }
      inventory.versions[index].key = .number(number + 1)
      if version.place.isOnLogsFileSystem { inventory.versions[index].place = inventory.home.forNewArchives }
      move(location(version), to: location(inventory.versions[index]), .shift)
    }
  }

  /// Two files of one number cannot move up in one step, and which of them is whole is not to be seen here: the
  /// compressed one, of which the plain one is the source, is renamed to a name that nothing deletes.
  private mutating func setDuplicatesAside(below gap: Int) {
    var previous: Int?
    for version in inventory.versions {
      guard let number = version.number, number < gap else { break }
      if number == previous {
        let aside = SetAsideName.of(inventory.name(of: version), inode: version.inode)
        move(location(version), to: Location(aside, in: version.place), .setAside)
        inventory.versions.removeAll { $0 == version }
      }
      previous = number
    }
  }

  /// Removes versions beyond `keep`.
  mutating func prune() {
    let surplus = Housekeeping.surplus(inventory.versions, keep: policy.keep)
    for version in surplus { remove(location(version), .prune) }
    inventory.versions.removeAll { surplus.contains($0) }
  }

  // MARK: Steps

  private func location(_ version: Version) -> Location { inventory.location(of: version) }

  private mutating func add(_ archive: Version, _ inode: UInt64) {
    plan.archive = location(archive)
    inventory.versions.insert(Version(archive.key, in: archive.place, inode: inode), at: 0)
  }

  private mutating func move(_ old: Location, to new: Location, _ purpose: Step.Purpose) {
    switch renames {
    case .full: plan.steps.append(.rename(old, to: new, purpose))
    case .linkOnly:
      link(old, to: new, purpose)
      remove(old, .moved)
    }
  }

  private mutating func link(_ old: Location, to new: Location, _ purpose: Step.Purpose) {
    plan.steps.append(.link(old, to: new, purpose))
  }

  private mutating func remove(_ location: Location, _ purpose: Step.Purpose) {
    plan.steps.append(.remove(location, purpose))
  }
}
