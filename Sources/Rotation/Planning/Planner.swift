// The planner, the one idea of rotated: a pure function from what is on disk to the steps that are left to do.
//
// It keeps no memory of a rotation in progress. Every step leaves a directory from which planning again finds the
// remaining steps, so recovery after a crash is the same function called with the intent that was recorded before
// the first step. The order that makes this work:
//
//   1. prepare the new live log under the staging name, complete with owner and mode;
//   2. shift the versions that no exchange moves, from the first gap down, so that a shift that died leaves its gap lower and
//      is continued;
//   3. exchange staging and live name: the live name is never absent, the old inode sees MOVE_SELF;
//   4. exchange the old log with version 1, that with version 2, and so on: the staging name has the one on its way, until
//      one comes to a number that is free (PlanBuilder+Versions.swift);
//   5. remove what is beyond `keep`, last: nothing is deleted before the rotation that pushes it out has happened.
//
// Where archives bear dates none moves: step 4 moves the old log to the next date, one later than every other.
//
// A step never replaces a name that holds bytes: EEXIST means the inventory was stale, and one plans again.

package import Timekeeping

/// Whether the file system can do the two renames that rotation prefers (renameat2(2)).
package enum RenameSupport: Hashable, Sendable {
  /// The same as `full`, and an exchange costs less than a rename: it changes two inode numbers in place, where a rename
  /// adds an entry and removes one. 10,000 logs with five versions each in one directory, by exchanges ÷ by a shift, in C:
  /// ext4 0.61, xfs 0.72, tmpfs 0.66. Elsewhere an exchange may be two unlinks and two links (btrfs, 1.22).
  case fastExchange
  /// RENAME_EXCHANGE and RENAME_NOREPLACE.
  case full
  /// Only link(2), unlink(2) and rename(2): the same guarantees in more steps, but a tailing reader sees the old
  /// log as deleted for a moment instead of moved.
  case linkOnly
}

/// The moment that an archive is named by, where archives bear dates, and the zone whose clocks tell it.
package struct Moment: Hashable, Sendable {
  package var time: WallTime
  package var zone: Zone

  package init(_ time: WallTime, in zone: Zone) {
    self.time = time
    self.zone = zone
  }

  /// For numbered archives, which have no date.
  package static let none = Moment(WallTime(nanoseconds: 0), in: .utc)
}

/// What is asked of the planner.
package enum Demand: Hashable, Sendable {
  /// Rotate the log, after finishing what a former rotation left.
  case rotate
  /// A schedule asks for the same: the log has to meet the conditions of the policy.
  case rotateWhenMet
  /// Finish the rotation of this intent, and begin none but the one it stands for.
  case finish(Intent)
  /// Nothing is known of a rotation; settle what lies under the staging name.
  case settle
  /// Look after the archives alone; the moment is that of the rotation before, where there was one.
  case housekeeping
  /// Give the log back the file of this inode, which a rotation has just taken away from it.
  case undo(UInt64)
}

/// From what is on disk to the steps of a rotation, and to those that come after it; pure, so that a plan can be shown, compared
/// and made again.
package enum Planner {
  /// The steps that meet the demand from this inventory; `moment` is that of the rotation, which an intent may know better.
  /// Leftovers are settled even when the log itself is skipped.
  package static func plan(
    _ inventory: Inventory, _ policy: Policy, _ demand: Demand, at moment: Moment = .none,
    renames: RenameSupport = .full
  ) -> Plan {
    let intent: Intent? = if case .finish(let intent) = demand { intent } else { nil }
    let moment = Moment(intent?.time ?? moment.time, in: moment.zone)
    var builder = PlanBuilder(inventory: inventory, policy: policy, moment: moment, renames: renames, intent: intent)
    switch demand {
    case .housekeeping:
      builder.settleArchives()
      if !policy.beforeRemoval.isEmpty { builder.markOutdated() }
    case .undo(let inode): builder.undo(inode)
    case .settle: builder.settle()
    case .finish(let intent):
      builder.settle()
      finish(intent, &builder, policy)
    case .rotate, .rotateWhenMet:
      builder.settle()
      rotate(&builder, policy, asksConditions: demand == .rotateWhenMet)
    }
    // What a rotation pushes out goes when that rotation has happened: in this plan, or before the crash.
    if builder.plan.archive != nil || builder.inventory.archive(holding: intent) != nil { builder.prune() }
    return builder.plan
  }

  /// Adds what is left of the rotation of an intent.
  private static func finish(_ intent: Intent, _ builder: inout PlanBuilder, _ policy: Policy) {
    guard intent.copy == nil else { return builder.truncate(intent) }
    // Another inode under the live name: the exchange was done. None: the writer has not made its log yet.
    guard let live = builder.inventory.live, live.inode == intent.inode else { return }
    // It was begun by moving, and the job now truncates: the log is still there, to be copied when it is due.
    if case .truncate = policy.method { return }
    rotate(&builder, policy)
  }

  /// Adds the rotation of the live log, if nothing stands against it.
  private static func rotate(_ builder: inout PlanBuilder, _ policy: Policy, asksConditions: Bool = false) {
    if let skip = obstacle(builder.inventory, policy) { return builder.plan.skip = skip }
    if asksConditions, let live = builder.inventory.live {
      let log = Condition.Measures(size: live.size, begun: builder.inventory.begun, now: builder.moment.time)
      if let skip = unmet(policy, log) { return builder.plan.skip = skip }
    }
    // Every name is known before the first step: what cannot be carried to its end is not begun.
    var rotation = builder
    rotation.rotate()
    let names = rotation.plan.now.flatMap(\.locations).map(\.name)
    if let long = names.first(where: { $0.bytes.count > Limits.maxNameBytes }) {
      return builder.plan.skip = .nameTooLong(long)
    }
    let inventory = builder.inventory
    if let archive = rotation.plan.archive?.name, inventory.naming.version(archive, of: inventory.name) == nil,
      let newest = inventory.versions.first
    {
      return builder.plan.skip = .noFurtherName(inventory.name(of: newest))
    }
    builder = rotation
  }

  /// The first condition that a log does not meet at a due time; nil when it meets all.
  package static func unmet(_ policy: Policy, _ log: Condition.Measures) -> Skip? {
    policy.conditions.lazy.compactMap { $0.unmet(by: log) }.first
  }

  /// What keeps the live log from being rotated; nil when nothing does.
  package static func obstacle(_ inventory: Inventory, _ policy: Policy) -> Skip? {
    guard let live = inventory.live else { return .missing }
    guard live.kind == .regular else { return .notRegular(live.kind) }
    guard live.size > 0 || policy.rotatesEmpty else { return .empty }
    // A link-only rotation that was interrupted leaves the log under its name and that of version 1.
    var ownLinks: UInt32 = inventory.linkedVersion == nil ? 1 : 2
    // Both names would be cut.
    if case .truncate = policy.method { ownLinks = 1 }
    guard live.links <= ownLinks || policy.takesHardLinks else { return .hardLinked(live.links) }
    if case .create = policy.creation, inventory.staging == nil, inventory.foreign.count >= StagingName.count {
      return .noFreeName(inventory.stagingName)
    }
    let key: VersionKey = inventory.naming.isDated ? .date(0, sequence: 1) : .number(policy.keep + 1)
    for name in [inventory.stagingName, inventory.naming.name(of: inventory.name, key)]
    where name.bytes.count > Limits.maxNameBytes { return .nameTooLong(name) }
    // The old log of a rotation that was linked already has its place.
    if inventory.linkedVersion == nil, let other = inventory.obstacle {
      return .claimed(inventory.location(of: other).path)
    }
    return nil
  }
}
