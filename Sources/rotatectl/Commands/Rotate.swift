internal import ArgumentParser
internal import Config
internal import Daemon
internal import EventLoop
internal import Linux
internal import Rotation

/// `rotatectl rotate`: one rotation now, where no daemon runs.
struct Rotate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Rotate once, now, when no daemon uses the state directory.",
    discussion:
      "Rotates whatever the schedule or the size says. An empty log is skipped, unless the config has `if-empty = true`. "
      + "Runs the commands of `before` and `notify` as the daemon does. The daemon compresses the archives later.")

  @OptionGroup var config: ConfigOption

  @Option(name: [.customShort("s"), .customLong("state")], help: "The state directory.", completion: .directory)
  var state: String?

  @Argument(help: "Jobs to rotate (default: all).")
  var jobs: [String] = []

  func run() throws {
    let configuration = try config.load()
    let names = configuration.jobs.map(\.name)
    for job in jobs where !names.contains(job) {
      let hint = NearestName.of(job, among: names).map { ", did you mean '\($0)'?" } ?? ""
      throw ValidationError("no job '\(job)' in \(config.path)\(hint)")
    }
    let fileSystem = LinuxFileSystem()
    let session: StateSession
    do throws(StateFailure) {
      session = try StateSession.open(state.map { FilePath($0) }, fileSystem)
    } catch {
      Output.error("rotatectl: \(error.message)")
      throw ExitCode.failure
    }
    defer { session.close() }
    let store = StateStore(fileSystem: fileSystem, directory: session.directory)
    for report in store.load() where report.priority != .info { Output.error(report.message) }
    let turn = ManualTurn(fileSystem: fileSystem, configuration: configuration)
    let results = try take(turn, jobs.isEmpty ? names : jobs, fileSystem, store)
    let failed = results.outcomes.filter { show($0.job, $0.path, $0.outcome) }
    for failure in results.failures { Output.error("\(failure.path.printable): \(failure.step): \(failure.reason)") }
    for (job, command, failure) in results.refusals {
      Output.error("job \(job): not rotated: the `before` command \(command) failed: \(failure)")
    }
    for (hook, logs, failure) in results.hooks {
      let what = "\(hook) of \(logs) log\(logs == 1 ? "" : "s")"
      if let failure { Output.error("cannot notify \(what): \(failure)") } else { Output.line("notified \(what)") }
    }
    if let errno = store.failure { Output.error("rotatectl: cannot write the state: \(errno)") }
    guard failed.isEmpty, results.failures.isEmpty, results.refusals.isEmpty,
      results.hooks.allSatisfy({ $0.failure == nil })
    else { throw ExitCode.failure }
  }

  /// A turn on a loop of its own, which ends with it. Signals do what they do to any program.
  private func take(
    _ turn: ManualTurn, _ jobs: [String], _ fileSystem: LinuxFileSystem, _ store: StateStore
  ) throws -> ManualTurn.Results {
    let driver = try EpollDriver()
    let loop = LoopExecutor(driver: driver)
    let platform = Platform(
      loop: loop, fileSystem: fileSystem,
      serviceManager: try SystemdServiceManager(driver: driver, takesSignals: false),
      processes: LinuxProcesses(driver: driver, loop: loop),
      loadConfig: { ConfigResult(configuration: nil, diagnostics: []) }, loadZone: { nil },
      report: { Output.line($0.message) })
    let rotator = Rotator(fileSystem: fileSystem, loop: loop, state: store, zone: LocalZone.load().zone)
    let results = loop.run((turn, rotator, platform)) { turn, rotator, platform in
      await turn.take(jobs, with: rotator, on: platform)
    }
    return results ?? ManualTurn.Results()
  }

  /// Prints what became of a log; whether that is a failure.
  private func show(_ job: String, _ path: FilePath, _ outcome: Outcome) -> Bool {
    let head = "\(path.printable) (job \(job)):"
    switch outcome {
    case .rotated(let rotated):
      Output.line("\(head) rotated, \(ByteSize.describe(rotated.bytes)), to \(rotated.archive.printable)")
      if let way = rotated.way { Output.line("\(head) truncated by \(way.rawValue), which \(way.risk)") }
      for name in rotated.pruned { Output.line("\(head) removed \(name.printable)") }
      for (archive, writers) in rotated.held {
        let who = writers.isEmpty ? "a process" : writers.joined(separator: ", ")
        Output.line("\(head) \(archive.printable) is not yet removed: \(who) has it open for writing")
      }
      for failure in rotated.unremoved { Output.error("\(head) \(failure.step.printable): \(failure.reason)") }
      if let impossible = rotated.impossible {
        Output.error("\(head) its archives are not \(impossible): the hidden names that this needs would be too long")
      }
      for foreign in rotated.foreign { Output.error("\(head) \(foreign) is not a file of rotated: it is left alone") }
      for name in rotated.setAside {
        Output.line("\(head) two files had one version number; one is now \(name.printable)")
      }
    case .settled: Output.line("\(head) finished an interrupted rotation")
    case .skipped(let skip): Output.line("\(head) not rotated: \(skip)")
    case .failed(let failure):
      Output.error("\(head) cannot rotate: \(failure.step.printable): \(failure.reason)")
      return true
    }
    return false
  }
}
