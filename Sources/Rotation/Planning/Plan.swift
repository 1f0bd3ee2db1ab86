package import Timekeeping

/// What one rotation of one log does, in order, and what comes after it.
package struct Plan: Hashable, Sendable {
  /// The steps that do not wait.
  package internal(set) var now: [Step] = []
  /// The name that the old live log ends under; nil when no log is taken away from its name (leftovers only).
  package internal(set) var archive: Location?
  /// Why the live log is not taken away; nil when its name is given a new file by these steps, or its file is cut.
  package internal(set) var skip: Skip? = .nothingToDo
  /// Inodes of the versions 1, 2, … that move up by exchanges: for the intent, since the directory alone does not tell where
  /// the one belongs that has the staging name between two of them.
  package internal(set) var exchanged: [UInt64] = []
  /// The inventory as `now` leaves it.
  package internal(set) var inventory: Inventory
  private let policy: Policy

  init(_ inventory: Inventory, _ policy: Policy) {
    self.inventory = inventory
    self.policy = policy
  }
}

extension Plan {
  /// Whether the live name is given a new file by these steps, or its file is cut.
  package var takesLive: Bool { skip == nil }

  /// The steps that wait until no process writes to an archive, or until it is old enough, in the order in which they are done.
  package var whenReleased: [PendingStep] { Housekeeping.steps(inventory, policy) }

  /// The inventory as all steps leave it.
  package var result: Inventory {
    whenReleased.reduce(into: inventory) { inventory, pending in inventory.apply(pending) }
  }

  /// The steps before the cut and after it. Where the log is not cut, those up to that which gives a copy its name, or all.
  package var aroundTruncation: (before: [Step], after: [Step]) {
    if let cut = now.firstIndex(where: { if case .truncate = $0 { true } else { false } }) {
      return (Array(now[..<cut]), Array(now[(cut + 1)...]))
    }
    let published = now.firstIndex { if case .publishCopy = $0 { true } else { false } }
    let end = published.map { $0 + 1 } ?? now.count
    return (Array(now[..<end]), Array(now[end...]))
  }

  /// The names that are removed because they are more than the policy keeps.
  package var pruned: [FilePath] {
    now.compactMap { step in
      switch step {
      case .remove(let old, .keep), .remove(let old, .age), .retire(_, as: let old): old.path
      default: nil
      }
    }
  }

  /// The names that files get which are set aside.
  package var setAside: [FilePath] {
    now.compactMap { step in
      switch step {
      case .rename(_, let new, .setAside), .link(_, let new, .setAside): new.path
      default: nil
      }
    }
  }
}

/// Why a log is not rotated. None of these is an error but `notRegular`, `hardLinked`, `sharedArchives`, `claimed`,
/// `sameLog`, `nameTooLong`, `noFurtherName` and `noFreeName`.
package enum Skip: Hashable, Sendable {
  /// There is no such log.
  case missing
  /// It has no bytes, and the policy leaves empty logs alone.
  case empty
  /// It is due, and has fewer bytes than `min-size`.
  case tooSmall(Int64, least: Int64)
  /// It is due, and its last rotation is less long ago than `min-age`.
  case tooYoung(Span, least: Span)
  /// It has bytes, but no line of it has an end yet, and only whole lines are cut off it.
  case unfinishedLine
  /// The intent was met already, or never begun: nothing is left to do.
  case nothingToDo
  /// A directory, a device, a link.
  case notRegular(FileStatus.Kind)
  /// The file has this many names; moving one of them is not ours to decide.
  case hardLinked(UInt32)
  /// Another log, at this path, has archives of the same names in the same directory.
  case sharedArchives(FilePath)
  /// A file of this name, which an archive of the log would have, may be a log itself.
  case claimed(FilePath)
  /// The config names this log by another path too, and one of the two leads through a symbolic link.
  case sameLog(FilePath)
  /// A rotation needs this name, which has more than `Limits.maxNameBytes`.
  case nameTooLong(FileName)
  /// The newest archive has the last name that there is: nothing is named after it.
  case noFurtherName(FileName)
  /// Files of others have all staging names; this is the first.
  case noFreeName(FileName)
}
