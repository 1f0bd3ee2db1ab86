import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Owed notifications")
struct OwedHookTests {
  static let reload = HookTests.reload
  static let shell = HookTests.shell

  @Test("writers that were not notified before a crash are notified at the next start, and only then")
  func crash() throws {
    let rig = Rig([HookTests.job("a", every: 600, [Self.reload, Self.shell])])
    rig.fill("a.log")
    rig.processes.units = { _ in .init(takes: nil) }
    try rig.live(seconds: 605, stops: false)
    #expect(rig.disk.content(of: "/logs/a.log.1") == "x\n")
    #expect(rig.notified.count == 1)
    rig.processes.units = { _ in .init() }
    try rig.live(seconds: 10)
    #expect(rig.notified.count == 2)
    #expect(rig.processes.started.last?.request.environment["ROTATED_ARCHIVE"] == "/logs/a.log.1")
    try rig.live(seconds: 10)
    #expect(rig.notified.count == 2)
    #expect(rig.messages(.rotated).count == 1)
  }

  @Test("after a kill at any change on the disk of a rotation, the writer is notified at the restart")
  func crashAnywhere() throws {
    for changes in 1...40 {
      let rig = Rig([HookTests.job("a", every: 600, [Self.reload])])
      rig.fill("a.log")
      try rig.live(seconds: 590, stops: false)
      rig.driver.advance(by: 9 * Rig.second)
      let before = rig.notified.count
      var hasCrashed = false
      rig.disk.onCrash = {
        hasCrashed = true
        rig.crash()
      }
      try rig.live(seconds: 10, stops: false) { $0.disk.changesUntilCrash = changes }
      rig.disk.changesUntilCrash = nil
      let notifiedAtCrash = rig.notified.count - before
      try rig.live(seconds: 10)
      #expect(rig.disk.content(of: "/logs/a.log.1") == "x\n", "after \(changes) changes")
      #expect(rig.notified.count >= 1, "after \(changes) changes, told \(notifiedAtCrash) before")
      #expect(rig.disk.content(of: "/logs/a.log.2") == nil)
      if !hasCrashed { return #expect(changes > 5) }
    }
    Issue.record("a rotation has more changes than were tried")
  }

  @Test("a rotation that an error has interrupted is notified of when a later try finishes it")
  func finishedLater() throws {
    let rig = Rig([HookTests.job("a", every: 600, [Self.reload])])
    var failures = 0
    rig.disk.fault = { call, directory, _ in
      guard call == .rename, directory == "/logs", failures < 3 else { return nil }
      failures += 1
      return .io
    }
    try rig.live(seconds: 700) { $0.fill("a.log") }
    #expect(failures == 3)
    #expect(rig.disk.content(of: "/logs/a.log.1") == "x\n")
    #expect(rig.notified.count == 1)
    try rig.live(seconds: 10)
    #expect(rig.notified.count == 1)
  }

  @Test("a reload that removes the job, or changes its hooks, loses no hook that is owed")
  func reload() throws {
    let other = Hook.reload(unit: "other.service")
    let rig = Rig([HookTests.job("a", [Self.reload]), HookTests.job("b", [other])])
    rig.processes.units = { _ in rig.notified.count < 5 ? .failure("busy") : .init() }
    try rig.live(seconds: 100) { rig in
      rig.fill("a.log")
      rig.fill("b.log")
      rig.at(62) {
        rig.configuration.jobs.removeFirst()
        rig.configuration.jobs[0].policy.rules.hooks = []
        rig.manager.send(.reload)
      }
    }
    #expect(rig.messages(.reloaded).count == 1)
    #expect(
      rig.messages(.notified).sorted() == [
        "job a: notified app.service (reload) of /logs/a.log, at attempt 3",
        "job b: notified other.service (reload) of /logs/b.log, at attempt 3",
      ])
    try rig.live(seconds: 10)
    #expect(rig.messages(.note) == [])
  }

  @Test("a log whose job was removed before the restart is notified to nobody, which is reported once")
  func jobGone() throws {
    let rig = Rig([HookTests.job("a", [Self.reload])])
    rig.fill("a.log")
    rig.processes.units = { _ in .init(takes: nil) }
    try rig.live(seconds: 65, stops: false)
    rig.configuration.jobs = [Rig.job("b", every: 600)]
    try rig.live(seconds: 10)
    try rig.live(seconds: 10)
    let lost = "/logs/a.log was rotated, but its writers were not notified: no job with `notify` has it now"
    #expect(rig.messages(.note) == [lost])
  }

  @Test("a stop sends what is held back and waits for it")
  func stopWaits() throws {
    let rig = Rig([HookTests.job("a", [Self.reload, Self.shell])])
    rig.processes.units = { _ in .init(takes: 5 * Rig.second) }
    rig.processes.play = { _ in SimulatedProcesses.Play(takes: 3 * Rig.second) }
    rig.fill("a.log")
    let start = rig.driver.now().nanoseconds
    try rig.live(seconds: 62)
    #expect(rig.driver.now().nanoseconds - start == 65 * Rig.second)
    #expect(rig.messages(.notified).count == 2)
    #expect(rig.manager.notifications.contains(.extendTimeout(microseconds: 20_000_000)))
    try rig.live(seconds: 5)
    #expect(rig.notified.count == 1)
  }

