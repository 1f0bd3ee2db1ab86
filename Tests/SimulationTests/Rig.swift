import Config
import Daemon
import EventLoop
import Rotation
import Simulation

/// A Supervisor with a scripted world around it.
final class Rig {
  static let second: Int64 = 1_000_000_000

  let driver = SimulatedDriver(seed: 1)
  let disk = SimulatedFileSystem()
  var configuration: Configuration
  var diagnostics: [Diagnostic] = []
  private(set) var manager = SimulatedServiceManager()
  private(set) var reports: [Report] = []
  private var loop: LoopExecutor?

  init(_ jobs: [Job]) {
    configuration = Configuration(jobs: jobs)
    disk.makeDirectory("/logs")
    disk.makeDirectory("/state")
    disk.clock = { [unowned self] in WallTime(nanoseconds: driver.wallClock()) }
  }

  /// Runs a daemon for so many seconds of virtual time, and then stops it in order, or drops it.
  func live(seconds: Int64, watchdog: UInt64? = nil, stops: Bool = true, _ script: (Rig) -> Void = { _ in }) throws {
    disk.restart()
    let loop = LoopExecutor(driver: driver)
    self.loop = loop
    manager = SimulatedServiceManager(watchdogInterval: watchdog)
    let platform = Platform(
      loop: loop, fileSystem: disk, serviceManager: manager,
      processes: SimulatedProcesses(),
      loadConfig: { [unowned self] in
        ConfigResult(configuration: diagnostics.isEmpty ? configuration : nil, diagnostics: diagnostics)
      },
      loadZone: { .utc }, report: { [unowned self] in reports.append($0) })
    let state = StateStore(fileSystem: disk, directory: try disk.openDirectory("/state"))
    let supervisor = Supervisor(platform: platform, configuration: configuration, state: state)
    manager.onRequest = { request in Task(executorPreference: loop) { await supervisor.handle(request) } }
    Task(executorPreference: loop) { await supervisor.start() }
    script(self)
    driver.schedule(after: seconds * Self.second) { [unowned self] in
      if stops { manager.send(.stop) } else { loop.stop() }
    }
    loop.run()
  }

  /// Drops the daemon that runs.
  func stopNow() { loop?.stop() }

  /// Does something so many seconds from now.
  func at(_ seconds: Int64, _ action: @escaping () -> Void) { driver.schedule(after: seconds * Self.second, action) }

  func fill(_ name: String, _ text: String = "x\n") {
    guard let inode = disk.openForWriting("/logs/\(name)") else { return }
    disk.append(text, toOpen: inode)
    disk.close(inode)
  }

  func messages(_ kind: Report.Kind) -> [String] { reports.filter { $0.kind == kind }.map(\.message) }

  static func job(_ name: String, every seconds: Int64, keep: Int = 5) -> Job {
    Job(
      name: name, logs: [LogPattern("/logs/\(name).log")], schedule: .interval(.seconds(seconds)),
      policy: Policy(keep: keep))
  }
}
