internal import Config
package import Daemon
internal import EventLoop
internal import Rotation
internal import Timekeeping

/// The production Supervisor in a simulated world, from a seed: writers that write, a disk that fails, crashes between
/// any two steps, clocks that are set, configs that change, foreigners that delete and plant.
package final class World {
  private static let minute: Int64 = 60_000_000_000
  private static let day: Int64 = 24 * 60 * minute

  package let scenario: Scenario
  package let driver: SimulatedDriver
  package let disk = SimulatedFileSystem()
  package let checker: Checker
  /// The daemon's reports, with the second of the wall clock; kept on request, for the replay of a seed.
  package private(set) var reports: [(time: Int64, report: Report)] = []
  package var keepsReports = false
  package private(set) var starts = 0
  package private(set) var crashes = 0
  package private(set) var rotations = 0

  var generator: SeededGenerator
  var configuration: Configuration
  var isConfigBroken = false
  private var lastReload: Int64?
  private(set) var manager = SimulatedServiceManager()
  private var loop: LoopExecutor?
  /// The file that each log's writer has open.
  var writers: [FilePath: UInt64] = [:]
  var lineNumber = 0
  var faultsEnd: Int64 = 0
  private var faultyCalls: Set<SimulatedFileSystem.Call> = []
  var isOver = false
  private(set) var isCalm = false
  private var downtime: Int64 = 0
  /// When the faults end.
  var peace: Int64 = 0
  var lifeBegan: Int64 = 0
  /// Inodes of files whose last name a foreigner has removed.
  var deletedByForeigners: Set<UInt64> = []
  let ledger: HookLedger
  /// Until when the target of a hook cannot be reached.
  var away: [Hook: Int64] = [:]

  package init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    scenario = Scenario(&generator)
    driver = SimulatedDriver(seed: seed)
    configuration = scenario.configuration
    checker = Checker(disk: disk, logs: Dictionary(uniqueKeysWithValues: scenario.logs.map { ($0.path, $0.job) }))
    ledger = HookLedger(checker, logs: scenario.logs) { [driver] in driver.now().nanoseconds }
    self.generator = generator
    // Half of all worlds. It is no draw of the scenario: what a seed has stood for stays so.
    disk.hasFastExchange = (1...2).contains(seed % 4)
    setUpDisk()
  }

  private func setUpDisk() {
    disk.clock = { [unowned self] in driver.wallClock() }
    disk.refusesRenameFlags = scenario.refusesRenameFlags
    disk.capacity = scenario.capacity
    disk.watches.limit = scenario.watchLimit
    disk.makeDirectory(Scenario.logDirectory)
    disk.makeDirectory(Scenario.stateDirectory)
    disk.makeDirectory(Scenario.otherFileSystem)
    disk.mounts = [Scenario.otherFileSystem]
    disk.beforeRemoval = { [unowned self] in checker.beforeRemoval($0, $1) }
    disk.afterChange = { [unowned self] call, directory, name in
      checker.afterChange(call, directory, name, driver.wallClock().nanoseconds)
      ledger.afterChange(call, directory, name)
      if call == .link, scenario.hasRogues, !isCalm, chance(4) { intrude(beside: name) }
    }
    disk.beforePublish = { [unowned self] in checker.beforePublish($0, $1) }
    disk.fault = { [unowned self] call, directory, name in
      ledger.beforeCall(directory, name)
      if directory == Scenario.stateDirectory, let capacity = disk.capacity, capacity - disk.used < 4000 {
        noteStateFault()
      }
      guard driver.now().nanoseconds < faultsEnd, faultyCalls.contains(call), chance(3) else { return nil }
      if directory == Scenario.stateDirectory { noteStateFault() }
      return [Errno.io, .noSpace, .permission].randomElement(using: &generator)
    }
    disk.onCrash = { [unowned self] in
      crashes += 1
      ledger.crash()
      if keepsReports { reports.append((driver.wallClock().seconds, Report(.note, .debug, "CRASH"))) }
      loop?.stop()
    }
  }

  private func noteStateFault() {
    checker.noteStateFault(driver.wallClock().nanoseconds)
    ledger.noteStateFault()
  }

  func random(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }

  func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &generator) == 0 }

  // MARK: Time

  /// Runs for this many days, the last two of them in peace, and checks.
  package func run(days: Int64) {
    if !scenario.stepsClock && !scenario.hasForeigners { checker.phase = driver.wallClock().nanoseconds }
    for log in scenario.logs { write(to: log.path, again: true) }
    let end = driver.now().nanoseconds + days * Self.day
    peace = end - 2 * Self.day
    driver.schedule(at: MonotonicTime(nanoseconds: peace)) { [unowned self] in calmDown() }
    driver.schedule(at: MonotonicTime(nanoseconds: end)) { [unowned self] in
      isOver = true
      loop?.stop()
    }
    scheduleProblems()
    scheduleLook()
    scheduleReckoning()
    while !isOver { live() }
    checker.checkLines()
    checkCalm()
  }

  /// One life of the daemon: from a start to a stop or a crash.
  private func live() {
    // The daemon runs during the days of peace.
    driver.advance(by: max(0, min(downtime, peace - driver.now().nanoseconds)))
    downtime = 0
    checker.adopt(configuration)
    ledger.restart(configuration)
    disk.restart()
    let loop = LoopExecutor(driver: driver)
    self.loop = loop
    manager = SimulatedServiceManager()
    starts += 1
    let processes = SimulatedProcesses(driver: driver, disk: disk)
    processes.play = { [unowned self] request throws(Errno) in
      if case .file = request.output { try playChild() } else { try playCommand(request) }
    }
    processes.units = { [unowned self] hook throws(Errno) in try playUnit(hook) }
    processes.signalScript = { [unowned self] in signal($0, $1) }
    defer { processes.endLife() }
    lifeBegan = driver.now().nanoseconds
    let platform = Platform(
      loop: loop, fileSystem: disk, serviceManager: manager,
      processes: processes,
      loadConfig: { [unowned self] in loadConfig() },
      loadZone: { .utc },
      report: { [unowned self] in note($0) })
    guard let directory = try? disk.openDirectory(Scenario.stateDirectory) else {
      // If the disk fails even here, the service manager starts the daemon again.
      downtime = Self.minute
      return
    }
    let state = StateStore(fileSystem: disk, directory: directory)
    let supervisor = Supervisor(platform: platform, configuration: configuration, state: state)
    manager.onRequest = { supervisor.submit($0) }
    loop.start(supervisor) { await $0.start() }
    loop.run()
    checkFarewell()
    downtime = disk.isDead || !isOver ? Int64.random(in: 1...(3 * 60), using: &generator) * Self.minute : 0
    if chance(3) { downtime += Int64.random(in: 0...(3 * Self.day), using: &generator) }
    if isCalm { downtime = Self.minute }
  }

  private func note(_ report: Report) {
    guard !disk.isDead else { return }
    if report.kind == .rotated { rotations += 1 }
    if keepsReports { reports.append((driver.wallClock().seconds, report)) }
  }

  private func loadConfig() -> ConfigResult {
    if isConfigBroken {
      return ConfigResult(
        configuration: nil,
        diagnostics: [Diagnostic(file: "rotated.toml", line: 1, column: 1, message: "simulated error")])
    }
    // What began before the first of several reloads in one moment continues with its former config.
    let former = driver.now().nanoseconds == lastReload ? 16 : 1
    lastReload = driver.now().nanoseconds
    checker.adopt(configuration, keeping: former)
    ledger.reload(configuration, keeping: former)
    return ConfigResult(configuration: configuration, diagnostics: [])
  }

  // MARK: Faults

  private func scheduleProblems() {
    every(2 * Self.day, if: scenario.hasFaults) { [unowned self] in
      faultsEnd = driver.now().nanoseconds + Int64.random(in: 1...300, using: &generator) * Self.minute
      faultyCalls = Set(SimulatedFileSystem.Call.allCases.filter { _ in chance(2) })
    }
    every(2 * Self.day, if: scenario.hasCrashes) { [unowned self] in
      disk.changesUntilCrash = Int.random(in: 1...25, using: &generator)
    }
    every(Self.day / 4, if: scenario.losesEvents) { [unowned self] in
      disk.watches.losses = Int.random(in: 1...5, using: &generator)
    }
    every(4 * Self.day, if: true) { [unowned self] in manager.send(.stop) }
    every(3 * Self.day, if: true) { [unowned self] in lookNow() }
    every(4 * Self.day, if: scenario.stepsClock) { [unowned self] in
      let step: Int64 = [Self.minute, 61 * Self.minute, Self.day, 40 * Self.day].randomElement(using: &generator) ?? 0
      driver.setWallClock(driver.wallClock() + Span(nanoseconds: chance(2) ? step : -step))
    }
    every(3 * Self.day, if: scenario.hasForeigners) { [unowned self] in meddle() }
    every(Self.day / 2, if: scenario.hasRogues) { [unowned self] in
      guard let log = scenario.logs.randomElement(using: &generator)?.path else { return }
      intrude(on: "\(log).\(Int.random(in: 1...3, using: &generator))")
    }
    every(3 * Self.day, if: scenario.hasReloads) { [unowned self] in requestAtOnce() }
  }

  /// Repeats something at random moments with this average distance, until calm.
  private func every(_ mean: Int64, if wanted: Bool, _ body: @escaping () -> Void) {
    guard wanted else { return }
    driver.schedule(after: Int64.random(in: 1...(2 * mean), using: &generator)) { [unowned self] in
      guard !isCalm else { return }
      body()
      every(mean, if: true, body)
    }
  }

  /// An administrator, a cron job or logrotate changes the directory.
  private func meddle() {
    guard let log = scenario.logs.randomElement(using: &generator)?.path else { return }
    let archive: FilePath = "\(log).\(Int.random(in: 1...4, using: &generator))"
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: deleteAsForeigner(archive)
    case 1: deleteAsForeigner(log)
    case 2: if disk.inode(of: archive) == nil { disk.plant(.directory, at: archive) }
    case 3:
      if disk.inode(of: "\(archive).gz") == nil { disk.plant(.regular, at: "\(archive).gz", content: "zip") }
    default: if disk.inode(of: archive) == nil { disk.plant(.symbolicLink, at: archive) }
    }
  }

  private func deleteAsForeigner(_ path: FilePath) {
    checker.noteForeignRemoval(of: path)
    ledger.noteDeleted(path)
    if let inode = disk.inode(of: path), disk.nodes[inode]?.links == 1 { deletedByForeigners.insert(inode) }
    disk.delete(path)
  }

  private func calmDown() {
    isCalm = true
    isConfigBroken = false
    faultsEnd = 0
    // Somebody gives the machine a larger disk.
    disk.capacity = nil
    disk.changesUntilCrash = nil
    // A directory that a foreigner has put where archives go has no second name: without rename flags it obstructs each
    // rotation, which is reported as an error, until somebody removes it.
    for (directory, name, inode) in checker.files
    where scenario.refusesRenameFlags && disk.nodes[inode]?.kind == .directory && name != "old" {
      disk.delete("\(directory)/\(name)")
    }
    manager.send(.reload)
    checker.checkLines(mayBeTruncated: true)
  }

  // MARK: The end

  /// After two days of peace every job is up to date: nothing is older, or larger, than its job allows.
  private func checkCalm() {
    let now = driver.wallClock().nanoseconds
    for (path, name) in scenario.logs {
      guard let job = configuration.jobs.first(where: { $0.name == name }) else { continue }
      if disk.inode(of: "\(Scenario.logDirectory)/\(StagingName.of(LogFinder.split(path).name))") != nil {
        checker.warn("\(path) has a leftover at the end")
      }
      checkAges(of: path, job)
      guard !scenario.stepsClock, let inode = disk.inode(of: path), let node = disk.nodes[inode] else { continue }
      let truncates = job.policy.method != .move
      if case .calendar = job.schedule, !node.content.isEmpty, node.born.nanoseconds < now - 2 * Self.day, !truncates,
        !job.policy.undoesWhenStuck
      {
        checker.warn("\(path) was not rotated in two days of peace")
      }
      let size = node.content.count { $0 != 0 && $0 != UInt8(ascii: " ") }
      if let limit = job.sizeLimit, !job.policy.undoesWhenStuck,
        size > limit.bytes + 400 * ((limit.check?.nanoseconds ?? Self.minute) / Self.minute)
          + 400 * ((limit.minInterval?.nanoseconds ?? 0) / Self.minute)
      {
        checker.warn("\(path) has \(size) bytes at a limit of \(limit.bytes)")
      }
    }
    for (path, name) in scenario.logs where !scenario.hasForeigners {
      guard let job = configuration.jobs.first(where: { $0.name == name }) else { continue }
      checker.checkSurplus(path, job.policy)
      guard !scenario.stepsClock else { continue }
      checker.checkCompressed(path, job.policy, now)
    }
    checkWriters()
    if starts > 0, manager.readyCount == 0 { checker.warn("the daemon never became ready in its last life") }
  }
}
