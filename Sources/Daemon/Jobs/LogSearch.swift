import Config
import Rotation

/// A search for the logs of a job, in steps none of which takes long, however many names a directory has.
struct LogSearch {
  /// The names that a step is about, more or less.
  private static let names = 1000

  private let finder: LogFinder
  private let job: Job
  private let index: Int
  private let alsoGone: Bool
  private var patterns: ArraySlice<LogPattern>
  private var walk: PatternWalk?
  private var groups = Groups()
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

  /// What was found so far.
  var found: FoundLogs { FoundLogs(groups: groups.all, failures: failures, skipped: skipped) }

  /// Does a step; false when nothing is left.
  mutating func advance() -> Bool {
    var count = 0
    while count < Self.names {
      if let read = walk?.read() {
        count += read
        continue
      }
      if let walk { take(walk) }
      walk = nil
      guard let pattern = patterns.popFirst() else { return false }
      count += 1
      if pattern.hasWildcard {
        walk = PatternWalk(pattern, job, index, alsoGone: alsoGone, finder, &failures)
      } else {
        let (directory, name) = LogFinder.split(pattern.text)
        if finder.isLog(name, in: directory, index) { groups.add(LogGroup(directory: directory, names: [name])) }
      }
    }
    return true
  }

  /// Takes over what a pattern has found.
  private mutating func take(_ walk: PatternWalk) {
    for group in walk.found { groups.add(group) }
    // A directory for archives that all logs share does not say whose archives they are: they belong to the log that
    // exists, or else to the first directory that may have had the log.
    let isShared = alsoGone && job.policy.archiveDirectory?.path.isAbsolute == true
    var taken = isShared ? Set(walk.found.flatMap(\.names)) : []
    for (directory, beside, elsewhere) in walk.gone {
      let bases = beside.union(elsewhere.subtracting(taken))
      if !bases.isEmpty { groups.add(LogGroup(directory: directory, names: bases.sorted())) }
      if isShared { taken.formUnion(bases) }
    }
    failures += walk.unread
    skipped += walk.skipped
  }
}

/// The directories that a pattern leads to: each is read to its end before the next.
private struct PatternWalk {
  /// A directory that is being read.
  private struct Reading {
    var directory: OpenDirectory
    /// What is no directory and no link.
    var files: [FileName] = []
    /// The logs.
    var names: [FileName] = []
    /// What the pattern matches and is no log.
    var others: [DirectoryEntry] = []
    var listing: DirectoryListing
  }

  private let finder: LogFinder
  private let job: Job
  private let index: Int
  private let alsoGone: Bool
  /// The pattern of the logs' names.
  private let last: NamePattern
  private let naming: ArchiveNaming
  private var directories: ArraySlice<FilePath>
  private var reading: Reading?
  private(set) var found: [LogGroup] = []
  private(set) var unread: [LookFailure] = []
  private(set) var skipped: [SkippedName] = []
  /// By directory, logs that do not exist and have archives, beside them or in a directory for archives.
  private(set) var gone: [(directory: FilePath, beside: Set<FileName>, elsewhere: Set<FileName>)] = []

  init?(
    _ pattern: LogPattern, _ job: Job, _ index: Int, alsoGone: Bool, _ finder: LogFinder,
    _ failures: inout [LookFailure]
  ) {
    guard let last = pattern.components.last else { return nil }
    self.finder = finder
    self.job = job
    self.index = index
    self.alsoGone = alsoGone
    self.last = last
    self.naming = finder.naming(ofJob: index)
    self.directories = finder.directories(of: pattern, &failures)[...]
  }

  /// Reads on; returns what that was about, in names, and nil at the end.
  mutating func read() -> Int? {
    let path: FilePath
    if let reading {
      path = reading.directory.path
    } else if let next = directories.popFirst() {
      path = next
    } else {
      return nil
    }
    do throws(Errno) {
      if reading == nil {
        reading = Reading(
          directory: try finder.fileSystem.openDirectory(path), listing: DirectoryListing(naming: naming))
      }
      let entries = try readPiece()
      if entries == 0, let whole = reading {
        reading = nil
        try take(whole)
      }
      // A system call takes as long as some names.
      return entries + 10
    } catch {
      reading = nil
      unread.append(LookFailure(path: path, errno: error, on: finder.fileSystem))
      return 10
    }
  }

  /// Returns the number of entries; 0 at the end of the directory.
  private mutating func readPiece() throws(Errno) -> Int {
    guard var piece = reading.take() else { return 0 }
    let entries = try finder.fileSystem.nextEntries(in: piece.directory)
    for entry in entries {
      let mayBeLog = entry.kind == nil || entry.kind == .regular
      if mayBeLog { piece.files.append(entry.name) }
      piece.listing.add(entry.name, inode: entry.inode)
      guard last.matches(entry.name) else { continue }
      if mayBeLog, finder.isLog(entry.name, in: piece.directory.path, index) {
        piece.names.append(entry.name)
      } else {
        piece.others.append(entry)
      }
    }
    reading = piece
    return entries.count
  }

  /// Takes over what a directory has.
  private mutating func take(_ whole: Reading) throws(Errno) {
    let path = whole.directory.path
    skipped += finder.skipped(whole.others, in: path, job, index, whole.files)
    if alsoGone {
      let isGone = { [last, finder, index] (base: FileName) in last.matches(base) && finder.isLog(base, in: path, index)
      }
      let beside = Set(whole.files.compactMap { naming.parse($0)?.base }).subtracting(whole.names).filter(isGone)
      let elsewhere = try job.policy.archiveDirectory.map { archives throws(Errno) in
        try finder.bases(of: archives, beside: whole.directory, naming).subtracting(whole.names).filter(isGone)
      }
      gone.append((path, beside, elsewhere ?? []))
    }
    guard !whole.names.isEmpty else { return }
    found.append(
      LogGroup(
        directory: path, names: whole.names.sorted(), listing: whole.listing,
        opened: found.isEmpty && !alsoGone ? whole.directory : nil))
  }
}

/// The logs found so far, by directory, each once; adding a log takes constant time.
private struct Groups {
  private(set) var all: [LogGroup] = []
  private var places: [FilePath: Int] = [:]
  private var known: Set<FilePath> = []

  mutating func add(_ group: LogGroup) {
    // Nearly all jobs have one group, whose names are different.
    guard let first = all.first else { return all.append(group) }
    if places.isEmpty {
      places[first.directory] = 0
      known = Set(first.names.map { LogFinder.join(first.directory, $0) })
    }
    let place = places[group.directory] ?? all.count
    if place == all.count {
      places[group.directory] = place
      all.append(LogGroup(directory: group.directory, names: [], opened: group.opened))
    }
    for name in group.names where known.insert(LogFinder.join(group.directory, name)).inserted {
      all[place].names.append(name)
    }
    all[place].listing = all[place].listing ?? group.listing
  }
}
