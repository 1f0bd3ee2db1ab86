internal import ArgumentParser
internal import Config
internal import Daemon
internal import Glibc
internal import Linux
internal import Rotation
internal import Timekeeping

/// rotatectl, the tool for people: looks at a config, at what a rotation would do, and rotates by hand.
@main
struct Rotatectl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotatectl",
    abstract: "Check a rotation config, see what a rotation would do and when, rotate by hand.",
    discussion: "The daemon that rotates by itself is rotated(8).",
    version: ProgramVersion.text,
    subcommands: [Check.self, Plan.self, Rotate.self, CalendarCommand.self, TimespanCommand.self])

  static func main() { main(Array(ProcessArguments.all.dropFirst())) }
}

/// What every command needs: the config.
struct ConfigOption: ParsableArguments {
  @Option(
    name: [.customShort("c"), .customLong("config")], help: "The config file, or a directory of *.toml files.",
    completion: .file(extensions: ["toml"]))
  var path = "/etc/rotated/rotated.toml"

  @Option(help: "The language of the config, toml or logrotate (default: as the text is).")
  var format: ConfigFormat?

  /// Reads the config and shows what is wrong with it; ends the program with 78 when it cannot be used, and with 1 when it
  /// cannot be read for now.
  func load(offline: Bool = false, strictly: Bool = false) throws -> Configuration {
    do throws(ConfigFile.Unusable) {
      return try ConfigFile.loadAndShow(FilePath(path), format: format, offline: offline, strictly: strictly)
    } catch {
      throw ExitCode(error.exitCode)
    }
  }
}

extension ConfigFormat: ExpressibleByArgument {}

/// Lines on the standard streams.
enum Output {
  static func line(_ text: String) { print(text) }

  static func error(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
  }
}
