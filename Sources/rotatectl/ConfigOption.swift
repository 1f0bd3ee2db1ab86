internal import ArgumentParser
internal import Config
internal import Linux
internal import Rotation

/// What every command needs that works without a daemon: the config.
struct ConfigOption: ParsableArguments {
  /// Where the config is if nobody says otherwise.
  static let defaultPath = "/etc/rotated/rotated.toml"

  @Option(
    name: [.customShort("c"), .customLong("config")], help: "The config file, or a directory of *.toml files.",
    completion: .file(extensions: ["toml"]))
  var path = ConfigOption.defaultPath

  @Option(help: "The language of the config, toml or logrotate (default: as the text is).")
  var format: ConfigFormat?

  /// Reads the config and shows what is wrong with it; ends the program with 78 when it cannot be used, and with 1 when it
  /// cannot be read for now.
  func load(offline: Bool = false, strictly: Bool = false) throws -> Configuration {
    try Self.load(path, format: format, offline: offline, strictly: strictly)
  }

  /// The same of a path.
  static func load(
    _ path: String, format: ConfigFormat? = nil, offline: Bool = false, strictly: Bool = false
  ) throws -> Configuration {
    do throws(ConfigFile.Unusable) {
      return try ConfigFile.loadAndShow(FilePath(path), format: format, offline: offline, strictly: strictly)
    } catch {
      throw ExitCode(error.exitCode)
    }
  }
}

extension ConfigFormat: ExpressibleByArgument {}
