internal import ArgumentParser
internal import Config
internal import Daemon
internal import Linux
internal import Rotation

/// `rotatectl unit`: settings for the unit of the daemon.
struct UnitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unit",
    abstract: "Print settings for the unit of the daemon that fit the config.",
    discussion: """
      With --drop-in, a drop-in that makes everything read-only but the directories of the config's logs and archives. It holds \
      for the config and the links of now: print it again when a job gets logs in another directory. As root:

        rotatectl unit --drop-in >/etc/systemd/system/rotated.service.d/sandbox.conf
        systemctl daemon-reload && systemctl restart rotated

      Needs no daemon, and changes nothing.
      """)

  @OptionGroup var config: ConfigOption

  @Flag(help: "Print a drop-in with ProtectSystem=strict, ReadWritePaths= and what goes with them.")
  var dropIn = false

  func validate() throws {
    guard !dropIn else { return }
    throw ValidationError("--drop-in is missing: nothing else is printed for now")
  }

  func run() throws {
    let configuration = try config.load()
    let path = WorkingDirectory.absolute(FilePath(config.path))
    let dropIn = UnitDropIn(
      DryRun(fileSystem: LinuxFileSystem(), configuration: configuration),
      read: [path] + ConfigFile.directories(path, format: config.format),
      state: config.stateDirectory.map { WorkingDirectory.absolute($0) },
      files: UnitDropIn.Files(real: FileExamination.real, mode: FileExamination.mode))
    Output.line("# Made by `rotatectl unit --drop-in` of rotated \(ProgramVersion.number), for this config:")
    Output.line("# \(path.printable)")
    dropIn.lines.forEach(Output.line)
  }
}
