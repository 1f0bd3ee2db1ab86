/// A plan as it grows, beside the inventory as its steps will have left it: each part of the planner looks at what
/// the parts before it have done.
struct PlanBuilder {
  private(set) var inventory: Inventory
  private(set) var plan = Plan()
  private let policy: Policy
  private let renames: RenameSupport
  private let staging: String

  init(inventory: Inventory, policy: Policy, renames: RenameSupport) {
    self.inventory = inventory
    self.policy = policy
    self.renames = renames
    self.staging = StagingName.of(inventory.name)
  }

  // MARK: Leftovers

  /// Finishes what an interrupted rotation left: a file under two of our names, a file under the staging name.
  mutating func settle(_ intent: Intent?) {
    dropSecondNames()
    dropCopies()
    guard let staged = inventory.staging else { return }
    if inventory.versions.contains(where: { $0.inode == staged.inode }) {
      remove(staging, .moved)
      inventory.staging = nil
    } else if holdsOldLog(staged, intent) {
      makeRoom()
      publish()
    } else {
      remove(staging, .leftover)
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
    for version in inventory.versions
    where inventory.versions.contains(where: { $0.inode == version.inode && $0.number == version.number + 1 }) {
      remove(name(version), .moved)
      inventory.versions.removeAll { $0 == version }
    }
  }

  /// A compressed copy beside its source: what was cut off was the removal of the source, which is compressed again.
  private mutating func dropCopies() {
    for plain in inventory.versions {
      for copy in inventory.versions where Upkeep.isCopy(copy, of: plain) {
        plan.steps.append(.discard(name(copy), copyOf: name(plain)))
        inventory.versions.removeAll { $0 == copy }
      }
    }
  }

  // MARK: Rotation

  /// Takes the live log away to version 1, leaving what the policy asks for under its name.
  mutating func rotate() {
    guard let live = inventory.live else { return }
    plan.takesLive = true
    if case .truncate = policy.handling.method { return copy() }
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
        link(inventory.name, to: firstName, .publish)
        add(live.inode)
      }
      plan.archive = archived.map(name) ?? firstName
      plan.steps.append(.replace(live: inventory.name, staging: staging))
    }
  }

  /// Fills version 1 with a copy; the log keeps its file. The copy's inode is known to whoever makes it.
  private mutating func copy() {
    makeRoom()
    plan.steps.append(.copy(inventory.name, to: firstName))
    plan.archive = firstName
    add(0)
  }

  private mutating func leaveNameToWriter(_ live: FileStatus, _ archived: Version?) {
    if let archived {
      remove(inventory.name, .moved)
      plan.archive = name(archived)
      return
    }
    makeRoom()
    move(inventory.name, to: firstName, .publish)
    add(live.inode)
    plan.archive = firstName
  }

  /// Moves the staged old log to version 1, which must be free.
  private mutating func publish() {
    guard let staged = inventory.staging else { return }
    move(staging, to: firstName, .publish)
    add(staged.inode)
    inventory.staging = nil
    plan.archive = firstName
  }

  /// Makes version 1 free: everything below the first gap goes up by one, the highest first.
  private mutating func makeRoom() {
    var gap = 1
    for version in inventory.versions {
      if version.number > gap { break }
      gap = version.number + 1
    }
    setTwinsAside(below: gap)
    for index in inventory.versions.indices.reversed() where inventory.versions[index].number < gap {
      let version = inventory.versions[index]
      inventory.versions[index].number += 1
      move(name(version), to: name(inventory.versions[index]), .shift)
    }
  }

  /// Two files of one number cannot move up in one step, and which of them is whole is not to be seen here: the
  /// compressed one, of which the plain one is the source, is renamed to a name that nothing deletes.
  private mutating func setTwinsAside(below gap: Int) {
    var previous: Int?
    for version in inventory.versions where version.number < gap {
      if version.number == previous {
        move(name(version), to: ArchiveName.setAside(name(version), inode: version.inode), .setAside)
        inventory.versions.removeAll { $0 == version }
      }
      previous = version.number
    }
  }

  /// Removes versions beyond `keep`.
  mutating func prune() {
    let surplus = Upkeep.surplus(inventory.versions, keep: policy.keep)
    for version in surplus { remove(name(version), .prune) }
    inventory.versions.removeAll { surplus.contains($0) }
  }

  // MARK: Steps

  private var firstName: String { ArchiveName.plain(inventory.name, 1) }

  private func name(_ version: Version) -> String { inventory.name(of: version) }

  private mutating func add(_ inode: UInt64) {
    inventory.versions.insert(Version(number: 1, inode: inode), at: 0)
  }

  private mutating func move(_ old: String, to new: String, _ purpose: Step.Purpose) {
    switch renames {
    case .full: plan.steps.append(.rename(old, to: new, purpose))
    case .linkOnly:
      link(old, to: new, purpose)
      remove(old, .moved)
    }
  }

  private mutating func link(_ old: String, to new: String, _ purpose: Step.Purpose) {
    plan.steps.append(.link(old, to: new, purpose))
  }

  private mutating func remove(_ name: String, _ purpose: Step.Purpose) {
    plan.steps.append(.remove(name, purpose))
  }
}
