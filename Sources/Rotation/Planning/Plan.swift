package import Timekeeping

/// One change of a log's directories: exactly one system call that another process could see, or none.
package enum Step: Hashable, Sendable {
  /// Why a name is moved or removed; for people.
  package enum Purpose: String, Hashable, Sendable {
    case shift, publish, setAside = "set aside", prune, leftover, moved
  }

  /// Make the new live log, empty and with its final attributes, under its staging name.
  case prepare(FileName, Attributes)
  /// renameat2(2), RENAME_NOREPLACE.
  case rename(Location, to: Location, Purpose)
  /// renameat2(2), RENAME_EXCHANGE: staging name and live name change their files.
  case exchange(staging: FileName, live: FileName)
  /// link(2), where the file system knows no RENAME_NOREPLACE or RENAME_EXCHANGE.
  case link(Location, to: Location, Purpose)
  /// rename(2) of the staging name over the live name, whose file has a version's name already.
  case replace(live: FileName, staging: FileName)
  /// Gives what was copied from the live log its name, which must be free; then the copied bytes are cut off the log.
  case copy(FileName, to: Location)
  /// unlink(2).
  case remove(Location, Purpose)
  /// unlink(2) of a copy, as long as the archive that it was made of is there.
  case discard(Location, copyOf: Location)
}

extension Step {
  /// The names that it is about.
  package var locations: [Location] {
    switch self {
    case .prepare(let name, _): [Location(name)]
    case .rename(let old, let new, _), .link(let old, let new, _): [old, new]
    case .exchange(let one, let other), .replace(let one, let other): [Location(one), Location(other)]
    case .copy(let live, let archive): [Location(live), archive]
    case .remove(let name, _): [name]
    case .discard(let copy, let source): [copy, source]
    }
  }
}

/// What one rotation of one log does, in order.
package struct Plan: Hashable, Sendable {
  package var steps: [Step]
  /// The name that the old live log ends under; nil when no log is taken away from its name (leftovers only).
  package var archive: Location?
  /// Whether the live name is given a new file by these steps, or its file cut.
  package var takesLive: Bool

  package init(steps: [Step] = [], archive: Location? = nil, takesLive: Bool = false) {
    self.steps = steps
    self.archive = archive
    self.takesLive = takesLive
  }
}

extension Plan {
  /// The names that are removed because they are more than the policy keeps.
  package var pruned: [FilePath] {
    steps.compactMap { if case .remove(let old, .prune) = $0 { old.path } else { nil } }
  }

  /// The names that files get which are set aside.
  package var setAside: [FilePath] {
    steps.compactMap { step in
      switch step {
      case .rename(_, let new, .setAside), .link(_, let new, .setAside): new.path
      default: nil
      }
    }
  }
}

/// Why there is no plan for a log. None of these is an error but `notRegular`, `hardLinked`, `sharedArchives`, `claimed`,
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

extension Step: CustomStringConvertible {
  /// The step as `rotatectl plan` prints it.
  package var description: String {
    switch self {
    case .prepare(let name, let attributes):
      let mode = String(attributes.mode, radix: 8)
      return "create \(name), mode 0\(mode), owner \(attributes.user):\(attributes.group)"
    case .rename(let old, let new, let purpose): return "rename \(old) to \(new) (\(purpose.rawValue))"
    case .exchange(let staging, let live): return "exchange \(live) with \(staging)"
    case .link(let old, let new, let purpose): return "link \(old) to \(new) (\(purpose.rawValue))"
    case .replace(let live, let staging): return "rename \(staging) over \(live)"
    case .discard(let name, let source): return "remove \(name) (unfinished copy of \(source))"
    case .copy(let live, let archive): return "copy \(live) to \(archive), then remove the copied part of \(live)"
    case .remove(let name, let purpose): return "remove \(name) (\(purpose.rawValue))"
    }
  }
}
