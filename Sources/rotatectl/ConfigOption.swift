internal import ArgumentParser
internal import Config
internal import Daemon
internal import Linux
internal import Rotation

/// What every command needs that works without a daemon: the config and the state.
struct ConfigOption: ParsableArguments {
  /// Where the config is if nobody says otherwise.
  static let defaultPath = "/etc/rotated/rotated.toml"

  @Option(
    name: [.customShort("c"), .customLong("config")],
    help: ArgumentHelp(
      "The config file, or a directory of *.toml files. (default: \(ConfigOption.defaultPath))", valueName: "path"),
    completion: .file(extensions: ["toml"]))
  var file: String?

  @Option(help: "The language of the config, toml or logrotate. (default: as the text is)")
  var format: ConfigFormat?

  @Option(
    name: .shortAndLong, help: "The state directory. (default: that of the user's daemon)", completion: .directory)
  var state: String?

  /// Where the config is.
  var path: String { file ?? Self.defaultPath }

  /// Whether any of it was given: a command that would ask the daemon works without it then.
  var isGiven: Bool { file != nil || format != nil || state != nil }

  /// The state directory that was named; nil for that of the user's daemon.
  var stateDirectory: FilePath? { state.map { FilePath($0) } }

  /// Reads the config and shows what is wrong with it; ends the program with 78 when it cannot be used, and with 1 when it
  /// cannot be read for now.
  func load(offline: Bool = false, strictly: Bool = false) throws -> Configuration {
    do throws(ConfigFile.Unusable) {
      return try ConfigFile.loadAndShow(FilePath(path), format: format, offline: offline, strictly: strictly)
    } catch {
      throw ExitCode(error.exitCode)
    }
  }

  /// The same, when it has the jobs that were asked for.
  func load(with selection: Selection) throws -> Configuration {
    let configuration = try load()
    try selection.check(configuration, path)
    return configuration
  }

  /// What would be done by a config with this state.
  func dryRun(of configuration: Configuration) -> DryRun {
    let fileSystem = LinuxFileSystem()
    return DryRun(
      fileSystem: fileSystem, configuration: configuration, state: StateSession.peek(stateDirectory, fileSystem))
  }
}

extension ConfigFormat: ExpressibleByArgument {}
