internal import CLinux
internal import Config
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Linux
internal import Rotation
internal import Timekeeping

// rotated, the daemon: reads its arguments and its config, takes the lock of its state, and hands the thread to the
// loop until it is told to stop. What it does is in Daemon; what it touches is in Linux.

/// Writes a line to a standard stream, for what is said before there is anything to report to, or instead of it.
func say(_ text: String, to stream: Int32 = STDERR_FILENO) {
  let bytes = Array((text + "\n").utf8)
  _ = unsafe write(stream, bytes, bytes.count)
}

/// Why the daemon could not start, in one line.
struct StartFailure: Error {
  var message: String
  /// One of sysexits(3), or 1.
  var exitCode: Int32
}

/// The config to start with. What is wrong in it is shown with its line to a person, and reported to a journal or a
/// log, as after a reload.
func loadConfig(_ arguments: Arguments, _ writer: ReportWriter) throws(StartFailure) -> Configuration {
  let (path, format) = (arguments.config, arguments.format)
  let stops = [SIGTERM, SIGINT]
  do throws(ConfigFile.Unusable) {
    if isatty(STDERR_FILENO) != 0 { return try ConfigFile.loadAndShow(path, format: format, unlessPending: stops) }
    return try ConfigFile.load(path, format: format, unlessPending: stops) { writer.write(Report($0)) }
  } catch {
    throw StartFailure(message: error.message, exitCode: error.exitCode)
  }
}

/// The local zone; nil, with a word about it, where it cannot be read.
func loadZone(_ writer: ReportWriter) -> Zone? {
  let (zone, problem) = LocalZone.load()
  guard let problem else { return zone }
  writer.write(Report(.note, .warning, "\(problem); using UTC at start, and the previous time zone later"))
  return nil
}

/// Hands changes of the local zone in as requests; nil, with a word about it, where that cannot be.
func watchZone(on driver: EpollDriver, for manager: SystemdServiceManager, _ writer: ReportWriter) -> ZoneWatch? {
  do throws(Errno) {
    return try ZoneWatch(on: driver) { manager.onRequest?(.zoneChanged) }
  } catch {
    writer.write(Report(.note, .warning, "cannot watch /etc/localtime, so a new time zone needs a reload: \(error)"))
    return nil
  }
}

/// Says what a daemon cannot do that is not root.
func noteMissingRights(_ writer: ReportWriter) {
  let user = geteuid()
  guard user != 0 else { return }
  let message =
    "runs as user \(user), without the rights of root: a log is rotated if this user may write in its directory; "
    + "writers of other users are not named"
  writer.write(Report(.note, .info, message))
}

/// The socket for operators' tools; without one, which is said, logs are rotated all the same.
func openControl(_ asked: FilePath?, on driver: EpollDriver, _ writer: ReportWriter) -> LinuxControlSocket? {
  guard let path = ControlPlace.path(asked) else { return nil }
  do throws(LinuxControlSocket.Unusable) {
    return try LinuxControlSocket(path, on: driver)
  } catch {
    let what = "no control socket at \(path.printable): \(error.reason); rotation goes on, and rotatectl cannot connect"
    writer.write(Report(.note, .warning, what))
    return nil
  }
}

/// Adds what the daemon needs of this machine besides.
func addMachine(to platform: inout Platform) {
  // The unit of the package says so: outside of a unit there is no sandbox to leave.
  platform.runsCommandsAsUnits = ProcessEnvironment.text(of: "ROTATED_COMMANDS") == "units"
  platform.releaseMemory = { malloc_trim(0) }
  platform.otherRotators = { LinuxRotatorSearch() }
  platform.openInPieces = { path throws(Errno) in try LinuxFileInPieces(path) }
  platform.process = getpid()
  platform.processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
}

