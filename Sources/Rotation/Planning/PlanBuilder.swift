internal import Timekeeping

/// A plan as it grows, beside the inventory as its steps will have left it: each part of the planner looks at what
/// the parts before it have done.
struct PlanBuilder {
  var plan: Plan
  private let policy: Policy
  let moment: Moment
  private let renames: RenameSupport

  init(inventory: Inventory, policy: Policy, moment: Moment, renames: RenameSupport) {
    self.plan = Plan(inventory, policy)
    self.policy = policy
    self.moment = moment
    self.renames = renames
  }

  private var staging: FileName { inventory.stagingName }

  /// As the steps so far leave it.
  var inventory: Inventory {
    get { plan.inventory }
    _modify { yield &plan.inventory }
  }

  // MARK: Leftovers

  /// Finishes what an interrupted rotation left: a file under two of our names, a file under the staging name.
  mutating func settle(_ intent: Intent?) {
    restoreHidden()
    dropSecondNames()
    dropLink(intent)
    dropCopies()
    guard let staged = inventory.staging else { return }
    if inventory.versions.contains(where: { inventory.isFile(staged.inode, $0) }) {
      remove(Location(staging), .secondName)
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
    var dropped: Set<Version> = []
    for version in inventory.versions {
      guard let number = version.number, !version.mayBeLog,
        inventory.versions(of: .number(number + 1)).contains(where: { $0.file == version.file })
      else { continue }
      remove(location(version), .secondName)
      dropped.insert(version)
    }
    drop(dropped)
  }

  /// The log was linked to its archive's name, to be moved, and the job now truncates: the writers go on with this file, so it
  /// keeps the log's name alone.
  private mutating func dropLink(_ intent: Intent?) {
    guard case .truncate = policy.method, let live = inventory.live, live.inode == intent?.inode, intent?.copy == nil,
      let archived = inventory.linkedVersion, !archived.mayBeLog
    else { return }
    remove(location(archived), .secondName)
    inventory.versions.removeAll { $0 == archived }
  }

  // MARK: Rotation

  /// Takes the live log away to the newest version, leaving what the policy asks for under its name.
  mutating func rotate() {
    guard let live = inventory.live else { return }
    plan.skip = nil
    if case .truncate = policy.method { return copy() }
    let archived = inventory.linkedVersion
    guard case .create(let mode, let user, let group) = policy.creation else {
      leaveNameToWriter(live, archived)
      inventory.live = nil
      return
    }
    let attributes = Attributes(mode: mode ?? live.mode, user: user ?? live.user, group: group ?? live.group)
    plan.now.append(.prepare(staging, attributes))
    switch renames {
    case .full where archived == nil:
      makeRoom()
      plan.now.append(.exchange(inventory.name, with: staging))
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
      plan.now.append(.replace(live: inventory.name, staging: staging))
    }
    inventory.live?.inode = FileStatus.unmade
    inventory.live?.size = 0
  }

  /// Fills the newest version with a copy; the log keeps its file. The copy's inode is known to whoever makes it.
  private mutating func copy() {
    makeRoom()
    let target = newArchive()
    plan.now.append(.publishCopy(inventory.name, to: location(target)))
    add(target, 0)
    plan.now.append(.truncate(inventory.name, archivedIn: location(target)))
    inventory.live?.size = 0
  }

  /// Cuts off the log what its copy, which has a name, holds.
  mutating func truncate(_ intent: Intent) {
    guard inventory.live?.inode == intent.inode, let archive = inventory.archive(holding: intent) else { return }
    plan.skip = nil
    plan.now.append(.truncate(inventory.name, archivedIn: archive))
  }

  private mutating func leaveNameToWriter(_ live: FileStatus, _ archived: Version?) {
    if let archived {
      remove(Location(inventory.name), .secondName)
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
    var dropped: Set<Version> = []
    for version in inventory.versions {
      guard let number = version.number, number < gap else { break }
      if number == previous {
        let aside = SetAsideName.of(inventory.name(of: version), inode: version.inode)
        move(location(version), to: Location(aside, in: version.place), .setAside)
        dropped.insert(version)
      }
      previous = number
    }
    drop(dropped)
  }

  /// Removes versions beyond `keep`.
  mutating func prune() {
    let surplus = Housekeeping.surplus(inventory.versions, keep: policy.keep)
    for version in surplus { remove(location(version), .keep) }
    drop(Set(surplus))
  }

  // MARK: Steps

  func location(_ version: Version) -> Location { inventory.location(of: version) }

  /// Takes versions out of the inventory, all at once.
  mutating func drop(_ versions: Set<Version>) {
    if !versions.isEmpty { inventory.versions.removeAll { versions.contains($0) } }
  }

  private mutating func add(_ archive: Version, _ inode: UInt64) {
    plan.archive = location(archive)
    inventory.versions.insert(Version(archive.key, in: archive.place, inode: inode), at: 0)
  }

  mutating func move(_ old: Location, to new: Location, _ purpose: Step.Purpose) {
    switch renames {
    case .full: plan.now.append(.rename(old, to: new, purpose))
    case .linkOnly:
      link(old, to: new, purpose)
      remove(old, .secondName)
    }
  }

  private mutating func link(_ old: Location, to new: Location, _ purpose: Step.Purpose) {
    plan.now.append(.link(old, to: new, purpose))
  }

  mutating func remove(_ location: Location, _ reason: RemovalReason) {
    plan.now.append(.remove(location, reason))
  }
}
