package import Config
package import Rotation

/// The logs of a job in one directory.
package struct LogGroup {
  package var directory: FilePath
  package var names: [FileName]
  /// Set if the directory was listed to find them.
  package var listing: DirectoryListing?

  /// This group with only the log at this path; nil if the group does not have it.
  func only(_ path: FilePath) -> LogGroup? {
    let (parent, name) = path.split
    guard parent == directory, names.contains(name) else { return nil }
    return LogGroup(directory: directory, names: [name], listing: listing)
  }
}

/// A directory that could not be read.
package struct LookFailure: Error, Hashable {
  package var path: FilePath
  package var errno: Errno
  /// The cause of the error, if it is known.
  package var obstacle: String?

  package init(path: FilePath, errno: Errno, on fileSystem: any FileSystem) {
    self.path = path
    self.errno = errno
    self.obstacle = fileSystem.obstacle(errno, at: path)
  }

  /// Error and cause in words.
  package var reason: String { errno.description + (obstacle.map { ": \($0.printable)" } ?? "") }
}

/// A name that a pattern matches and that is not taken for a log.
package struct SkippedName: Hashable {
  package var path: FilePath
  package var reason: Reason

  /// Why it is no log.
  package enum Reason: Hashable {
    /// It is no regular file.
    case notRegular(FileStatus.Kind)
    /// It is the name of an archive of the log at this path, which does not exist.
    case archive(of: FilePath)
  }
}

/// The files that the paths and patterns of a job match now.
package struct FoundLogs {
  package var groups: [LogGroup]
  package var failures: [LookFailure]
  /// Names that patterns match and that are no logs.
  package var skipped: [SkippedName]
}

