internal import Timekeeping

/// A plan as it grows, beside the inventory as its steps will have left it: each part of the planner looks at what
/// the parts before it have done.
struct PlanBuilder {
  var plan: Plan
  let policy: Policy
  let moment: Moment
  let renames: RenameSupport
  /// What is recorded of a rotation that was begun. Exchanges move only what it knows.
  let intent: Intent?
  /// Whether an archive was found whose place is not known: then none is removed in favour of others.
  private var isUnsure = false

  init(inventory: Inventory, policy: Policy, moment: Moment, renames: RenameSupport, intent: Intent?) {
    self.plan = Plan(inventory, policy)
    self.policy = policy
    self.moment = moment
    self.renames = renames
    self.intent = intent
  }

  var staging: FileName { inventory.stagingName }

  /// As the steps so far leave it.
  var inventory: Inventory {
    get { plan.inventory }
    _modify { yield &plan.inventory }
  }

  // MARK: Leftovers

  /// Finishes what an interrupted rotation left: a file under two of our names, a file under the staging name.
  mutating func settle() {
    restoreHidden()
    dropSecondNames()
    dropLink()
    dropCopies()
    guard let staged = inventory.staging else { return }
    if inventory.versions.contains(where: { inventory.isFile(staged.inode, $0) }) {
      remove(Location(staging), .secondName)
      inventory.staging = nil
    } else if holdsArchive(staged) {
      // It keeps its hidden name, whole, until the operator has said what the names stand for.
      guard inventory.obstacle == nil else { return }
      settle(staged)
    } else {
      remove(Location(staging), .leftover)
      inventory.staging = nil
    }
  }

  /// Gives an archive under the staging name its number, or a name that nothing deletes where the number is not known.
  private mutating func settle(_ staged: FileStatus) {
    guard let target = place(of: staged) else {
      let newest = Version(.number(1), in: .logDirectory, inode: staged.inode)
      let aside = Location(SetAsideName.of(inventory.name(of: newest), inode: staged.inode))
      move(Location(staging), to: aside, .setAside)
      plan.archive = aside
      inventory.staging = nil
      isUnsure = true
      return
    }
    let number = target.number ?? 1
    let end = intent == nil ? number : endOfExchanges(from: number)
    makeRoom(at: end)
    publish(as: target, upTo: end)
    if number == 1 { plan.archive = location(target) }
  }

  /// Whether the staged file is the old log or an archive on its way, and not a new log that never came to be live. In doubt
  /// it is: only a file that holds nothing is ever dropped.
  private func holdsArchive(_ staged: FileStatus) -> Bool {
    if staged.size > 0 || intent?.number(of: staged.inode, live: inventory.live?.inode) != nil { return true }
    guard intent == nil else { return false }
    // No new log is made for a writer that makes its own.
    guard let live = inventory.live else { return policy.creation == .leftToWriter }
    guard let stagedBirth = staged.born, let liveBirth = live.born else { return false }
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
  private mutating func dropLink() {
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
    let end = archived == nil ? endOfExchanges() : 1
    guard case .create(let mode, let user, let group) = policy.creation else {
      leaveNameToWriter(live, archived, end)
      inventory.live = nil
      return
    }
    let attributes = Attributes(
      mode: mode ?? live.mode, user: user ?? live.user, group: group ?? live.group, names: policy.rules.creationNames)
    plan.now.append(.prepare(staging, attributes))
    switch renames {
    case .full where archived == nil, .fastExchange where archived == nil:
      plan.exchanged = exchanged(below: end)
      makeRoom(at: end)
      let target = newArchive()
      plan.now.append(.exchange(inventory.name, with: staging))
      inventory.staging = live
      publish(as: target, upTo: end)
      plan.archive = location(target)
    case .full, .fastExchange, .linkOnly:
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
    guard policy.method != .copy else { return }
    plan.now.append(.truncate(inventory.name, archivedIn: location(target)))
    inventory.live?.size = 0
  }

  /// Cuts off the log what its copy, which has a name, holds.
  mutating func truncate(_ intent: Intent) {
    guard inventory.live?.inode == intent.inode, let archive = inventory.archive(holding: intent) else { return }
    plan.skip = nil
    guard policy.method != .copy else { return }
    plan.now.append(.truncate(inventory.name, archivedIn: archive))
  }

  private mutating func leaveNameToWriter(_ live: FileStatus, _ archived: Version?, _ end: Int) {
    if let archived {
      remove(Location(inventory.name), .secondName)
      plan.archive = location(archived)
      return
    }
    let isStaged = end > 1 && inventory.foreign.count < StagingName.count
    plan.exchanged = isStaged ? exchanged(below: end) : []
    makeRoom(at: isStaged ? end : 1)
    let target = newArchive()
    guard isStaged else {
      move(Location(inventory.name), to: location(target), .publish)
      return add(target, live.inode)
    }
    move(Location(inventory.name), to: Location(staging), .stage)
    inventory.staging = live
    publish(as: target, upTo: end)
    plan.archive = location(target)
  }

  /// Removes versions beyond `keep`.
  mutating func prune() {
    guard !isUnsure else { return }
    guard policy.beforeRemoval.isEmpty else { return markOutdated() }
    let surplus = Housekeeping.surplus(inventory.versions, keep: policy.keep)
    for version in surplus { remove(location(version), .keep) }
    drop(Set(surplus))
    pruneByAge()
  }

  /// Removes versions that are too old, where that is done at a rotation; the newest stays.
  private mutating func pruneByAge() {
    guard let age = policy.rules.maxAgeAtRotation else { return }
    let old = outdated(age)
    for version in old.reversed() { remove(location(version), .age(age)) }
    drop(Set(old))
  }

  /// Marks versions that are too old, where something is done with them before they are removed.
  mutating func markOutdated() {
    guard let age = policy.rules.maxAgeAtRotation else { return }
    let old = Set(outdated(age))
    for index in inventory.versions.indices where old.contains(inventory.versions[index]) {
      inventory.versions[index].isOutdated = true
    }
  }

  private func outdated(_ age: Span) -> [Version] {
    let limit = moment.time - age
    return Housekeeping.ranked(inventory.versions).filter { rank, version in
      rank > 1 && !version.mayBeLog && !version.isEmptied && version.modified.map { $0 <= limit } ?? false
    }.map(\.version)
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
    case .full, .fastExchange: plan.now.append(.rename(old, to: new, purpose))
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
