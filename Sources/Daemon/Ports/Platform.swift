package import Config
package import EventLoop
package import Rotation
package import Timekeeping

/// The outside world of a daemon: its ports, and where config, zone and reports come from and go to.
///
/// All of it is used on the loop's thread alone, by the Supervisor that it is handed to and by whoever made it.
package struct Platform {
  package var loop: LoopExecutor
  package var fileSystem: any FileSystem
  package var serviceManager: any ServiceManager
  package var processes: any ProcessSpawner
  /// Whether the commands of a config run as units of their own, outside of the sandbox of the daemon.
  package var runsCommandsAsUnits = false
  /// How many processors there are.
  package var processors = 1
  /// Reads and compiles the config anew; what cannot be read is a diagnostic.
  package var loadConfig: () -> ConfigResult
  /// The local time zone, read anew; nil when it cannot be read, and then the one before stays.
  package var loadZone: () -> Zone?
  /// Gives memory that nothing uses back to the system, after work that took much of it for a moment (malloc_trim(3)).
  package var releaseMemory: () -> Void = {}
  /// Where the clients of the control server connect; nil where there are none.
  package var control: (any ControlSocket)?
  /// The number of this process, and the path of its config; for status.
  package var process: Int32 = 0
  package var configPath: FilePath = ""
  /// Where reports go; never blocks for long, never fails.
  package var report: (Report) -> Void
  /// What is wrong now, reported as it changes.
  package let problems: Problems

  package init(
    loop: LoopExecutor, fileSystem: any FileSystem, serviceManager: any ServiceManager,
    processes: any ProcessSpawner, loadConfig: @escaping () -> ConfigResult, loadZone: @escaping () -> Zone?,
    report: @escaping (Report) -> Void
  ) {
    self.loop = loop
    self.fileSystem = fileSystem
    self.serviceManager = serviceManager
    self.processes = processes
    self.loadConfig = loadConfig
    self.loadZone = loadZone
    self.report = report
    problems = Problems(now: { loop.wallClock() }, report: report)
  }
}
