internal import ArgumentParser
internal import Config
internal import Control
internal import Daemon
internal import Glibc
internal import Linux
internal import Rotation

/// `rotatectl logrotate`: logrotate's command, by rotated's engine.
struct LogrotateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logrotate",
    abstract: "Rotate by logrotate's files, state file and command line.",
    discussion: """
      Takes what logrotate(8) takes, decides by its state file what is due, and exits as it does: 0 done, 1 something has failed, \
      2 wrong options, 3 the state file cannot be locked. Logs that the daemon has are rotated by the daemon. See \
      rotated-logrotate(8) for what is different.
      """)

  @Argument(parsing: .captureForPassthrough, help: "Options and files as logrotate takes them; see `-?`.")
  var arguments: [String] = []

  func run() { Self.main(arguments[...]) }

  /// Ends the program.
  static func main(_ words: ArraySlice<String>) -> Never {
    let arguments: LogrotateArguments
    do throws(LogrotateArguments.Misuse) { arguments = try LogrotateArguments(words) } catch {
      Output.error(error.message)
      Glibc.exit(error.code)
    }
    switch arguments.question {
    case .help: answer(LogrotateArguments.help)
    case .usage: answer(LogrotateArguments.usage)
    case .version: answer(version(arguments))
    case nil: break
    }
    guard !arguments.files.isEmpty else {
      Output.error(version(arguments) + "\n\n" + LogrotateArguments.usage)
      Glibc.exit(1)
    }
    Glibc.exit(LogrotateProgram(arguments).run())
  }

  private static func answer(_ text: String) -> Never {
    print(text)
    Glibc.exit(0)
  }

  private static func version(_ arguments: LogrotateArguments) -> String {
    """
    logrotate 3.22.0 by rotatectl \(ProgramVersion.text)

        Default mail command:       /usr/bin/mail
        Default compress command:   gzip
        Default uncompress command: gunzip
        Default compress extension: .gz
        Default state file path:    /var/lib/logrotate/status
        ACL support:                yes
        SELinux support:            yes
    """
  }
}

/// A run of the command, from its files to the state file.
private struct LogrotateProgram {
  private let arguments: LogrotateArguments
  private let output: LogrotateOutput

  init(_ arguments: LogrotateArguments) {
    self.arguments = arguments
    output = LogrotateOutput(arguments)
  }

  /// The exit code.
  func run() -> Int32 {
    if arguments.isDry {
      output.warning(
        "logrotate in debug mode does nothing except printing debug messages!  Consider using verbose mode (-v) instead if this "
          + "is not what you want.\n")
    }
    let configuration = readConfig()
    do {
      let file = try lock()
      if let warning = file.warning { output.warning(warning) }
      return try rotate(configuration, file)
    } catch let failure as LogrotateStateFile.Failure {
      output.error(failure.message)
      return 3
    } catch let failure as StateFailure {
      output.error(failure.message)
      return 3
    } catch {
      output.error("\(error)")
      return 1
    }
  }

  private func readConfig() -> Configuration {
    var paths: [FilePath] = []
    for file in arguments.files {
      if WorkingDirectory.hasFile(FilePath(file)) {
        paths.append(FilePath(file))
      } else {
        output.error("cannot stat \(file.printable): No such file or directory")
      }
    }
    let result = LogrotateFileReader.load(paths, mailer: arguments.mailCommand)
    for finding in result.diagnostics {
      let text = "\(finding.file):\(finding.line):\(finding.column): \(finding.message)"
      if finding.severity == .error {
        output.error(text)
      } else if output.wantsDetails {
        output.detail("warning: \(text)")
      }
    }
    return result.configuration ?? Configuration(jobs: [])
  }

  private func lock() throws(LogrotateStateFile.Failure) -> LogrotateStateFile {
    let locking: LogrotateStateFile.Locking =
      arguments.isDry || arguments.skipsLock ? .none : arguments.waitsForLock ? .waits : .now
    return try LogrotateStateFile(WorkingDirectory.absolute(FilePath(arguments.stateFile)), locking)
  }

  private func rotate(_ configuration: Configuration, _ file: LogrotateStateFile) throws -> Int32 {
    let (known, flaws) = try file.read()
    for flaw in flaws { output.error("bad line \(flaw.line) in state file \(file.path.printable): \(flaw.reason)") }
    let fileSystem = LinuxFileSystem()
    let running = try runningDaemon()
    // Without a daemon, none starts meanwhile.
    let exclusion = running == nil && !arguments.isDry ? try StateSession.excludeDaemon(fileSystem) : nil
    let keepsIntents = !arguments.isDry && file.isReplaceable
    let session =
      keepsIntents ? try StateSession.open(FilePath(bytes: file.path.bytes + Array(".rotated".utf8)), fileSystem) : nil
    // Without a state file, a directory that takes no file.
    let store = StateStore(
      fileSystem: fileSystem, directory: try session?.directory ?? fileSystem.openDirectory("/proc"))
    if session != nil { for report in store.load() where report.priority != .info { output.report(report) } }
    let local = try LocalDaemon(configuration, session, store, passesOutput: true, report: output.report)
    defer {
      local.close()
      exclusion?.close()
    }
    let options = LogrotateRun.Options(
      isForced: arguments.isForced, isDry: arguments.isDry, isVerbose: output.wantsDetails)
    let made = local.run(with: (output, running ?? LogrotateRun.Running())) { supervisor, ports in
      let (output, running) = ports
      let run = LogrotateRun(supervisor, configuration, known, options, running: running) { message in
        switch message {
        case .error(let text): output.error(text)
        case .said(let text): output.line(text)
        case .detail(let text): output.detail(text)
        }
      }
      await run.carryOut()
      return run
    }
    guard let made else { return 1 }
    if !arguments.isDry { try file.write(made.state.bytes) }
    return output.hasErrors || made.hasFailed ? 1 : 0
  }

  /// What the daemon that runs has; nil where none runs.
  private func runningDaemon() throws -> LogrotateRun.Running? {
    guard !arguments.isDry, let client = try DaemonOption.parse([]).connectIfRunning() else { return nil }
    var running = LogrotateRun.Running()
    var parameters = Wire.Parameters()
    parameters.withLogs = true
    try client.call(.list, parameters, wantsMore: true) { reply in
      if let log = reply.log {
        running.logs.insert(log.path)
        running.rotated[log.path] = log.last?.at
      }
      return true
    }
    let output = output
    running.rotate = { paths in
      var parameters = Wire.Parameters()
      (parameters.logs, parameters.force, parameters.wait) = (paths, true, true)
      var rotated: Set<FilePath> = []
      do {
        try client.call(.rotate, parameters, wantsMore: true, patience: nil) { reply in
          if let event = reply.event, event.kind == "rotated", let path = event.path { rotated.insert(path) }
          return true
        }
      } catch {
        output.error("the daemon has not rotated its logs: \(error)")
        return []
      }
      return rotated
    }
    return running
  }
}
