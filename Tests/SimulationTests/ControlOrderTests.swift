import Config
import Control
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Control orders")
struct ControlOrderTests {
  @Test("without force only logs that are due are rotated, and with it all; one reply for each log, then the sums")
  func rotate() throws {
    var sized = Rig.job("s", every: 6000)
    sized.logs = [LogPattern("/logs/s*.log")]
    sized.sizeLimit = SizeLimit(bytes: 10, check: .seconds(3600))
    let rig = Rig([Rig.job("a", every: 6000), sized])
    rig.fill("a.log")
    rig.fill("s1.log", "one\n")
    var caller: ControlCaller?
    var counts: [Int] = []
    try rig.live(seconds: 100) { rig in
      rig.at(10) {
        rig.fill("s2.log", "more than ten\n")
        let made = ControlCaller(rig)
        made.call("Rotate", more: true) { $0.wait = true }
        caller = made
      }
      rig.at(20) { counts.append(caller?.replies.count ?? 0) }
      rig.at(30) {
        caller?.call("Rotate") { ($0.logs, $0.force, $0.wait) = (["/logs/a.log", "/logs/s1.log"], true, true) }
        caller?.call("Rotate") { ($0.logs, $0.force) = (["/logs/s1.log.1"], true) }
        caller?.call("Rotate") { ($0.jobs, $0.force) = (["a", "none"], true) }
      }
      rig.at(40) {
        counts.append(caller?.replies.count ?? 0)
        rig.fill("a.log")
        caller?.call("Rotate") { $0.force = true }
      }
      rig.at(41) { #expect(rig.names.contains("a.log.2")) }
    }
    // Each job answers for its logs when its own task has made the run.
    #expect(
      caller?.words.prefix(3).sorted() == [
        "rotated /logs/s2.log…", "skipped /logs/a.log…", "skipped /logs/s1.log…",
      ])
    #expect(
      caller?.words.dropFirst(3) == [
        "rotated 1, skipped 2, failed 0",
        "rotated 2, skipped 0, failed 0", "NoSuchLog", "NoSuchJob", "empty",
      ])
    #expect(counts == [4, 7])
  }

  @Test("a log that is due by its schedule and fails is tried at once by an order, which says what came of it")
  func rotateRetry() throws {
    let rig = Rig([Rig.job("a", every: 30)])
    rig.fill("a.log")
    rig.disk.fault = { call, directory, _ in call == .exchange && directory == "/logs" ? .io : nil }
    var caller: ControlCaller?
    var tries: [String] = []
    try rig.live(seconds: 59) { rig in
      rig.at(58) {
        rig.disk.fault = { _, _, _ in nil }
        tries = rig.messages(.rotated)
        caller = ControlCaller(rig)
        caller?.call("Rotate", more: true) { $0.wait = true }
      }
    }
    #expect(tries.isEmpty)
    #expect(caller?.words == ["rotated /logs/a.log…", "rotated 1, skipped 0, failed 0"])
  }

  @Test("a paused job makes no run over a reload, and serves what has come when it is resumed or the time is over")
  func pause() throws {
    let rig = Rig([Rig.job("a", every: 20), Rig.job("b", every: 20)])
    var caller: ControlCaller?
    var seen: [String] = []
    func note(_ rig: Rig) {
      let archives = rig.names.map(\.printable).filter { !$0.hasSuffix("log") }
      seen.append(archives.joined(separator: " "))
    }
    try rig.live(seconds: 200) { rig in
      rig.at(5) {
        rig.fill("a.log")
        rig.fill("b.log")
        caller = ControlCaller(rig)
        caller?.call("Pause") { $0.jobs = ["a"] }
        caller?.call("Pause") { ($0.jobs, $0.forUSec) = (["b"], .seconds(50)) }
        caller?.call("List", more: true)
        caller?.call("Pause") { $0.jobs = ["c"] }
        caller?.call("Pause") { $0.forUSec = .seconds(-1) }
      }
      rig.at(30) {
        rig.configuration.jobs[0].policy.rules.keep = 3
        rig.manager.send(.reload)
        caller?.call("Rotate") { ($0.jobs, $0.force, $0.wait) = (["a"], true, true) }
      }
      rig.at(50) { note(rig) }
      rig.at(57) { note(rig) }
      rig.at(90) { caller?.call("Resume") { $0.jobs = ["a"] } }
      rig.at(92) { note(rig) }
    }
    #expect(seen == ["", "b.log.1", "a.log.1 b.log.1"])
    #expect(
      caller?.words == [
        "empty", "empty", "job a…", "job b", "NoSuchJob", "InvalidParameter", "rotated 0, skipped 1, failed 0", "empty",
      ])
    #expect(caller?.values.compactMap(\.job?.state) == [.paused, .paused])
    #expect(caller?.values[0].until == nil && caller?.values[1].until != nil)
  }

  @Test("a config on trial goes back when its time is over or a job fails that did not, and stays when it is confirmed")
  func trial() throws {
    let rig = Rig([Rig.job("a", every: 6000)])
    rig.fill("a.log")
    var caller: ControlCaller?
    var viewer: ControlCaller?
    func note() { viewer?.call("List", more: true) }
    func add(_ job: Job) {
      rig.configuration.jobs.append(job)
      caller?.call("Reload") { $0.trialUSec = .seconds(20) }
    }
    try rig.live(seconds: 300) { rig in
      rig.at(10) {
        (caller, viewer) = (ControlCaller(rig), ControlCaller(rig))
        caller?.call("Reload") { $0.confirm = true }
        add(Rig.job("b", every: 6000))
      }
      rig.at(29) { note() }
      rig.at(31) { note() }
      rig.at(40) { caller?.call("Reload") { $0.trialUSec = .seconds(20) } }
      rig.at(50) { caller?.call("Reload") { $0.confirm = true } }
      rig.at(90) { note() }
      rig.at(100) {
        rig.disk.plant(.directory, at: "/logs/bad.log")
        rig.fill("c.log")
        rig.disk.fault = { call, directory, name in call == .exchange && name.printable.contains("c.log") ? .io : nil }
        add(Rig.job("c", every: 5))
      }
      rig.at(109) { note() }
      rig.at(120) {
        rig.configuration.jobs.removeLast()
        rig.diagnostics = [Diagnostic(file: "rotated.toml", line: 1, column: 1, message: "wrong")]
        caller?.call("Reload") { $0.trialUSec = .seconds(20) }
      }
    }
    #expect(viewer?.words == ["job a…", "job b", "job a", "job a…", "job b", "job a…", "job b"])
    #expect(caller?.words == ["NoTrial", "empty", "empty", "empty", "empty", "InvalidConfig"])
    #expect(caller?.values.map { $0.added ?? [] } == [["b"], ["b"], [], ["c"]])
    #expect(rig.messages(.configRejected).count { $0.contains("not confirmed in time") } == 1)
    #expect(rig.messages(.configRejected).count { $0.contains("c fails") } == 1)
  }

  @Test(
    "a trial that was not confirmed is a problem until the config in force is on disk again, by a reload or without one"
  )
  func trialLapsed() throws {
    let rig = Rig([Rig.job("a", every: 6000)])
    rig.configuration.sha256 = "first"
    var caller: ControlCaller?
    func put(_ text: String) { rig.configuration.sha256 = text }
    func attempt(_ text: String? = nil) {
      if let text { put(text) }
      caller?.call("Reload") { $0.trialUSec = .seconds(20) }
    }
    var seen: [Int64] = []
    func look() {
      let asked = ControlCaller(rig)
      asked.call("Metrics", more: true)
      rig.at(1) {
        let samples = asked.values.flatMap { $0.samples ?? [] }
        seen += samples.filter { $0.metric == Metric.configRejected.name }.map(\.value)
      }
    }
    try rig.live(seconds: 1000) { rig in
      rig.at(10) {
        caller = ControlCaller(rig)
        attempt("second")
      }
      for second in [25, 35, 99, 105] { rig.at(Int64(second)) { look() } }
      rig.at(100) { put("first") }
      rig.at(200) { look() }
      // Another, which ends by a reload.
      rig.at(300) { attempt("second") }
      rig.at(330) { look() }
      rig.at(340) { caller?.call("Reload") }
      rig.at(341) { look() }
      // The text that is in force, and one that is taken back before the end.
      rig.at(400) { attempt() }
      rig.at(430) { look() }
      rig.at(500) { attempt("third") }
      rig.at(510) { put("second") }
      rig.at(530) { look() }
      // A text that is in force and is refused.
      rig.at(600) {
        rig.diagnostics = [Diagnostic(file: "rotated.toml", line: 1, column: 1, message: "no such user")]
        caller?.call("Reload")
      }
      rig.at(700) { look() }
    }
    #expect(seen == [0, 1, 1, 1, 0, 1, 0, 0, 0, 1])
    #expect(rig.messages(.resolved) == ["the config on disk is the one in force again"])
    let dropped = rig.messages(.configRejected).filter { $0.contains("not confirmed in time") }
    #expect(dropped.map { $0.hasSuffix("and on disk") } == [false, false, true, true])
  }

  @Test("a job that has failed before the trial does not end it")
  func trialOfBroken() throws {
    let rig = Rig([Rig.job("a", every: 10)])
    rig.fill("a.log")
    rig.disk.fault = { call, _, name in call == .exchange && name.printable.contains("a.log") ? .io : nil }
    var viewer: ControlCaller?
    try rig.live(seconds: 60) { rig in
      rig.at(20) {
        rig.configuration.jobs[0].policy.rules.keep = 9
        rig.configuration.jobs.append(Rig.job("b", every: 6000))
        ControlCaller(rig).call("Reload") { $0.trialUSec = .seconds(20) }
        viewer = ControlCaller(rig)
      }
      rig.at(39) { viewer?.call("List", more: true) }
      rig.at(41) { viewer?.call("List", more: true) }
    }
    #expect(viewer?.words == ["job a…", "job b", "job a"])
  }

  @Test("a crash ends a trial, and the config on disk is in force; a confirmation that comes too late is refused")
  func trialOverCrash() throws {
    let rig = Rig([Rig.job("a", every: 6000)])
    rig.fill("a.log")
    func add(_ name: String, for span: Span) -> ControlCaller {
      let caller = ControlCaller(rig)
      rig.configuration.jobs.append(Rig.job(name, every: 6000))
      caller.call("Reload") { $0.trialUSec = span }
      return caller
    }
    try rig.live(seconds: 20, stops: false) { rig in rig.at(10) { _ = add("b", for: .seconds(60)) } }
    var caller: ControlCaller?
    try rig.live(seconds: 200) { rig in
      rig.at(5) {
        caller = ControlCaller(rig)
        caller?.call("Reload") { $0.confirm = true }
      }
      rig.at(99) { caller?.call("List", more: true) }
      rig.at(100) {
        let other = add("c", for: .seconds(10))
        rig.at(11) {
          other.call("Reload") { $0.confirm = true }
          other.call("List", more: true)
        }
        rig.at(12) { #expect(other.words == ["empty", "NoTrial", "job a…", "job b"]) }
      }
    }
    #expect(caller?.words == ["NoTrial", "job a…", "job b"])
  }

  @Test("what is explained and planned is what the planner says, and metrics count what was done")
  func reading() throws {
    var job = Rig.job("a", every: 20)
    job.policy.rules.minSize = 100
    job.exclude = [LogPattern("/logs/x.log")]
    job.logs.append(LogPattern("/logs/x*.log"))
    let rig = Rig([job])
    rig.fill("a.log", String(repeating: "x", count: 200))
    var caller: ControlCaller?
    try rig.live(seconds: 60) { rig in
      rig.at(25) {
        rig.fill("a.log")
        caller = ControlCaller(rig)
        caller?.call("Explain", more: true) {
          $0.logs = ["/logs/a.log", "/logs/a.log.1", "/logs/x.log", "/logs/y.log", "/logs/x1.log"]
        }
        caller?.call("Plan", more: true)
        caller?.call("Metrics", more: true)
      }
    }
    let values = try #require(caller?.values)
    let explained = values.compactMap(\.explanation)
    #expect(explained.map(\.standing) == [.log, .archive, .excluded, .unclaimed, .missing])
    #expect(explained[0].conditions.map(\.name) == ["schedule", "min-size"])
    #expect(explained[0].conditions.map(\.holds) == [false, false])
    #expect(explained[0].archives.map(\.path) == ["/logs/a.log.1"])
    let plan = try #require(values.compactMap(\.plan).first)
    #expect(plan.now.map(\.action) == [.create, .rename, .exchange, .rename])
    let samples = values.compactMap(\.samples).flatMap(\.self)
    #expect(samples.first { $0.metric == "rotated_rotations_total" }?.value == 1)
    #expect(samples.first { $0.metric == "rotated_rotated_bytes_total" }?.value == 200)
  }
}
