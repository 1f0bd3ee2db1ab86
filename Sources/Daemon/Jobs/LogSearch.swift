import Config
import Rotation

/// A search for the logs of a job, in steps none of which takes long, however many names a directory has.
struct LogSearch {
  /// The names that a step is about, more or less.
  static let names = 1000

  private let finder: LogFinder
  private let job: Job
  private let index: Int
  private let alsoGone: Bool
  private var patterns: ArraySlice<LogPattern>
  private var walk: PatternWalk?
  private var ended: EndedWalk?
  private var groups = LogGroups()
  private var failures: [LookFailure] = []
  private var skipped: [SkippedName] = []

  /// See `LogFinder.find`.
  init(_ job: Job, index: Int, alsoGone: Bool, _ finder: LogFinder) {
    self.finder = finder
    self.job = job
    self.index = index
    self.alsoGone = alsoGone
    self.patterns = job.logs[...]
  }

  /// Takes out what was found so far: nothing of it stays here.
  mutating func take() -> FoundLogs {
    defer { (groups, failures, skipped) = (LogGroups(), [], []) }
    return FoundLogs(groups: groups.all, failures: failures, skipped: skipped)
  }

  /// Does a step; false when nothing is left.
  mutating func advance() -> Bool {
    var count = 0
    while count < Self.names {
      if let taken = groups.step(Self.names - count) ?? ended?.step(Self.names - count, &groups) {
        count += taken
        continue
      }
      ended = nil
      if let looked = walk?.step(Self.names) {
        count += looked
        continue
      }
      if let walk {
        failures += walk.unread
        skipped += walk.skipped
        if groups.all.isEmpty, !walk.isShared {
          // No directory is known yet, and each comes once.
          groups = LogGroups(walk.found)
        } else {
          ended = EndedWalk(walk)
        }
        self.walk = nil
        continue
      }
      guard let pattern = patterns.popFirst() else { return false }
      count += 1
      if pattern.hasWildcard {
        walk = PatternWalk(pattern, job, index, alsoGone: alsoGone, finder)
      } else {
        let (directory, name) = LogFinder.split(pattern.text)
        if finder.isLog(name, in: directory, index) { groups.add(LogGroup(directory: directory, names: [name])) }
      }
    }
    return true
  }
}

/// What a pattern has found, to be taken over some names at a time.
private struct EndedWalk {
  private var found: ArraySlice<LogGroup>
  private var unsure: ArraySlice<UnsureLogs>
  // A directory for archives that all logs share does not say whose archives they are: they belong to the log that
  // exists, or else to the first directory that may have had the log.
  private var taken = SpreadDictionary<FileName, Bool>()
  private let isShared: Bool
  /// How many names of the first group are in `taken`, and those of a directory of `unsure` that it has.
  private var noted = 0
  private var kept: [FileName] = []

  init(_ walk: PatternWalk) {
    found = walk.found[...]
    unsure = walk.unsure[...]
    isShared = walk.isShared
  }

  /// Takes over about so many names; returns how many, and nil at the end.
  mutating func step(_ count: Int, _ groups: inout LogGroups) -> Int? {
    if let group = found.first {
      if isShared, noted < group.names.count {
        let names = group.names.dropFirst(noted).prefix(count)
        for name in names { taken[name] = true }
        noted += names.count
        return names.count
      }
      noted = 0
      found.removeFirst()
      groups.add(group)
      return 1
    }
    guard var logs = unsure.popFirst() else { return nil }
    let names = logs.names.prefix(count)
    for name in names where logs.beside[name] != nil || taken[name] == nil {
      taken[name] = true
      kept.append(name)
    }
    logs.names = logs.names.dropFirst(count)
    if !logs.names.isEmpty {
      unsure.insert(logs, at: unsure.startIndex)
    } else if !kept.isEmpty {
      groups.add(LogGroup(directory: logs.directory, names: kept))
      kept = []
    }
    return names.count + 1
  }
}
