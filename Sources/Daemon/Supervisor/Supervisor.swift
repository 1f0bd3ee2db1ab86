package import Config
internal import EventLoop
internal import Rotation
internal import Timekeeping

/// The daemon: jobs on one loop, and the conversation with the service manager.
///
/// Requests are carried out by one task, one at a time (`ControlQueue`). Whatever else suspends may go on under another
/// config than it began with: see `JobRegistry`.
///
/// A job sleeps until its schedule, its size check or a retry is due, makes the runs that are due, and sleeps again. A
/// run is cut into slices, and between two slices everything else gets its chance: signals, the watchdog, other jobs.
package final class Supervisor {
  /// Jobs or logs that are looked at between two chances for everything else.
  static let slice = 256

  private let loop: LoopExecutor

  let platform: Platform
  let rotator: Rotator
  let housekeeper: Housekeeper
  let writerChecks: WriterChecks
  let space: SpaceWatch
  let notifier: Notifier
  let sizes: SizeWatch
  let runs: Runs
  private let failures: FailureCommands
  private let events = Events()
  var state: StateStore { rotator.state }
  /// The jobs of the config in force.
  var registry: JobRegistry
  /// Which names are those of logs and of archives at once.
  let claimed: ClaimedNames
  var zone: Zone {
    didSet { rotator.zone = zone }
  }
  let status: StatusBoard
  var lifecycle = Lifecycle.starting
  private let control: ControlQueue
  /// Clients of the control socket; nil where there is none.
  private var server: ControlServer?
  /// What is shown to operators and done for them.
  package private(set) lazy var operators = Operators(self)
  private lazy var metricsFile = MetricsFile(platform, operators, settings, events)
  /// What was reported and counted since the start.
  let activity: Activity
  let started: Now
  /// Of the config in force: its settings of the daemon, its digest, and when it was read.
  var settings: DaemonSettings
  var configDigest = ""
  var strayConfig = StrayConfig()
  var configLoaded: WallTime
  var trial: ConfigTrial?
  var lastReload = ReloadOutcome()
  private var runningJobs = 0
  private let watchdog: Worker
  /// Rotations that a start or a reload has finished, and whose writers are to be told.
  var recovered: [(path: FilePath, inode: UInt64)] = []

  /// A supervisor of these jobs; nothing happens before `start()`.
  package init(platform: Platform, configuration: Configuration, state: StateStore) {
    self.loop = platform.loop
    let activity = Activity(platform.report, now: platform.loop.wallClock)
    var platform = platform
    platform.report = { activity.take($0) }
    platform.problems.report = platform.report
    self.activity = activity
    self.platform = platform
    let started = Now(platform.loop)
    self.started = started
    self.settings = configuration.daemon
    self.configDigest = configuration.sha256
    self.configLoaded = started.wall
    self.status = StatusBoard(platform.problems)
    let zone = platform.loadZone() ?? .utc
    self.zone = zone
    self.registry = JobRegistry(configuration, on: platform)
    self.claimed = ClaimedNames(registry.claims, state: state)
    self.control = ControlQueue(on: platform.loop)
    self.watchdog = Worker(on: platform.loop)
    self.rotator = Rotator(fileSystem: platform.fileSystem, loop: platform.loop, state: state, zone: zone)
    rotator.adopt(registry.claims)
    self.space = SpaceWatch(configuration.daemon, on: platform.loop)
    let pauses = SizePauses(platform.loop, state, space)
    self.notifier = Notifier(platform: platform, registry: registry, events: events)
    self.housekeeper = Housekeeper(
      platform: platform, state: state, notifier: notifier, pauses: pauses, space: space, events: events,
      maxChildren: Housekeeper.childLimit(configuration.daemon, platform))
    self.writerChecks = WriterChecks(platform: platform, registry: registry, state: state, housekeeper: housekeeper)
    self.sizes = SizeWatch(
      platform: platform, registry: registry, heads: rotator.heads, state: state, pauses: pauses, notifier: notifier)
    self.runs = Runs(platform, registry, rotator, notifier, housekeeper, writerChecks, pauses, control, events)
    self.failures = FailureCommands(platform, registry, configuration.daemon, events)
    rotator.reader.claimed = claimed
    housekeeper.reader.claimed = claimed
    events.supervisor = self
    platform.problems.onChange = { [weak self] in
      self?.showStatus()
      self?.watchTrial()
    }
    platform.problems.onBegin = { [weak failures] in failures?.begin($0) }
    guard let socket = platform.control else { return }
    server = ControlServer(
      socket, operators, on: platform.loop, report: platform.report, onIdle: { [weak self] in self?.endIfDone() })
  }

  /// A stop was asked for: nothing new is begun, and what is under way ends at its next yield.
  var isStopping: Bool { control.wantsStop }

  /// Those that go by the config, in the order in which they take over another.
  var subsystems: [any Subsystem] {
    [
      state, status, activity, platform.problems, claimed, rotator, runs, notifier, writerChecks, housekeeper, sizes,
      space, failures, metricsFile,
    ]
  }

  // MARK: Life

  /// Recovers half-done rotations, starts every job and says READY; then answers requests, until it has begun to stop.
  package func start() async {
    await goLive()
    while lifecycle == .starting || lifecycle == .running {
      await carryOut(await control.next())
    }
  }

  /// Takes a request of the service manager or the operator: it is carried out when those before it are. Equal ones that
  /// wait are one, and a stop goes before all others. `reply` is called once, on the loop's thread.
  package func submit(_ request: Request, reply: ((Reply) -> Void)? = nil) {
    control.add(request, reply: reply)
    if control.wantsStop { sizes.endWait() }
  }

  /// Up to READY; a stop that is asked for meanwhile cuts it short.
  private func goLive() async {
    for report in state.load() { platform.report(report) }
    server?.start()
    state.forgetJobs(except: registry.names)
    startWatchdog()
    guard await goOnFromLogrotate(registry.runtimes) else { return }
    for start in stride(from: 0, to: registry.runtimes.count, by: Self.slice) {
      if start > 0 { await loop.yield() }
      setClocks(of: Array(registry.runtimes[start..<min(start + Self.slice, registry.runtimes.count)]))
    }
    await recover(registry.names)
    notifyOwed()
    resumeWaiting(of: registry.names)
    begin(registry.runtimes)
    await watchSizes()
    notifier.endGathering()
    if isStopping { return }
    status.jobs = registry.runtimes.count
    platform.serviceManager.notify(.ready(status: status.text(zone: zone)))
    lifecycle = .running
    metricsFile.start()
    let logs = await sweep(registry.runtimes)
    platform.report(RunReport.started(registry.runtimes, logs: logs, zone: zone, now: Now(platform.loop)))
    await findOtherRotators()
    beginRetention(registry.runtimes)
    platform.releaseMemory()
  }

  private func carryOut(_ entry: ControlQueue.Entry) async {
    switch entry.request {
    case .reload: return entry.answer(await reload())
    case .tryConfig(let span): return entry.answer(await reload(onTrialFor: span))
    case .confirmConfig: return entry.answer(endTrial(isConfirmed: true) ? .done : .unknown)
    case .dropConfig(let reason): return entry.answer(await dropConfig(reason: reason))
    case .run(let target, _): return ask(for: target, entry)
    case .pause(let jobs, let span): return entry.answer(pause(jobs, for: span) ? .done : .unknown)
    case .resume(let jobs): return entry.answer(resume(jobs) ? .done : .unknown)
    case .retryHooks(let hooks): return entry.answer(.retried(notifier.retryNow(hooks)))
    case .lookNow: lookNow()
    case .zoneChanged: adoptZone()
    case .ignored(let signal):
      platform.report(Report(.note, .notice, "received \(signal), which is ignored"))
    case .stop: stop()
    }
    entry.answer(.done)
  }

  private func stop() {
    lifecycle = .stopping
    control.close()
    platform.serviceManager.notify(.stopping(status: "stopping"))
    for runtime in registry.runtimes {
      runtime.alarm.ring()
      runtime.retention?.worker.stop()
    }
    space.worker.stop()
    runs.stop()
    writerChecks.stop()
    housekeeper.stop()
    notifier.stop()
    failures.stop()
    metricsFile.stop()
    sizes.stop()
    watchdog.stop()
    trial?.worker.stop()
    server?.stop()
    endIfDone()
  }

  func endIfDone() {
    // What compresses was killed, and is waited for: it leaves nothing behind.
    guard lifecycle == .stopping, runningJobs == 0, housekeeper.isIdle, notifier.isIdle, failures.isIdle,
      metricsFile.isIdle, server?.isIdle ?? true
    else { return }
    lifecycle = .stopped
    platform.report(Report(.stopped, .notice, "stopped with \(status.text(zone: zone))"))
    loop.stop()
  }

  // MARK: Jobs

  func begin(_ runtimes: [JobRuntime]) {
    for runtime in runtimes {
      runningJobs += 1
      if runtime.job.policy.retained != nil {
        // What it will remove is reported before it does.
        runtime.looksNow = true
        runtime.alarm.ring()
      }
      sleep(runtime)
    }
  }

  /// A job sleeps without a task, because there may be a hundred thousand: its alarm starts one, which ends when the job sleeps
  /// again, and frees what its runs needed. So it is no `Worker`.
  private func sleep(_ runtime: JobRuntime) {
    runtime.alarm.call(after: runtime.deadline) { [self] wake in
      loop.start((self, runtime)) { await $0.0.run($0.1, after: wake) }
    }
  }

  /// What a job does when it has woken; the job ends when the config does not have it any more, and when the daemon stops.
  private func run(_ runtime: JobRuntime, after wake: Alarm.Wake) async {
    if goesOn(runtime), !isPaused(runtime) {
      begin(runtime, after: wake)
      await runs.gate.enter()
      await serve(runtime)
      end(runtime)
    }
    if goesOn(runtime) { return sleep(runtime) }
    dropAsked(of: runtime)
    runningJobs -= 1
    endIfDone()
  }

  private func goesOn(_ runtime: JobRuntime) -> Bool { !runtime.isRetired && !isStopping }

  // MARK: Watchdog

  /// A task of its own, by deadline: a flow of signals or a long queue of ready jobs delays it by one pass.
  private func startWatchdog() {
    guard let interval = platform.serviceManager.watchdogInterval else { return }
    watchdog.start(self) { supervisor in
      supervisor.platform.serviceManager.notify(.watchdog)
      let next = supervisor.loop.now().advanced(by: Span(nanoseconds: Int64(clamping: interval)))
      return .sleep(until: .monotonic(next))
    }
  }
}