/// Finds the files that a job's paths and patterns match now.
package struct LogFinder {
  private let fileSystem: any FileSystem
  private let claims: Claims

  package init(fileSystem: any FileSystem, claims: Claims) {
    self.fileSystem = fileSystem
    self.claims = claims
  }

  /// The job's logs by directory, without those on which another job has the better claim. A plain path is returned
  /// without a check that it exists. `alsoGone` adds logs of a pattern that do not exist but have archives: their
  /// writer has not created them again yet.
  package func find(_ job: Job, index: Int, alsoGone: Bool = false) -> FoundLogs {
    var walk = Walk(job: job, index: index, alsoGone: alsoGone)
    for pattern in job.logs {
      if pattern.hasWildcard {
        self.walk(pattern, &walk)
      } else {
        let (directory, name) = Self.split(pattern.text)
        if isLog(name, in: directory, index) { walk.groups.add([name], in: directory, nil) }
      }
    }
    return FoundLogs(groups: walk.groups.all, failures: walk.failures, skipped: walk.skipped)
  }

  /// A search for the logs of a job, and its results.
  private struct Walk {
    var job: Job
    var index: Int
    var alsoGone: Bool
    var groups = Groups()
    var failures: [LookFailure] = []
    var skipped: [SkippedName] = []
  }

  /// Every directory in which the job may have logs, without a search for the logs themselves.
  package func directories(of job: Job) -> [FilePath] {
    var found: [FilePath] = []
    var failures: [LookFailure] = []
    for pattern in job.logs + (job.policy.retained?.patterns ?? []) {
      if pattern.hasWildcard {
        descend(pattern.fixedDirectory, pattern.components.dropLast(), &failures) { found.append($0) }
      } else {
        found.append(Self.split(pattern.text).directory)
      }
    }
    return found
  }

  /// Parent directory and last component of an absolute path.
  package static func split(_ path: FilePath) -> (directory: FilePath, name: FileName) {
    path.split
  }

  /// Directory and name as one path.
  package static func join(_ directory: FilePath, _ name: FileName) -> FilePath {
    directory.appending(name)
  }

  private func walk(_ pattern: LogPattern, _ walk: inout Walk) {
    guard let last = pattern.components.last else { return }
    let (index, alsoGone, naming) = (walk.index, walk.alsoGone, claims.naming(ofJob: walk.index))
    let archives = alsoGone ? walk.job.policy.archiveDirectory : nil
    var found: [LogGroup] = []
    var unread: [LookFailure] = []
    var skipped: [SkippedName] = []
    // By directory, logs that do not exist and have archives, beside them or in a directory for archives.
    var gone: [(directory: FilePath, beside: Set<FileName>, elsewhere: Set<FileName>)] = []
    descend(pattern.fixedDirectory, pattern.components.dropLast(), &walk.failures) { path in
      do throws(Errno) {
        let directory = try fileSystem.openDirectory(path)
        let entries = try fileSystem.entries(in: directory)
        let files = entries.filter { $0.kind == nil || $0.kind == .regular }.map(\.name)
        var names: [FileName] = []
        var others: [DirectoryEntry] = []
        for entry in entries where last.matches(entry.name) {
          let mayBeLog = entry.kind == nil || entry.kind == .regular
          if mayBeLog, isLog(entry.name, in: path, index) { names.append(entry.name) } else { others.append(entry) }
        }
        skipped += self.skipped(others, in: path, walk.job, index, files)
        if alsoGone {
          let isGone = { (base: FileName) in last.matches(base) && self.isLog(base, in: path, index) }
          let beside = Set(files.compactMap { naming.parse($0)?.base }).subtracting(names).filter(isGone)
          let elsewhere = try archives.map { archives throws(Errno) in
            try self.bases(of: archives, beside: directory, naming).subtracting(names).filter(isGone)
          }
          gone.append((path, beside, elsewhere ?? []))
        }
        guard !names.isEmpty else { return }
        found.append(
          LogGroup(directory: path, names: names.sorted(), listing: DirectoryListing(entries, naming: naming)))
      } catch {
        unread.append(LookFailure(path: path, errno: error, on: fileSystem))
      }
    }
    for group in found { walk.groups.add(group.names, in: group.directory, group.listing) }
    // A directory for archives that all logs share does not say whose archives they are: they belong to the log that
    // exists, or else to the first directory that may have had the log.
    let isShared = archives?.path.isAbsolute == true
    var taken = isShared ? Set(found.flatMap(\.names)) : []
    for (directory, beside, elsewhere) in gone {
      let bases = beside.union(elsewhere.subtracting(taken))
      if !bases.isEmpty { walk.groups.add(bases.sorted(), in: directory, nil) }
      if isShared { taken.formUnion(bases) }
    }
    walk.failures += unread
    walk.skipped += skipped
  }

  /// The names of the logs whose archives are in a directory for archives.
  private func bases(
    of archives: ArchiveDirectory, beside directory: OpenDirectory, _ naming: ArchiveNaming
  ) throws(Errno) -> Set<FileName> {
    do throws(Errno) {
      let entries = try fileSystem.entries(in: try fileSystem.openArchives(archives, of: directory, makes: false))
      return Set(entries.filter { $0.kind == nil || $0.kind == .regular }.compactMap { naming.parse($0.name)?.base })
    } catch  where error == .noEntry {
      return []
    }
  }

  /// Why names that a pattern of the job matches are no logs; names that are clearly files of the daemon are left out.
  private func skipped(
    _ entries: [DirectoryEntry], in directory: FilePath, _ job: Job, _ index: Int, _ files: [FileName]
  ) -> [SkippedName] {
    guard !entries.isEmpty else { return [] }
    let known = Set(files)
    let archives = job.policy.archiveDirectory.map { directory.resolving($0.path) }
    return entries.compactMap { entry in
      let path = Self.join(directory, entry.name)
      guard claims.owner(of: path) == index else { return nil }
      if let kind = entry.kind, kind != .regular {
        // The directory for archives, or a directory above it.
        guard kind != .directory || archives.map({ $0.components.starts(with: path.components) }) != true else {
          return nil
        }
        return SkippedName(path: path, reason: .notRegular(kind))
      }
      guard let log = claims.log(ofArchive: entry.name, in: directory), Self.split(log).directory == directory,
        !known.contains(Self.split(log).name)
      else { return nil }
      return SkippedName(path: path, reason: .archive(of: log))
    }
  }

  /// Calls `visit` for each directory below `directory` that the components match. Links are not followed.
  private func descend(
    _ directory: FilePath, _ components: ArraySlice<NamePattern>, _ failures: inout [LookFailure],
    _ visit: (FilePath) -> Void
  ) {
    guard let first = components.first else {
      visit(directory)
      return
    }
    do throws(Errno) {
      let opened = try fileSystem.openDirectory(directory)
      let entries = try fileSystem.entries(in: opened).filter { first.matches($0.name) }
      for entry in entries.sorted(by: { $0.name < $1.name }) {
        var kind = entry.kind
        if kind == nil { kind = try fileSystem.status(of: entry.name, in: opened)?.kind }
        guard kind == .directory else { continue }
        descend(Self.join(directory, entry.name), components.dropFirst(), &failures, visit)
      }
    } catch {
      failures.append(LookFailure(path: directory, errno: error, on: fileSystem))
    }
  }

  /// Whether a name that a pattern matches is a log of this job, and not an archive or another file of the daemon.
  func isLog(_ name: FileName, in directory: FilePath, _ index: Int) -> Bool {
    guard claims.owner(of: Self.join(directory, name)) == index else { return false }
    if StagingName.log(of: name) != nil || SetAsideName.isOne(name) { return false }
    return claims.log(ofArchive: name, in: directory) == nil
  }
}

/// The logs found so far, by directory, each once; adding a log takes constant time.
private struct Groups {
  private(set) var all: [LogGroup] = []
  private var places: [FilePath: Int] = [:]
  private var known: Set<FilePath> = []

  mutating func add(_ names: [FileName], in directory: FilePath, _ listing: DirectoryListing?) {
    let place = places[directory] ?? all.count
    if place == all.count {
      places[directory] = place
      all.append(LogGroup(directory: directory, names: [], listing: nil))
    }
    for name in names where known.insert(LogFinder.join(directory, name)).inserted { all[place].names.append(name) }
    all[place].listing = all[place].listing ?? listing
  }
}