/// Runs the daemon until it is told to stop.
func run(
  _ arguments: Arguments, _ configuration: consuming Configuration, _ writer: ReportWriter
) throws(StartFailure) {
  let driver: EpollDriver
  let loop: LoopExecutor
  let manager: SystemdServiceManager
  do throws(SystemCallError) {
    driver = try EpollDriver()
    loop = LoopExecutor(driver: driver)
    manager = try SystemdServiceManager(driver: driver)
  } catch {
    throw StartFailure(message: "cannot set up the event loop: \(error)", exitCode: 1)
  }
  let fileSystem = LinuxFileSystem(driver: driver)
  let session: StateSession
  do throws(StateFailure) {
    session = try StateSession.open(arguments.state, fileSystem)
  } catch {
    throw StartFailure(message: error.message, exitCode: 1)
  }
  defer { session.close() }
  let watch = ConfigWatch(
    arguments.config, format: arguments.format, on: driver, loop, report: writer.write
  ) {
    manager.onRequest?(.reload)
  }
  watch.begin(configuration)
  // The journal keeps the history where there is one.
  let history = writer.isJournal ? nil : HistoryFile(in: session.directory, fileSystem, on: loop, report: writer.write)
  defer { history?.flush() }
  var platform = Platform(
    loop: loop, fileSystem: fileSystem, serviceManager: manager,
    processes: LinuxProcesses(driver: driver, loop: loop),
    loadConfig: { watch.read() },
    loadZone: { loadZone(writer) },
    report: { report in
      writer.write(report)
      history?.take(report)
    })
  platform.configOnDisk = { watch.textOnDisk }
  addMachine(to: &platform)
  FileLimit.raise()
  let control = openControl(arguments.control, on: driver, writer)
  defer { control?.close() }
  platform.control = control
  platform.configPath = WorkingDirectory.absolute(arguments.config)
  noteMissingRights(writer)
  let state = StateStore(fileSystem: fileSystem, directory: session.directory)
  // Consumed, so that its jobs are not kept here as well for as long as the daemon runs.
  let supervisor = Supervisor(platform: platform, configuration: consume configuration, state: state)
  manager.onRequest = { supervisor.submit($0) }
  loop.start(supervisor) { await $0.start() }
  // For the benchmarks, and for tests of what a user's files can hold up.
  loop.timesPieces = ProcessEnvironment.value(of: "ROTATED_TIME_PIECES") != nil
  withExtendedLifetime(watchZone(on: driver, for: manager, writer)) { loop.run() }
  if loop.timesPieces {
    writer.write(Report(.note, .notice, "the longest piece of work took \(loop.longestPiece / 1000) us"))
  }
}

/// The whole program; its exit code is one of sysexits(3), or 1 when the daemon cannot start for another reason.
func start() -> Int32 {
  let arguments: Arguments
  do throws(Arguments.Misuse) {
    arguments = try Arguments()
  } catch {
    say("rotated: \(error.message); see rotated --help")
    return EX_USAGE
  }
  switch arguments.mode {
  case .help: say(Arguments.usage, to: STDOUT_FILENO)
  case .version: say(ProgramVersion.text, to: STDOUT_FILENO)
  case .check:
    SignalSource.release(SystemdServiceManager.signals)
    do throws(ConfigFile.Unusable) {
      let configuration = try ConfigFile.loadAndShow(arguments.config, format: arguments.format, strictly: true)
      let fileSystem = LinuxFileSystem()
      let dryRun = DryRun(
        fileSystem: fileSystem, configuration: configuration, state: StateSession.peek(arguments.state, fileSystem))
      for doubt in dryRun.doubts(now: SystemClock.wall) { say("\(arguments.config): warning: \(doubt)") }
      say("\(arguments.config): ok, \(configuration.jobs.count) jobs", to: STDOUT_FILENO)
    } catch {
      return error.exitCode
    }
  case .run:
    let writer = ReportWriter(style: arguments.logStyle, level: arguments.logLevel)
    do throws(StartFailure) {
      try run(arguments, try loadConfig(arguments, writer), writer)
    } catch {
      writer.write(Report(.notStarted, .error, "not started: \(error.message)"))
      return error.exitCode
    }
  }
  return 0
}

/// A standard stream that is closed would be the number of the next file that is opened, the state among them.
func openStandardStreams() {
  for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) == -1 {
    _ = unsafe open("/dev/null", O_RDWR)
  }
}

// Before anything else: a signal that comes early waits for the loop.
SignalSource.hold(SystemdServiceManager.signals)
openStandardStreams()
exit(start())
