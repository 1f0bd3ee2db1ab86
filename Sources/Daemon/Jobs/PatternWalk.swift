internal import Config
internal import Rotation

/// The logs that a pattern matches, found in steps: each directory is looked into to its end before the next.
struct PatternWalk {
  /// What is done with a directory, in this order.
  private enum Phase {
    case listing
    case sorting
    /// Why names are no logs.
    case telling
    case listingArchives(OpenDirectory?)
    /// Takes logs out of what has archives.
    case comparing
    /// At what is left.
    case looking
    case sortingGone
    case done
  }

  /// A directory that is being looked into.
  private struct Reading {
    let directory: OpenDirectory
    var listing: DirectoryListing
    var phase = Phase.listing
    var names = NameSort()
    /// What the pattern matches and is no log.
    var others: [DirectoryEntry] = []
    /// How many of them were told of.
    var told = 0
    /// What archives are of, and whether one is beside where its log would be.
    var bases = SpreadDictionary<FileName, Bool>()
    /// How many logs were taken out of `bases`.
    var compared = 0
    /// Logs that do not exist and have archives.
    var gone = NameSort()
    var beside = SpreadDictionary<FileName, Bool>()
  }

  private let finder: LogFinder
  private let job: Job
  private let index: Int
  private let alsoGone: Bool
  /// The pattern of the logs' names.
  private let last: NamePattern
  private let naming: ArchiveNaming
  /// Whether the job has one directory for the archives of all its logs.
  let isShared: Bool
  private var directories: DirectoryWalk
  private var reading: Reading?
  private(set) var found: [LogGroup] = []
  private(set) var unread: [LookFailure] = []
  private(set) var skipped: [SkippedName] = []
  /// Logs whose archives may be those of a log of another directory.
  private(set) var unsure: [UnsureLogs] = []

  init?(_ pattern: LogPattern, _ job: Job, _ index: Int, alsoGone: Bool, _ finder: LogFinder) {
    guard let last = pattern.components.last else { return nil }
    self.finder = finder
    self.job = job
    self.index = index
    self.alsoGone = alsoGone
    self.last = last
    naming = finder.naming(ofJob: index)
    isShared = alsoGone && job.policy.archiveDirectory?.path.isAbsolute == true
    directories = DirectoryWalk(pattern, finder.fileSystem)
  }

  /// Does a step about so many names; returns what it was about, in names, and nil at the end.
  mutating func step(_ count: Int) -> Int? {
    if var current = reading.take() {
      do throws(Errno) {
        let done = try proceed(&current, count)
        if case .done = current.phase { take(current) } else { reading = current }
        return done
      } catch {
        unread.append(LookFailure(path: current.directory.path, errno: error, on: finder.fileSystem))
        return 10
      }
    }
    switch directories.step(count, &unread) {
    case nil: return nil
    case .looked(let names): return names
    case .found(let path):
      do throws(Errno) {
        let directory = try finder.fileSystem.openDirectory(path)
        reading = Reading(directory: directory, listing: DirectoryListing(naming: naming))
      } catch {
        unread.append(LookFailure(path: path, errno: error, on: finder.fileSystem))
      }
      return 10
    }
  }

  private mutating func proceed(_ current: inout Reading, _ count: Int) throws(Errno) -> Int {
    switch current.phase {
    case .listing: return try list(&current)
    case .sorting:
      if !current.names.step(count) { current.phase = .telling }
    case .telling:
      let others = current.others.dropFirst(current.told).prefix(count)
      current.told += others.count
      skipped += finder.skipped(others, in: current.directory, job, index, isLog: current.names.has)
      if others.isEmpty { current.phase = alsoGone ? .listingArchives(try openArchives(current.directory)) : .done }
      return others.count + 1
    case .listingArchives(let archives):
      guard let archives else {
        current.phase = .comparing
        return 1
      }
      return try list(archives, &current)
    case .comparing:
      let logs = current.names.names.dropFirst(current.compared).prefix(count)
      if logs.isEmpty || current.bases.count == 0 { current.phase = .looking }
      for name in logs { current.bases[name] = nil }
      current.compared += logs.count
      return logs.count + 1
    case .looking: return look(&current)
    case .sortingGone:
      if !current.gone.step(count) { current.phase = .done }
    case .done: break
    }
    return count
  }

  private func list(_ current: inout Reading) throws(Errno) -> Int {
    let (path, entries) = (current.directory.path, try finder.fileSystem.nextEntries(in: current.directory))
    if entries.isEmpty { current.phase = .sorting }
    var names: [FileName] = []
    for entry in entries {
      current.listing.add(entry.name, inode: entry.inode)
      let mayBeLog = entry.kind == nil || entry.kind == .regular
      if alsoGone, mayBeLog, let base = naming.parse(entry.name)?.base, last.matches(base) {
        current.bases[base] = true
      }
      guard last.matches(entry.name) else { continue }
      if mayBeLog, finder.isLog(entry.name, in: path, index) {
        names.append(entry.name)
      } else {
        current.others.append(entry)
      }
    }
    current.names.add(names)
    // A system call takes as long as some names.
    return entries.count + 10
  }

  // MARK: Logs that do not exist and have archives

  private func openArchives(_ directory: OpenDirectory) throws(Errno) -> OpenDirectory? {
    guard let archives = job.policy.archiveDirectory else { return nil }
    do throws(Errno) {
      return try finder.fileSystem.openArchives(archives, of: directory, makes: false)
    } catch  where error == .noEntry {
      return nil
    }
  }

  private func list(_ archives: OpenDirectory, _ current: inout Reading) throws(Errno) -> Int {
    let entries = try finder.fileSystem.nextEntries(in: archives)
    if entries.isEmpty { current.phase = .comparing }
    for entry in entries where entry.kind == nil || entry.kind == .regular {
      guard let base = naming.parse(entry.name)?.base, last.matches(base) else { continue }
      if current.bases[base] == nil { current.bases[base] = false }
    }
    return entries.count + 10
  }

  /// Looks which names that have archives and no file are those of logs of the job.
  private func look(_ current: inout Reading) -> Int {
    guard let part = current.bases.popPart() else {
      current.phase = .sortingGone
      return 1
    }
    let path = current.directory.path
    let gone = part.filter { finder.isLog($0.key, in: path, index) }
    current.gone.add(Array(gone.keys))
    if isShared { for name in gone.keys where gone[name] == true { current.beside[name] = true } }
    return part.count + 1
  }

  /// Takes over what a directory has.
  private mutating func take(_ whole: Reading) {
    var (path, names, gone) = (whole.directory.path, whole.names.names, whole.gone.names)
    if isShared, !gone.isEmpty {
      unsure.append(UnsureLogs(directory: path, names: gone[...], beside: whole.beside))
      gone = []
    }
    // An addition of nothing would copy all names.
    if !gone.isEmpty { names += gone }
    guard !names.isEmpty else { return }
    found.append(
      LogGroup(
        directory: path, names: names, listing: whole.listing,
        opened: found.isEmpty && !alsoGone ? whole.directory : nil))
  }
}

/// Logs of one directory that do not exist and have archives, where all logs of a job have one directory for archives.
struct UnsureLogs {
  let directory: FilePath
  /// In order; those that are not looked at yet.
  var names: ArraySlice<FileName>
  /// Those with archives beside where they would be: these archives are theirs.
  let beside: SpreadDictionary<FileName, Bool>
}
