package import Config
internal import EventLoop
internal import Rotation

/// The daemon: one task per job, on one loop, and the conversation with the service manager.
///
/// A job's task sleeps until its schedule, its size check or a retry is due, takes one turn, and sleeps again. A turn
/// is cut into slices, and between two slices everything else gets its chance: signals, the watchdog, other jobs.
package actor Supervisor {
  nonisolated private let loop: LoopExecutor
  nonisolated package var unownedExecutor: UnownedSerialExecutor {
    unsafe loop.asUnownedSerialExecutor()
  }

  let platform: Platform
  let rotator: Rotator
  let truncator: Truncator
  let finisher: Finisher
  let space: SpaceWatch
  let notifier: Notifier
  /// For the commands of `before`.
  let runner: CommandRunner
  let sizes: SizeWatch
  var state: StateStore { rotator.state }
  private(set) var finder: LogFinder
  var claims: Claims { claimed.claims }
  let claimed: ClaimedNames
  var zone: Zone {
    didSet { rotator.zone = zone }
  }
  var status = StatusBoard()
  private(set) var jobs: [String: JobRuntime] = [:]
  private var runningTasks = 0
  private var hasEnded = false
  private(set) var isStopping = false
  private var watchdogAlarm: Alarm?
  /// READY was told; a reload that comes earlier waits for it.
  private var isStarted = false
  private var wantsReload = false
  /// Rotations that a start or a reload has finished, and whose writers are to be told.
  var recovered: [(path: FilePath, inode: UInt64)] = []
  /// Logs whose rotation was undone, and until when they are not rotated for their size.
  var undone: [FilePath: (times: Int, until: MonotonicTime)] = [:]
  let gate = Gate(limit: Limits.maxTurns)

  /// A supervisor of these jobs; nothing happens before `start()`.
  package init(platform: Platform, configuration: Configuration, state: StateStore) {
    self.loop = platform.loop
    self.platform = platform
    let zone = platform.loadZone() ?? .utc
    self.zone = zone
    self.claimed = ClaimedNames(Claims(configuration), state: state)
    self.finder = LogFinder(fileSystem: platform.fileSystem, claims: claimed.claims)
    self.rotator = Rotator(fileSystem: platform.fileSystem, loop: platform.loop, state: state, zone: zone)
    self.sizes = SizeWatch(platform: platform, finder: finder, heads: rotator.heads)
    self.truncator = Truncator(fileSystem: platform.fileSystem, loop: platform.loop, rotator: rotator)
    self.finisher = Finisher(platform: platform, state: state, maxChildren: Self.childLimit(configuration, platform))
    self.space = SpaceWatch(configuration.daemon, on: platform.loop)
    self.notifier = Notifier(platform: platform)
    self.runner = CommandRunner(platform: platform)
    rotator.reader.claimed = claimed
    finisher.reader.claimed = claimed
    for (index, job) in configuration.jobs.enumerated() {
      jobs[job.name] = JobRuntime(job, index: index, loop: platform.loop)
    }
  }

  /// How many children may compress at a time.
  private static func childLimit(_ configuration: Configuration, _ platform: Platform) -> Int {
    configuration.daemon.maxChildren ?? max(1, platform.processors / 2)
  }

  // MARK: Life

  /// Recovers half-done rotations, starts every job and says READY. Returns at once when a stop was asked for.
  package func start() async {
    finisher.onIdle = { [weak self] in self?.endOfUpkeep(of: $0) }
    for report in state.load() { platform.report(report) }
    state.forgetJobs(except: Set(jobs.keys))
    startWatchdog()
    let runtimes = jobs.values.sorted { $0.index < $1.index }
    setClocks(of: runtimes)
    listenToAfterWork()
    await recover(runtimes)
    begin(runtimes)
    await watchSizes(runtimes)
    if isStopping { return endIfDone() }
    status.jobs = jobs.count
    let text = status.text(zone: zone)
    platform.report(Report(.started, .notice, "started with \(text)"))
    platform.serviceManager.notify(.ready(status: text))
    isStarted = true
    tellUntold()
    await sweep(runtimes)
    beginRetention(runtimes)
    platform.releaseMemory()
    if wantsReload { await reload() }
  }

  /// Answers a request of the service manager or the operator.
  package func handle(_ request: Request) async {
    switch request {
    case .reload where !isStarted: wantsReload = true
    case .reload: if !isStopping { await reload() }
    case .lookNow: lookNow()
    case .zoneChanged: if !isStopping { adoptZone() }
    case .stop: stop()
    }
  }

  private func stop() {
    guard !isStopping else { return }
    isStopping = true
    platform.serviceManager.notify(.stopping(status: "stopping"))
    for runtime in jobs.values {
      runtime.alarm.ring()
      runtime.retention?.alarm.ring()
    }
    space.alarm.ring()
    truncator.isStopping = true
    finisher.stop()
    runner.stop()
    notifier.stop()
    sizes.stop()
    watchdogAlarm?.ring()
    endIfDone()
  }

  func endIfDone() {
    // What compresses was killed, and is waited for: it leaves nothing behind.
    guard isStopping, !hasEnded, runningTasks == 0, finisher.isIdle, notifier.isIdle else { return }
    hasEnded = true
    platform.report(Report(.stopped, .notice, "stopped with \(status.text(zone: zone))"))
    loop.stop()
  }

  // MARK: Jobs

  /// Sets the clocks of jobs that begin, and remembers those that were never seen before.
  private func setClocks(of runtimes: [JobRuntime]) {
    let now = Now(loop)
    var firstSeen: [StateRecord] = []
    for runtime in runtimes {
      let job = runtime.job
      runtime.nextCheck = job.sizeLimit?.check.map { _ in now.monotonic }
      guard let schedule = job.schedule else { continue }
      let served = state.served(job: job.name)
      runtime.clock = JobClock(schedule, served: served ?? now.wall, now: now, zone: zone)
      if served == nil { firstSeen.append(.served(job: job.name, now.wall)) }
      skipMissed(runtime)
    }
    state.record(firstSeen)
  }

  private func begin(_ runtimes: [JobRuntime]) {
    for runtime in runtimes {
      runningTasks += 1
      Task(executorPreference: loop) { await self.run(runtime) }
    }
  }

  /// A job's task, from start to retirement.
  ///
  /// A sleeping job keeps its frame, and a hundred thousand of them are held in the first kilobyte of their tasks' stacks
  /// only as long as it is small. So what needs room is not inlined here, and a turn has a task of its own.
  private func run(_ runtime: JobRuntime) async {
    while goesOn(runtime) {
      let wake = await runtime.alarm.wait(until: runtime.deadline)
      guard goesOn(runtime) else { break }
      begin(runtime, after: wake)
      await gate.enter()
      await Task(executorPreference: loop) { await self.turn(runtime) }.value
      end(runtime)
    }
    runningTasks -= 1
    endIfDone()
  }

  private func goesOn(_ runtime: JobRuntime) -> Bool { !runtime.isRetired && !isStopping }

  // MARK: Reload

  private func reload() async {
    platform.serviceManager.notify(.reloading)
    let result = platform.loadConfig()
    for diagnostic in result.diagnostics { platform.report(Report(diagnostic)) }
    if let configuration = result.configuration {
      await announceRemovals(by: configuration)
      await adopt(configuration)
    } else {
      status.configProblem = "the config was refused, the one before is in force"
      platform.report(Report(.configRejected, .error, "config refused: the one before stays in force"))
    }
    platform.serviceManager.notify(.ready(status: status.text(zone: zone)))
  }

  /// Takes the new config into use, job by job: what has not changed goes on undisturbed.
  private func adopt(_ configuration: Configuration) async {
    adoptZone()
    claimed.claims = Claims(configuration)
    finder = LogFinder(fileSystem: platform.fileSystem, claims: claims)
    rotator.forgetFamilies()
    var former = jobs
    jobs = [:]
    var added: [JobRuntime] = []
    var changed: [JobRuntime] = []
    var movesLogs = false
    for (index, job) in configuration.jobs.enumerated() {
      guard let runtime = former.removeValue(forKey: job.name) else {
        let runtime = JobRuntime(job, index: index, loop: loop)
        jobs[job.name] = runtime
        added.append(runtime)
        continue
      }
      jobs[job.name] = runtime
      movesLogs = movesLogs || runtime.index != index || runtime.job.claimsOtherwise(than: job)
      runtime.index = index
      if runtime.job != job {
        changed.append(runtime)
        change(runtime, to: job)
      }
    }
    for runtime in former.values {
      runtime.isRetired = true
      runtime.alarm.ring()
      runtime.retention?.alarm.ring()
    }
    state.forgetJobs(except: Set(jobs.keys))
    status.configProblem = nil
    status.jobs = jobs.count
    status.forget(jobs: former.keys)
    finisher.forget(jobs: former.keys)
    for runtime in changed { finisher.change(job: runtime.job.name, policy: runtime.job.policy) }
    finisher.children.change(limit: Self.childLimit(configuration, platform))
    setClocks(of: added)
    await recover(added)
    tellRecovered()
    begin(added.filter { !$0.isRetired })
    sizes.adopt(
      jobs.values.sorted { $0.index < $1.index }, finder: finder,
      surveys: movesLogs || !added.isEmpty || !former.isEmpty)
    platform.report(
      Report(
        .reloaded, .notice,
        "config reloaded: \(added.count) added, \(changed.count) changed, \(former.count) removed, "
          + "\(configuration.jobs.count - added.count - changed.count) unchanged"))
    await sweep(added + changed)
    space.settings = configuration.daemon
    beginRetention(added + changed)
    platform.releaseMemory()
  }

  /// Gives a job its new settings. The phase of its schedule stays if the schedule does.
  private func change(_ runtime: JobRuntime, to job: Job) {
    let before = runtime.job
    runtime.job = job
    runtime.complaints = [:]
    let now = Now(loop)
    if before.schedule != job.schedule {
      let known = runtime.clock?.served ?? state.served(job: job.name)
      if known == nil, job.schedule != nil { state.record([.served(job: job.name, now.wall)]) }
      runtime.clock = job.schedule.map { JobClock($0, served: known ?? now.wall, now: now, zone: zone) }
      skipMissed(runtime)
      runtime.retry = nil
    }
    if before.sizeLimit != job.sizeLimit { runtime.nextCheck = job.sizeLimit?.check.map { _ in now.monotonic } }
    runtime.looksNow = true
    runtime.alarm.ring()
  }

  // MARK: Watchdog

  /// A task of its own, by deadline: a flow of signals or a long queue of ready jobs delays it by one pass.
  private func startWatchdog() {
    guard let interval = platform.serviceManager.watchdogInterval else { return }
    let alarm = Alarm(on: loop)
    watchdogAlarm = alarm
    Task(executorPreference: loop) { await self.keepWatchdogQuiet(alarm, every: Int64(clamping: interval)) }
  }

  private func keepWatchdogQuiet(_ alarm: Alarm, every interval: Int64) async {
    while !isStopping {
      platform.serviceManager.notify(.watchdog)
      let next = loop.now().advanced(by: Span(nanoseconds: interval))
      _ = await alarm.wait(until: .monotonic(next))
    }
  }
}
