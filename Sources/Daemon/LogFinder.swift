package import Config
package import Rotation

/// The logs of a job that lie in one directory.
package struct LogGroup {
  package var directory: FilePath
  package var names: [FileName]
  /// Set where the directory was listed to find them.
  package var listing: DirectoryListing?
}

/// A directory that could not be looked into.
package struct LookFailure: Error, Hashable {
  package var path: FilePath
  package var errno: Errno
}

/// Finds the logs that a job's paths and patterns stand for now.
package struct LogFinder {
  private let fileSystem: any FileSystem
  private let claims: Claims

  package init(fileSystem: any FileSystem, claims: Claims) {
    self.fileSystem = fileSystem
    self.claims = claims
  }

  /// The job's logs by directory, those left out that another job has the better claim on. A plain path is returned
  /// without a look at whether it exists. `alsoGone` adds the logs of a pattern that are not there, but have archives: their
  /// writer has not made them again yet.
  package func find(_ job: Job, index: Int, alsoGone: Bool = false) -> (groups: [LogGroup], failures: [LookFailure]) {
    var groups = Groups()
    var failures: [LookFailure] = []
    for pattern in job.logs {
      if pattern.hasWildcard {
        walk(pattern.fixedDirectory, pattern.components[...], index, alsoGone, &groups, &failures)
      } else {
        let (directory, name) = Self.split(pattern.text)
        if isLog(name, in: directory, index) { groups.add([name], in: directory, nil) }
      }
    }
    return (groups.all, failures)
  }

  /// Every directory in which the job may have logs, without looking for the logs themselves.
  package func directories(of job: Job) -> [FilePath] {
    var found: [FilePath] = []
    var failures: [LookFailure] = []
    for pattern in job.logs {
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

  private func walk(
    _ directory: FilePath, _ components: ArraySlice<NamePattern>, _ index: Int, _ alsoGone: Bool,
    _ groups: inout Groups, _ failures: inout [LookFailure]
  ) {
    guard let last = components.last else { return }
    var found: [LogGroup] = []
    var unread: [LookFailure] = []
    descend(directory, components.dropLast(), &failures) { path in
      do throws(Errno) {
        let entries = try fileSystem.entries(in: try fileSystem.openDirectory(path))
        let naming = claims.naming(ofJob: index)
        let files = entries.filter { $0.kind == nil || $0.kind == .regular }.map(\.name)
        var names = files.filter { last.matches($0) && isLog($0, in: path, index) }
        if alsoGone {
          let bases = Set(files.compactMap { naming.parse($0)?.base }).subtracting(names)
          names += bases.filter { last.matches($0) && isLog($0, in: path, index) }
        }
        guard !names.isEmpty else { return }
        let listing = DirectoryListing(entries, naming: naming)
        found.append(LogGroup(directory: path, names: names.sorted(), listing: listing))
      } catch {
        unread.append(LookFailure(path: path, errno: error))
      }
    }
    for group in found { groups.add(group.names, in: group.directory, group.listing) }
    failures += unread
  }

  /// Calls `visit` for each directory below `directory` that the components lead to. Links are not followed.
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
      failures.append(LookFailure(path: directory, errno: error))
    }
  }

  /// Whether a name that a pattern matches is a log of this job, and not an archive or something of ours.
  func isLog(_ name: FileName, in directory: FilePath, _ index: Int) -> Bool {
    guard claims.owner(of: Self.join(directory, name)) == index else { return false }
    if StagingName.log(of: name) != nil || SetAsideName.isOne(name) { return false }
    return claims.log(ofArchive: name, in: directory) == nil
  }
}

/// Logs as they are found, by directory, each once; at no more work for the last of many than for the first.
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
