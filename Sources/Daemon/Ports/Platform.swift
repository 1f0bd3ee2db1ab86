package import Config
package import EventLoop
package import Rotation
package import Timekeeping

/// The environment of a daemon: its ports, the sources of config and zone, and the destination of reports.
///
/// All of it is used on the loop's thread alone, by the Supervisor that gets it and by the code that made it.
package struct Platform {
  package var loop: LoopExecutor
  package var fileSystem: any FileSystem
  package var serviceManager: any ServiceManager
  package var processes: any ProcessSpawner
  /// Whether the commands of a config run as units of their own, outside of the sandbox of the daemon.
  package var runsCommandsAsUnits = false
  /// Whether commands write to the standard output of this program, and what they write to standard error is reported as it is.
  package var passesOutput = false
  /// Begins a search for what else rotates logs on this machine; nil where there is no machine to search.
  package var otherRotators: (() -> any OtherRotatorSearch)?
  /// Opens a file that belongs to another program; it need not be there.
  package var openInPieces: (FilePath) throws(Errno) -> any FileInPieces = { _ throws(Errno) in throw .noEntry }
  /// The number of processors.
  package var processors = 1
  /// Reads and compiles the config again; errors in reading are diagnostics.
  package var loadConfig: () -> ConfigResult
  /// The SHA-256 of the config on disk, which is not taken in; nil where that is not known.
  package var configOnDisk: () -> String? = { nil }
  /// Reads the local time zone again; nil if it cannot be read, and then the former zone stays in force.
  package var loadZone: () -> Zone?
  /// Returns unused memory to the system, after work that needed much of it for a short time (malloc_trim(3)).
  package var releaseMemory: () -> Void = {}
  /// The socket on which the control server accepts clients; nil for no control server.
  package var control: (any ControlSocket)?
  /// The number of this process, and the path of its config, for the status.
  package var process: Int32 = 0
  package var configPath: FilePath = ""
  /// The destination of reports; it never blocks for long and never fails.
  package var report: (Report) -> Void
  /// What is wrong now, reported on each change.
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

/// A file that is read in pieces, so that other work can be done between two of them.
package protocol FileInPieces: AnyObject {
  /// The next bytes, a bounded number of them; none at the end.
  func next() throws(Errno) -> [UInt8]
}
