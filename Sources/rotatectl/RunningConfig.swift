internal import ArgumentParser
internal import Config
internal import Control
internal import Linux
internal import Rotation

/// The config that is in force in a daemon, as far as it can be known.
struct RunningConfig {
  /// Its file.
  private(set) var path: FilePath = ""
  /// What it says; nil where the file is another by now.
  private(set) var jobs: Configuration?
  /// What the daemon says of it.
  private(set) var listedJobs: [String] = []
  private(set) var listedLogs: [FilePath: String] = [:]

  /// Asks a daemon, and reads the file that it names.
  init(of option: DaemonOption) throws {
    var daemon = Wire.Daemon()
    try option.ask { client in
      var parameters = Wire.Parameters()
      (parameters.withLogs, parameters.withDaemon) = (true, true)
      try client.call(.list, parameters) { reply in
        if let job = reply.job { listedJobs.append(job.name) }
        if let log = reply.log { listedLogs[log.path] = log.job }
        if let said = reply.daemon { daemon = said }
        return true
      }
    }
    path = daemon.configPath
    // The daemon may have been started with a language for it.
    for format in [nil] + ConfigFormat.allCases.map(Optional.some) {
      guard let found = ConfigFile.load(path, format: format).configuration, found.sha256 == daemon.configSHA256 else {
        continue
      }
      jobs = found
      return
    }
  }
}
