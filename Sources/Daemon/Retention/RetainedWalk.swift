internal import Config
internal import Rotation
internal import Timekeeping

/// Looks for the files of a job with `retain`, in steps of a bounded size: a page of a directory, or some files that are
/// put in order. It holds one directory open, and of its files no more than `RetainedFiles` does.
///
/// Only directories that a pattern names are looked into, and symbolic links are never followed.
struct RetainedWalk {
  /// What a step has come to.
  enum Step {
    case working
    /// All files of one pattern in one directory.
    case group(RetainedFiles, OpenDirectory)
    case failed(LookFailure)
  }

  /// A directory to look into, and the components of a pattern that are left for what is in it.
  private struct Visit {
    var directory: FilePath
    var pattern: Int
    var components: ArraySlice<NamePattern>
    /// Whether the config names it, so that its absence is reported.
    var isFixed = false
  }

  /// A directory that is being looked into.
  private struct Reading {
    let visit: Visit
    let directory: OpenDirectory
    let pages: any DirectoryPages
    var files: RetainedFiles
    var isRead = false
  }

  private let job: Job
  private let patterns: [LogPattern]
  private let fileSystem: any FileSystem
  private let claims: Claims
  private let now: WallTime
  private let limit: Int
  private var visits: [Visit]
  private var reading: Reading?

  /// Files with a name that `claims` has for a log or an archive are left out, as others of rotated's own are. `limit`: how
  /// many files of a group are kept by name.
  init(
    _ job: Job, _ fileSystem: any FileSystem, _ claims: Claims, now: WallTime, limit: Int = Limits.retainedAtOnce
  ) {
    self.job = job
    patterns = job.policy.retained?.patterns ?? []
    self.fileSystem = fileSystem
    self.claims = claims
    self.now = now
    self.limit = limit
    visits = patterns.enumerated().reversed().map { index, pattern in
      Visit(directory: pattern.fixedDirectory, pattern: index, components: pattern.components[...], isFixed: true)
    }
  }

  /// Does the next step; nil at the end.
  mutating func next() -> Step? {
    do throws(LookFailure) {
      if reading != nil { return try proceed() }
      guard let visit = visits.popLast() else { return nil }
      return try open(visit)
    } catch {
      return .failed(error)
    }
  }

  private mutating func open(_ visit: Visit) throws(LookFailure) -> Step {
    guard let name = visit.components.last else { return .working }
    do throws(Errno) {
      let directory = try fileSystem.openDirectory(visit.directory)
      directory.actsAsOwner = job.policy.actsAsOwner
      let path = LogFinder.join(visit.directory, FileName(name.bytes))
      reading = Reading(
        visit: visit, directory: directory, pages: try fileSystem.pages(of: directory),
        files: RetainedFiles(path: path, now: now, limit: limit))
    } catch  where error == .noEntry && !visit.isFixed {
      // It was removed since its own directory was listed.
    } catch {
      throw LookFailure(path: visit.directory, errno: error, on: fileSystem)
    }
    return .working
  }

  private mutating func proceed() throws(LookFailure) -> Step {
    guard var current = reading else { return .working }
    reading = nil
    if current.isRead {
      if current.files.settle(Limits.retainedSlice) { return .group(current.files, current.directory) }
      reading = current
      return .working
    }
    do throws(Errno) {
      if let page = try current.pages.next() {
        for entry in page { try take(entry, &current) }
      } else if current.visit.components.count > 1 {
        return .working
      } else {
        current.isRead = true
      }
    } catch {
      throw LookFailure(path: current.visit.directory, errno: error, on: fileSystem)
    }
    reading = current
    return .working
  }

  private mutating func take(_ entry: DirectoryEntry, _ current: inout Reading) throws(Errno) {
    let visit = current.visit
    guard visit.components.first?.matches(entry.name) == true else { return }
    let path = LogFinder.join(visit.directory, entry.name)
    if visit.components.count > 1 {
      var kind = entry.kind
      if kind == nil { kind = try fileSystem.status(of: entry.name, in: current.directory)?.kind }
      guard kind == .directory else { return }
      return visits.append(Visit(directory: path, pattern: visit.pattern, components: visit.components.dropFirst()))
    }
    guard entry.kind ?? .regular == .regular, isOurs(path, entry.name, visit),
      let status = try fileSystem.status(of: entry.name, in: current.directory)
    else { return }
    current.files.add(entry.name, status)
  }

  /// Whether a name that the pattern matches is one of its files.
  private func isOurs(_ path: FilePath, _ name: FileName, _ visit: Visit) -> Bool {
    !patterns[..<visit.pattern].contains { $0.matches(path: path) } && !job.exclude.contains { $0.matches(path: path) }
      && !claims.concerns(name, in: visit.directory)
  }
}

extension Claims {
  /// Whether a name in a directory is that of a log or an archive of a job, or of another file of rotated's own.
  func concerns(_ name: FileName, in directory: FilePath) -> Bool {
    owner(of: LogFinder.join(directory, name)) != nil || StagingName.log(of: name) != nil || SetAsideName.isOne(name)
      || StagingName.supersededArchive(of: name) != nil || StagingName.outputArchive(of: name) != nil
      || log(ofArchive: name, in: directory) != nil
  }
}
