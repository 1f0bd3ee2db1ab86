internal import ArgumentParser
internal import Config
internal import Control
internal import Daemon
internal import EventLoop
internal import Linux
internal import Rotation

/// What the daemon is made of, in this program and on a loop that ends with what is asked of it. Nothing begins by itself.
struct LocalDaemon {
  private let session: StateSession?
  private let loop: LoopExecutor
  private let supervisor: Supervisor
  /// What is rotated here is in no journal.
  private let history: HistoryFile?

  /// With a config and a state. `isExclusive`: whoever rotates is the only one to use the state; without it, the state of a daemon
  /// is read if there is one, and nothing is changed.
  init(_ configuration: Configuration, stateDirectory asked: FilePath?, isExclusive: Bool) throws {
    let fileSystem = LinuxFileSystem()
    let session: StateSession?
    let store: StateStore
    if isExclusive {
      do throws(StateFailure) { session = try StateSession.open(asked, fileSystem) } catch {
        Output.error("rotatectl: \(error.message)")
        throw ExitCode.failure
      }
    } else {
      session = nil
    }
    if let session {
      store = StateStore(fileSystem: fileSystem, directory: session.directory)
      for report in store.load() where report.priority != .info { Output.error(report.message) }
    } else {
      // Where there is no state, an empty one is as good, in a directory that takes no file.
      store =
        try StateSession.peek(asked, fileSystem)
        ?? StateStore(fileSystem: fileSystem, directory: fileSystem.openDirectory("/proc"))
    }
    try self.init(configuration, session, store) { report in
      let isProblem = [.error, .warning].contains(report.priority)
      if isProblem { Output.error(report.message) } else { Output.line(report.message) }
    }
  }

  /// The same with a config that was read, and a state that was loaded. `passesOutput`: what commands write is that of this program.
  init(
    _ configuration: Configuration, _ session: StateSession?, _ store: StateStore, passesOutput: Bool = false,
    report: @escaping (Report) -> Void
  ) throws {
    self.session = session
    let driver = try EpollDriver()
    let loop = LoopExecutor(driver: driver)
    self.loop = loop
    // logrotate's command has a state of its own, and nobody looks for a history there.
    let kept = passesOutput ? nil : session?.directory
    let history = kept.map { HistoryFile(in: $0, LinuxFileSystem(), on: loop, report: report) }
    self.history = history
    var platform = Platform(
      loop: loop, fileSystem: LinuxFileSystem(), serviceManager: NoServiceManager(),
      processes: LinuxProcesses(driver: driver, loop: loop),
      loadConfig: { ConfigResult(configuration: nil, diagnostics: []) }, loadZone: { LocalZone.load().zone },
      report: {
        report($0)
        history?.take($0)
      })
    platform.passesOutput = passesOutput
    supervisor = Supervisor(platform: platform, configuration: configuration, state: store)
  }

  /// Runs something to its end. Signals do what they do to any program. What is reported on the way is shown as it comes, in the
  /// words of the daemon. Nil when the loop has ended before.
  func run<Answer>(_ body: @escaping @Sendable (Supervisor) async -> Answer) -> Answer? {
    defer { history?.flush() }
    return loop.run(supervisor, body)
  }

  /// The same with a value that is used on the loop's thread alone.
  func run<Value, Answer>(
    with value: Value, _ body: @escaping @Sendable (Supervisor, Value) async -> Answer
  ) -> Answer? {
    loop.run((supervisor, value)) { await body($0.0, $0.1) }
  }

  /// What a daemon would reply to a call that only looks; when it is refused, says why and ends the program.
  func ask(_ method: OperatorMethod, _ parameters: Wire.Parameters) throws -> [Wire.Reply] {
    switch run({ await $0.answerOnce(method, parameters) }) {
    case .success(let replies): return replies
    case .failure(let error):
      let (text, code) = DaemonOption.refusal(error)
      Output.error("rotatectl: \(text)")
      throw ExitCode(code)
    case nil: return []
    }
  }

  /// Gives the state back.
  func close() { session?.close() }
}

/// Nobody supervises a run by hand.
private final class NoServiceManager: ServiceManager {
  var onRequest: ((Request) -> Void)?
  let watchdogInterval: UInt64? = nil

  func notify(_ notification: Notification) {}
}
