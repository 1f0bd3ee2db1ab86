internal import Config
internal import EventLoop
internal import Rotation

/// The jobs of one config with their claims on logs: an immutable value. A reload makes another.
///
/// An operation takes it once and keeps it when it suspends, so that its findings are consistent. Across a suspension
/// it keeps the name of a job, never the index: in the next registry another job may have that index. Before it does
/// what cannot be undone, it asks the registry in force then which job has the log.
struct JobRegistry {
  /// The number of configs before this one since the start.
  let revision: UInt64
  /// In the order of the config. The settings of a job are in its runtime, which the next config may change.
  let runtimes: [JobRuntime]
  private let positions: [String: Int32]
  /// Its indices are positions in `runtimes`, and have no meaning outside of this value.
  let claims: Claims
  private let finder: LogFinder

  private init(_ configuration: Configuration, _ runtimes: [JobRuntime], revision: UInt64, _ platform: Platform) {
    self.revision = revision
    self.runtimes = runtimes
    positions = Dictionary(
      uniqueKeysWithValues: configuration.jobs.enumerated().map { ($1.name, Int32($0)) })
    claims = Claims(configuration)
    finder = LogFinder(fileSystem: platform.fileSystem, claims: claims)
  }

  /// The jobs of the config that the daemon starts with.
  init(_ configuration: Configuration, on platform: Platform) {
    let runtimes = configuration.jobs.map { JobRuntime($0, loop: platform.loop) }
    self.init(configuration, runtimes, revision: 0, platform)
  }

  /// The registry of the next config, and the changes that it makes. A job that stays keeps its runtime.
  func next(_ configuration: Configuration, on platform: Platform) -> (registry: JobRegistry, changes: JobChanges) {
    let changes = JobChanges(from: runtimes.map(\.job), to: configuration)
    let runtimes = configuration.jobs.map { self[$0.name] ?? JobRuntime($0, loop: platform.loop) }
    let next = JobRegistry(configuration, runtimes, revision: revision + 1, platform)
    return (next, changes)
  }

  /// The job with this name; nil if there is none now.
  subscript(_ name: String) -> JobRuntime? { positions[name].map { runtimes[Int($0)] } }

  /// The jobs with these names.
  func runtimes(of names: [String]) -> [JobRuntime] { names.compactMap { self[$0] } }

  var names: Set<String> { Set(positions.keys) }

  // MARK: Logs

  /// The job that has the log at an absolute path; nil if none claims it.
  func owner(of path: FilePath) -> JobRuntime? { claims.owner(of: path).map { runtimes[$0] } }

  /// Whether the job with this name has the log at an absolute path.
  func owns(_ name: String, _ path: FilePath) -> Bool { owner(of: path)?.name == name }

  /// Whether a name that a pattern matches is a log of this job, and not an archive or another file of the daemon.
  func isLog(_ name: FileName, in directory: FilePath, of job: String) -> Bool {
    positions[job].map { finder.isLog(name, in: directory, Int($0)) } ?? false
  }

  /// The log to which an archive with this name belongs; nil if it is no archive.
  func log(ofArchive name: FileName, in directory: FilePath) -> FilePath? { claims.log(ofArchive: name, in: directory) }

  /// The same search in steps (`LogSearch`); nil for a job that this config does not have.
  func search(_ job: Job, alsoGone: Bool = false) -> LogSearch? {
    positions[job.name].map { finder.search(job, index: Int($0), alsoGone: alsoGone) }
  }

  /// The job's logs by directory (`LogFinder.find`), with a chance for everything else in between; none for a job that this
  /// config does not have.
  func find(_ job: Job, alsoGone: Bool = false, on loop: LoopExecutor) async -> FoundLogs {
    guard let position = positions[job.name] else { return FoundLogs(groups: [], failures: [], skipped: []) }
    return await finder.find(job, index: Int(position), alsoGone: alsoGone, on: loop)
  }

  /// Every directory in which the job may have logs, without a search for the logs themselves.
  func directories(of job: Job) -> [FilePath] { finder.directories(of: job) }
}