  @Test("a stop waits no longer than its limit: the child is killed, and the hook is sent at the next start")
  func stopIsBounded() throws {
    let rig = Rig([HookTests.job("a", [.run(.shell("hang"), limit: .seconds(3600))])])
    rig.processes.play = { _ in SimulatedProcesses.Play(takes: nil) }
    rig.fill("a.log")
    let start = rig.driver.now().nanoseconds
    try rig.live(seconds: 62)
    #expect(rig.driver.now().nanoseconds - start == 72 * Rig.second)
    #expect(rig.messages(.hookFailed) == ["not notified within 10s: 'hang'; they are notified at the next start"])
    rig.processes.play = { _ in SimulatedProcesses.Play() }
    try rig.live(seconds: 10)
    #expect(rig.processes.killed == 1)
    #expect(rig.processes.started.count == 2)
    #expect(rig.messages(.notified).count == 1)
  }

  @Test("a hook that was failing at a stop is not tried again before the next start")
  func stopWhileFailing() throws {
    let rig = Rig([HookTests.job("a", [Self.reload])])
    rig.processes.units = { _ in .failure("busy") }
    rig.fill("a.log")
    let start = rig.driver.now().nanoseconds
    try rig.live(seconds: 200)
    #expect(rig.driver.now().nanoseconds - start == 200 * Rig.second)
    rig.processes.units = { _ in .init() }
    try rig.live(seconds: 5)
    #expect(rig.messages(.notified).count == 1)
  }

  /// Jobs by size; each rotation at the start is notified of by one command, however many slices the first check takes.
  private func bySize(_ name: String, _ hooks: [Hook]) -> Job {
    var job = HookTests.job(name, hooks)
    job.schedule = nil
    job.sizeLimit = SizeLimit(bytes: 2, check: nil)
    return job
  }

  @Test(
    "at a start with more logs over their size than one slice has, each hook is sent once, with all its logs",
    arguments: [70, 200, 1000])
  func startOverSize(count: Int) throws {
    let rig = Rig([bySize("many", [Self.shell])])
    rig.configuration.jobs[0].logs = [LogPattern("/logs/*.log")]
    rig.processes.play = { _ in SimulatedProcesses.Play(takes: Rig.second) }
    for number in 0..<count { rig.fill("\(1000 + number).log") }
    try rig.live(seconds: 60)
    #expect(rig.messages(.rotated).count == count)
    #expect(rig.processes.started.map { $0.request.environment["ROTATED_COUNT"] } == ["\(count)"])
  }

  @Test("what the runs of a start rotate is not notified again as owed from before")
  func startOwesNothing() throws {
    let jobs = (0..<150).map { number in
      bySize("job\(number)", [.run(.shell("reopen \(number)"), limit: .seconds(10))])
    }
    let rig = Rig(jobs)
    rig.processes.play = { _ in SimulatedProcesses.Play(takes: Rig.second) }
    for job in jobs { rig.fill("\(job.name).log") }
    try rig.live(seconds: 60)
    #expect(rig.messages(.rotated).count == 150)
    #expect(rig.processes.started.count == 150)
  }

  @Test(
    "what an earlier run owes and what is due at the start is one hook, however many logs are checked before",
    arguments: [0, 1000])
  func owedAndDue(quiet: Int) throws {
    var others = bySize("quiet", [])
    others.logs = [LogPattern("/logs/quiet-*.log")]
    let rig = Rig([bySize("a", [Self.shell]), others, bySize("b", [Self.shell])])
    for number in 0..<quiet { rig.disk.plant(.regular, at: "/logs/quiet-\(1000 + number).log") }
    rig.fill("a.log")
    rig.processes.play = { _ in SimulatedProcesses.Play(takes: nil) }
    try rig.live(seconds: 5, stops: false)
    #expect(rig.processes.started.count == 1)
    rig.fill("b.log")
    rig.processes.play = { _ in SimulatedProcesses.Play() }
    try rig.live(seconds: 10)
    #expect(rig.processes.started.map { $0.request.environment["ROTATED_COUNT"] } == ["1", "2"])
  }

  @Test("jobs without hooks cost the state nothing")
  func noCost() throws {
    let rig = Rig([Rig.job("a", every: 60)])
    try rig.live(seconds: 70) { $0.fill("a.log") }
    let state = try #require(rig.disk.content(of: "/state/state"))
    #expect(!state.contains(" W ") && !state.contains(" T "))
    #expect(rig.disk.content(of: "/logs/a.log.1") == "x\n")
  }

  @Test("a run by hand notifies of what a killed run by hand owes, once, and as the daemon would")
  func byHand() throws {
    let rig = Rig([HookTests.job("a", [Self.reload]), HookTests.job("b", [Self.reload])])
    rig.fill("a.log")
    rig.processes.units = { _ in .init(takes: nil) }
    rig.at(10) { rig.crash() }
    #expect(try rig.rotateByHand() == false)
    #expect(rig.content("a.log.1") == "x\n")
    rig.processes.units = { _ in .init() }
    rig.fill("b.log")
    #expect(try rig.rotateByHand())
    let both = "jobs a, b: notified app.service (reload) of 2 logs"
    #expect(rig.messages(.notified) == [both])
    #expect(try rig.rotateByHand())
    #expect(rig.messages(.notified) == [both])
    try rig.live(seconds: 10)
    #expect(rig.notified.count == 2)
  }
}
