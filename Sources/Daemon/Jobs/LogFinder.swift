package import Config
internal import EventLoop
package import Rotation

/// The logs of a job in one directory.
package struct LogGroup {
  package var directory: FilePath
  package var names: [FileName]
  /// Set if the directory was listed to find them.
  package var listing: DirectoryListing?
  /// The directory as it was listed; only of the first group, since a job may have more directories than files can be open.
  package var opened: OpenDirectory?

  /// Frees the group with a chance for everything else in between: to free many names takes as long as to find them.
  mutating func drop(on loop: LoopExecutor) async {
    opened = nil
    while listing?.dropPart() == true { await loop.yield() }
    while !names.isEmpty {
      names.removeLast(min(LogSearch.names, names.count))
      await loop.yield()
    }
  }

  /// This group with only the log at this path; nil if the group does not have it.
  func only(_ path: FilePath) -> LogGroup? {
    let (parent, name) = path.split
    guard parent == directory, names.contains(name) else { return nil }
    return LogGroup(directory: directory, names: [name], listing: listing, opened: opened)
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
  let fileSystem: any FileSystem
  private let claims: Claims

  package init(fileSystem: any FileSystem, claims: Claims) {
    self.fileSystem = fileSystem
    self.claims = claims
  }

  /// The job's logs by directory, without those on which another job has the better claim. A plain path is returned
  /// without a check that it exists. `alsoGone` adds logs of a pattern that do not exist but have archives: their
  /// writer has not created them again yet.
  package func find(_ job: Job, index: Int, alsoGone: Bool = false) -> FoundLogs {
    var search = search(job, index: index, alsoGone: alsoGone)
    while search.advance() {}
    return search.take()
  }

  /// The same, with a chance for everything else in between.
  func find(_ job: Job, index: Int, alsoGone: Bool, on loop: LoopExecutor) async -> FoundLogs {
    var search = search(job, index: index, alsoGone: alsoGone)
    while search.advance() { await loop.yield() }
    return search.take()
  }

  /// The same in steps, so that others get their chance in between.
  func search(_ job: Job, index: Int, alsoGone: Bool = false) -> LogSearch {
    LogSearch(job, index: index, alsoGone: alsoGone, self)
  }

  /// Every directory in which the job may have logs, without a search for the logs themselves.
  package func directories(of job: Job) -> [FilePath] {
    var found: [FilePath] = []
    var failures: [LookFailure] = []
    for pattern in job.logs + (job.policy.retained?.patterns ?? []) {
      guard pattern.hasWildcard else {
        found.append(Self.split(pattern.text).directory)
        continue
      }
      var walk = DirectoryWalk(pattern, fileSystem)
      while let step = walk.step(.max, &failures) {
        if case .found(let directory) = step { found.append(directory) }
      }
    }
    return found
  }

  /// What the archives of a job are called.
  func naming(ofJob index: Int) -> ArchiveNaming { claims.naming(ofJob: index) }

  /// Parent directory and last component of an absolute path.
  package static func split(_ path: FilePath) -> (directory: FilePath, name: FileName) {
    path.split
  }

  /// Directory and name as one path.
  package static func join(_ directory: FilePath, _ name: FileName) -> FilePath {
    directory.appending(name)
  }

  /// Why names that a pattern of the job matches are no logs; names that are clearly files of the daemon are left out. `isLog`:
  /// whether the job has a log of a name in the same directory.
  func skipped(
    _ entries: some Sequence<DirectoryEntry>, in directory: OpenDirectory, _ job: Job, _ index: Int,
    isLog: (FileName) -> Bool
  ) -> [SkippedName] {
    let archives = job.policy.archiveDirectory.map { directory.path.resolving($0.path) }
    return entries.compactMap { entry in
      let path = Self.join(directory.path, entry.name)
      guard claims.owner(of: path) == index else { return nil }
      if let kind = entry.kind, kind != .regular {
        // The directory for archives, or a directory above it.
        guard kind != .directory || archives.map({ $0.components.starts(with: path.components) }) != true else {
          return nil
        }
        return SkippedName(path: path, reason: .notRegular(kind))
      }
      guard let log = claims.log(ofArchive: entry.name, in: directory.path) else { return nil }
      let (parent, name) = log.split
      guard parent == directory.path, !isLog(name),
        (try? fileSystem.status(of: name, in: directory))?.kind != .regular
      else { return nil }
      return SkippedName(path: path, reason: .archive(of: log))
    }
  }

  /// Whether a name that a pattern matches is a log of this job, and not an archive or another file of the daemon.
  func isLog(_ name: FileName, in directory: FilePath, _ index: Int) -> Bool {
    guard claims.owner(of: Self.join(directory, name)) == index else { return false }
    if StagingName.log(of: name) != nil || SetAsideName.isOne(name) { return false }
    return claims.log(ofArchive: name, in: directory) == nil
  }
}
