import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Timekeeping

/// A Supervisor with a scripted world around it.
final class Rig {
  static let second: Int64 = 1_000_000_000

  let driver = SimulatedDriver(seed: 1)
  let disk = SimulatedFileSystem()
  var configuration: Configuration
  var diagnostics: [Diagnostic] = []
  private(set) var manager = SimulatedServiceManager()
  let processes: SimulatedProcesses
  private(set) var reports: [Report] = [] {
    didSet { reports.last.map(onReport) }
  }
  /// Called for each report.
  var onReport: (Report) -> Void = { _ in }
  private var loop: LoopExecutor?
  /// Where clients of the daemon that lives now connect.
  private(set) var control = SimulatedControlSocket()
  private(set) var supervisor: Supervisor?
  var zone = Zone.utc
  /// What the unit of the package says.
  var runsCommandsAsUnits = false
  /// Files of other programs.
  var foreignFiles: [FilePath: ForeignFile] = [:]
  /// What else rotates logs.
  var otherRotator: OtherRotator?

  init(_ jobs: [Job]) {
    configuration = Configuration(jobs: jobs)
    processes = SimulatedProcesses(driver: driver, disk: disk)
    processes.play = { Rig.play($0) }
    disk.makeDirectory("/logs")
    disk.makeDirectory("/state")
    disk.clock = { [unowned self] in driver.wallClock() }
  }

  /// A compressor takes a second; every other child exits with 0 at once.
  static func play(_ request: ChildRequest) -> SimulatedProcesses.Play {
    if case .file = request.output { SimulatedProcesses.Play(takes: second) } else { SimulatedProcesses.Play() }
  }

  /// Runs a daemon for this many seconds of virtual time, and then stops it in order, or drops it.
  func live(seconds: Int64, watchdog: UInt64? = nil, stops: Bool = true, _ script: (Rig) -> Void = { _ in }) throws {
    disk.restart()
    let loop = LoopExecutor(driver: driver)
    self.loop = loop
    manager = SimulatedServiceManager(watchdogInterval: watchdog)
    defer { processes.endLife() }
    var platform = Platform(
      loop: loop, fileSystem: disk, serviceManager: manager,
      processes: processes,
      loadConfig: { [unowned self] in
        ConfigResult(configuration: diagnostics.isEmpty ? configuration : nil, diagnostics: diagnostics)
      },
      loadZone: { [unowned self] in zone }, report: { [unowned self] in reports.append($0) })
    platform.configOnDisk = { [unowned self] in configuration.sha256.isEmpty ? nil : configuration.sha256 }
    platform.runsCommandsAsUnits = runsCommandsAsUnits
    platform.otherRotators = { [unowned self] in FoundRotator(rotator: otherRotator) }
    platform.openInPieces = { [unowned self] path throws(Errno) in
      guard let file = foreignFiles[path] else { throw .noEntry }
      return ForeignFile.Reading(file)
    }
    control = SimulatedControlSocket()
    platform.control = control
    let state = StateStore(fileSystem: disk, directory: try disk.openDirectory("/state"))
    let supervisor = Supervisor(platform: platform, configuration: configuration, state: state)
    self.supervisor = supervisor
    manager.onRequest = { supervisor.submit($0) }
    loop.start(supervisor) { await $0.start() }
    script(self)
    driver.schedule(after: seconds * Self.second) { [unowned self] in
      if stops { manager.send(.stop) } else { loop.stop() }
    }
    loop.run()
  }

  /// What `rotatectl rotate` does, for all jobs, up to its end or to a crash; returns whether all succeeded.
  @discardableResult
  func rotateByHand() throws -> Bool {
    disk.restart()
    let loop = LoopExecutor(driver: driver)
    self.loop = loop
    manager = SimulatedServiceManager()
    defer { processes.endLife() }
    let platform = Platform(
      loop: loop, fileSystem: disk, serviceManager: manager, processes: processes,
      loadConfig: { ConfigResult(configuration: nil, diagnostics: []) }, loadZone: { .utc },
      report: { [unowned self] in reports.append($0) })
    let state = StateStore(fileSystem: disk, directory: try disk.openDirectory("/state"))
    _ = state.load()
    let supervisor = Supervisor(platform: platform, configuration: configuration, state: state)
    let names = configuration.jobs.map(\.name)
    return loop.run(supervisor) { supervisor in
      let (runs, failedHooks) = await supervisor.rotateOnce(names)
      return failedHooks.isEmpty && runs.allSatisfy { $0.result.isComplete }
    } ?? false
  }

  /// Ends the daemon at once, as SIGKILL does.
  func crash() { loop?.stop() }

  /// Does something this many seconds from now.
  func at(_ seconds: Int64, _ action: @escaping () -> Void) { driver.schedule(after: seconds * Self.second, action) }

  /// Does something after this many passes of the loop, while time stands still; after none, at once.
  func later(passes: Int, _ action: @escaping () -> Void) {
    guard passes > 0 else { return action() }
    driver.schedule(after: 0) { [unowned self] in
      if passes <= 1 { action() } else { later(passes: passes - 1, action) }
    }
  }

  func fill(_ name: FileName, _ text: String = "x\n") {
    guard let inode = disk.openForWriting("/logs/\(name)") else { return }
    disk.append(text, toOpen: inode)
    disk.close(inode)
  }

  /// The seconds at which units were notified.
  var notified: [Int64] { processes.notified.map { $0.time / Self.second } }

  /// The names in the one directory of logs, sorted.
  var names: [FileName] { (disk.directories["/logs"] ?? [:]).keys.sorted() }

  /// The content of a file, uncompressed; nil if there is none.
  func content(_ name: FileName) -> String? {
    guard let text = disk.content(of: "/logs/\(name)") else { return nil }
    return text.hasPrefix(SimulatedProcesses.mark) ? String(text.dropFirst(SimulatedProcesses.mark.count)) : text
  }

  func messages(_ kind: Report.Kind) -> [String] { reports.filter { $0.kind == kind }.map(\.message) }

  static func job(_ name: String, every seconds: Int64, keep: Int = 5) -> Job {
    Job(
      name: name, logs: [LogPattern("/logs/\(name).log")], schedule: .interval(.seconds(seconds)),
      policy: Policy(keep: keep))
  }
}

/// A search that is over.
struct FoundRotator: OtherRotatorSearch {
  var rotator: OtherRotator?
  func step() -> Bool { false }
}

/// A file of another program; with an error, it cannot be read to its end.
struct ForeignFile {
  var text: String
  var error: Errno?

  init(_ text: String, error: Errno? = nil) { (self.text, self.error) = (text, error) }

  /// What reads it, a few bytes at a time.
  final class Reading: FileInPieces {
    private var rest: ArraySlice<UInt8>
    private let error: Errno?

    init(_ file: ForeignFile) { (rest, error) = (Array(file.text.utf8)[...], file.error) }

    func next() throws(Errno) -> [UInt8] {
      let piece = Array(rest.prefix(37))
      rest = rest.dropFirst(37)
      if piece.isEmpty, let error { throw error }
      return piece
    }
  }
}
