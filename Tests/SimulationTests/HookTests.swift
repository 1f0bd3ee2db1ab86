import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Writers are notified")
struct HookTests {
  static let reload = Hook.reload(unit: "app.service")
  static let shell = Hook.run(.shell("reopen"), limit: .seconds(10))

  static func job(_ name: String, every seconds: Int64 = 60, _ hooks: [Hook], keep: Int = 5) -> Job {
    var job = Rig.job(name, every: seconds, keep: keep)
    job.policy.rules.hooks = hooks
    return job
  }

  @Test("once, however many logs of however many jobs share a hook, with all logs in the environment")
  func oncePerTurn() throws {
    var many = Self.job("many", [Self.reload, Self.shell])
    many.logs = [LogPattern("/logs/many-*.log")]
    let rig = Rig([many] + (0..<20).map { Self.job("job\($0)", [Self.shell, Self.reload]) })
    for number in 0..<200 { rig.fill("many-\(1000 + number).log") }
    for number in 0..<20 { rig.fill("job\(number).log") }
    try rig.live(seconds: 70)
    #expect(rig.processes.notified.map(\.hook) == [Self.reload])
    #expect(rig.processes.started.count == 1)
    let request = try #require(rig.processes.started.first?.request)
    #expect(request.arguments == ["/bin/sh", "-c", "reopen"])
    #expect(request.limit == .seconds(10))
    #expect(request.environment["ROTATED_COUNT"] == "220")
    let logs = request.lines("ROTATED_LOG") ?? []
    let archives = request.lines("ROTATED_ARCHIVE")
    #expect(Set(logs).count == 220)
    #expect(archives == logs.map { $0 + ".1" })
    #expect(request.lines("ROTATED_JOB")?.count == 21)
    #expect(rig.messages(.notified).count == 2)
    #expect(rig.messages(.hookFailed) == [])
  }

  @Test("once, also if a job that shares the hook is delayed by its `before`")
  func heldForOthers() throws {
    func tell(before seconds: Int64) throws -> [Int64] {
      var slow = Self.job("slow", every: 600, [Self.reload])
      slow.policy.rules.before = [.program(["prepare"])]
      let rig = Rig([Self.job("quick", every: 600, [Self.reload]), slow])
      rig.processes.play = { _ in SimulatedProcesses.Play(takes: seconds * 1_000_000_000) }
      for name in ["quick", "slow"] { rig.fill("\(name).log") }
      try rig.live(seconds: 800)
      #expect(rig.disk.content(of: "/logs/quick.log.1") == "x\n")
      return rig.notified
    }
    #expect(try tell(before: 20) == [621])
    // The command itself has a minute, so that nobody waits for long.
    #expect(try tell(before: 3600) == [661])
  }

  /// This test does not check how many passes a hook waits for other runs: months 8, 35, 39 and 155 do.
  @Test("once in a moment in which a failed hook is tried again and another job that shares it is due")
  func dueAtRetry() throws {
    // The order in which they continue in that moment is drawn for each pair.
    let hooks = (0..<20).map { Hook.reload(unit: "app\($0).service") }
    let rig = Rig(
      hooks.enumerated().flatMap { number, hook in
        [Self.job("a\(number)", every: 600, [hook]), Self.job("b\(number)", every: 601, [hook])]
      })
    rig.processes.units = { hook in
      rig.processes.notified.count { $0.hook == hook } < 2 ? .failure("busy") : .init()
    }
    for job in rig.configuration.jobs { rig.fill("\(job.name).log") }
    try rig.live(seconds: 700)
    for hook in hooks {
      #expect(rig.processes.notified.filter { $0.hook == hook }.map { $0.time / Rig.second } == [601, 602])
    }
  }

  @Test("again at each run that has rotated something, and at no other")
  func onlyWhenRotated() throws {
    let rig = Rig([Self.job("a", [Self.reload])])
    try rig.live(seconds: 250) { rig in
      rig.at(10) { rig.fill("a.log") }
      rig.at(130) { rig.fill("a.log") }
    }
    #expect(rig.notified == [61, 181])
  }

  @Test("a job whose hook hangs or whose command of `before` hangs delays no other")
  func isolation() throws {
    var before = Self.job("before", [])
    before.policy.rules.before = [.program(["hang"])]
    let rig = Rig([Self.job("hang", [Self.shell]), before, Rig.job("free", every: 60)])
    rig.processes.play = { _ in SimulatedProcesses.Play(takes: nil) }
    for name in ["hang", "before", "free"] { rig.fill("\(name).log") }
    var seen: [String?] = []
    try rig.live(seconds: 100) { rig in
      rig.at(61) { seen = ["hang", "before", "free"].map { rig.disk.content(of: "/logs/\($0).log.1") } }
    }
    #expect(seen == ["x\n", nil, "x\n"])
    // The hook at its limit of 10 s; a command of `before` has 60 s.
    #expect(rig.messages(.hookFailed).first?.contains("killed, as it took longer than 10s") == true)
  }

  @Test("a newline in the name of a file does not make two names of it")
  func smuggledNames() throws {
    var job = Self.job("a", [Self.shell])
    job.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([job])
    rig.fill("x.log\n/etc/shadow.log")
    rig.fill("b.log")
    rig.disk.plant(.regular, at: "/logs/c\n.log", content: "x\n")
    try rig.live(seconds: 70)
    #expect(rig.disk.content(of: "/logs/c\n.log.1") == "x\n")
    let environment = try #require(rig.processes.started.first?.request.environment)
    #expect(environment["ROTATED_LOG"] == "/logs/b.log")
    #expect(environment["ROTATED_ARCHIVE"] == "/logs/b.log.1")
    #expect(environment["ROTATED_COUNT"] == "2")
  }

  @Test("a failure is reported once, shown in the status, tried again with growing delays, and its end is reported")
  func backoff() throws {
    let rig = Rig([Self.job("a", every: 600, [Self.reload])])
    rig.processes.units = { _ in rig.notified.count < 6 ? .failure("Job for app.service failed.") : .init() }
    try rig.live(seconds: 700) { rig in
      rig.fill("a.log")
      rig.at(603) { rig.manager.send(.reload) }
    }
    #expect(zip(rig.notified.dropFirst(), rig.notified).map { $0 - $1 } == [1, 2, 4, 8, 16])
    #expect(
      rig.messages(.hookFailed) == [
        "job a: cannot notify app.service (reload) of /logs/a.log: systemctl: exit code 1: Job for app.service failed.; trying again"
      ])
    #expect(rig.messages(.notified) == ["job a: notified app.service (reload) of /logs/a.log, at attempt 6"])
    let texts = rig.manager.notifications.compactMap { note in if case .ready(let text) = note { text } else { nil } }
    #expect(texts.last?.contains("; not notified: app.service (reload)") == true, "\(texts)")
    #expect(rig.messages(.stopped).last?.contains("not notified") == false)
  }

  @Test("a systemctl that hangs is killed at its limit, and the next one is tried; the signal is the config's")
  func unitLimit() throws {
    let signal = Hook.signal(unit: "app.service", 10)
    let rig = Rig([Self.job("a", every: 600, [signal])])
    rig.processes.units = { _ in rig.notified.count < 2 ? .init(takes: nil) : .init() }
    try rig.live(seconds: 800) { $0.fill("a.log") }
    #expect(rig.notified == [601, 702])
    #expect(rig.processes.notified.map(\.hook) == [signal, signal])
    #expect(
      rig.messages(.hookFailed) == [
        "job a: cannot notify app.service (USR1) of /logs/a.log: systemctl: killed, as it took longer than 100s; trying again"
      ])
    #expect(rig.processes.killed == 1)
  }

  @Test("signals go to the process of a pidfile; a missing one is a failure with its path")
  func pidFiles() throws {
    let rig = Rig([Self.job("a", [.pidFile(path: "/run/a.pid", signal: 1)])])
    rig.processes.signalScript = { _, _ in rig.processes.signals.count == 1 ? .system(.noProcess) : nil }
    try rig.live(seconds: 70) { $0.fill("a.log") }
    #expect(rig.processes.signals.map(\.pidFile) == ["/run/a.pid", "/run/a.pid"])
    #expect(rig.messages(.hookFailed).first?.contains("/run/a.pid (HUP)") == true)
    #expect(rig.messages(.notified).count == 1)
  }

  @Test("a pidfile that is refused is reported once with the reason, and accepted when it is correct again")
  func refusedPidFile() throws {
    let rig = Rig([Self.job("a", [.pidFile(path: "/run/a.pid", signal: 1)])])
    let reason = "/run/a.pid is writable by other users (mode 0666)"
    rig.processes.signalScript = { _, _ in rig.processes.signals.count < 4 ? .refused(reason) : nil }
    try rig.live(seconds: 110) { $0.fill("a.log") }
    #expect(
      rig.messages(.hookFailed) == ["job a: cannot notify /run/a.pid (HUP) of /logs/a.log: \(reason); trying again"])
    #expect(rig.messages(.notified) == ["job a: notified /run/a.pid (HUP) of /logs/a.log, at attempt 4"])
  }

  @Test("a pidfile may belong to the owners of the logs: of the live ones, or of the archive if there is none")
  func ownersOfLogs() throws {
    var job = Self.job("a", [.pidFile(path: "/run/a.pid", signal: 1)])
    job.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([job])
    try rig.live(seconds: 70) { rig in
      for (name, user) in [("one", 33), ("two", 34), ("three", 34)] as [(String, UInt32)] {
        rig.disk.plant(.regular, at: "/logs/\(name).log", content: "x\n", user: user)
      }
    }
    #expect(rig.processes.signals.map(\.users) == [[33, 34]])
    job.policy.rules.creation = .leftToWriter
    let other = Rig([job])
    try other.live(seconds: 70) { $0.disk.plant(.regular, at: "/logs/one.log", content: "x\n", user: 35) }
    #expect(other.processes.signals.map(\.users) == [[35]])
  }

  @Test("the output of a command is reported line by line, with the job's name")
  func output() throws {
    let rig = Rig([Self.job("a", [Self.shell])])
    rig.processes.play = { _ in SimulatedProcesses.Play(end: .exited(3), lines: ["one", "two"]) }
    try rig.live(seconds: 61) { $0.fill("a.log") }
    #expect(rig.messages(.output) == ["job a: 'reopen': one", "job a: 'reopen': two"])
    #expect(rig.messages(.hookFailed).first?.contains("exit code 3: two") == true)
  }

  // MARK: Before

  @Test(
    "`before` runs before a run that rotates something; if it fails, nothing is rotated, and it is tried again")
  func before() throws {
    var job = Self.job("a", every: 600, [Self.reload])
    job.logs = [LogPattern("/logs/*.log")]
    job.policy.rules.before = [.program(["flush"]), .shell("second")]
    let rig = Rig([job, Rig.job("empty", every: 60)])
    var contents: [String?] = []
    rig.processes.play = { request in
      contents.append(rig.disk.content(of: "/logs/a.log.1"))
      return .init(takes: Rig.second, end: rig.processes.started.count < 2 ? .exited(1) : .exited(0))
    }
    try rig.live(seconds: 2000) { rig in
      rig.fill("a.log")
      rig.fill("b.log")
    }
    // The first fails twice; then both succeed; later runs have nothing to rotate.
    #expect(rig.processes.started.map { $0.request.arguments.last } == ["flush", "flush", "flush", "second"])
    #expect(contents == [nil, nil, nil, nil])
    #expect(rig.processes.started.first?.request.environment == ["ROTATED_JOB": "a"])
    #expect(
      rig.messages(.failed) == [
        "job a: not rotated: the `before` command 'flush' failed: exit code 1; trying again later"
      ])
    #expect(rig.messages(.resolved) == ["job a: before 'flush': works again"])
    #expect(rig.disk.content(of: "/logs/a.log.1") == "x\n")
    #expect(rig.disk.content(of: "/logs/b.log.1") == "x\n")
    #expect(rig.notified.count == 1)
  }

  @Test("a log that cannot be read before `before` is not rotated without it, but tried again", arguments: 1...8)
  func beforeUnseen(failing: Int) throws {
    var job = Self.job("a", every: 600, [])
    job.logs = [LogPattern("/logs/*.log")]
    job.policy.rules.before = [.program(["flush"])]
    let rig = Rig([job])
    var looks = 0
    rig.disk.fault = { call, directory, _ in
      guard call == .look, directory != "/state", rig.driver.now().nanoseconds >= 600 * Rig.second else { return nil }
      looks += 1
      return looks <= failing ? .io : nil
    }
    var contents: [String?] = []
    rig.processes.play = { _ in
      contents.append(rig.disk.content(of: "/logs/a.log.1"))
      return .init(takes: Rig.second)
    }
    try rig.live(seconds: 1000) { $0.fill("a.log") }
    #expect(contents == [nil])
    #expect(rig.disk.content(of: "/logs/a.log.1") == "x\n")
  }

  @Test("a log that `before` makes, or removes, is seen as it is then")
  func beforeChangesLogs() throws {
    var job = Self.job("a", [])
    job.logs = [LogPattern("/logs/*.log")]
    job.policy.rules.before = [.program(["flush"])]
    let rig = Rig([job])
    rig.processes.play = { _ in
      .init(takes: Rig.second) {
        rig.fill("made.log")
        rig.disk.delete("/logs/a.log")
      }
    }
    try rig.live(seconds: 70) { rig in
      rig.fill("a.log")
      rig.fill("b.log")
    }
    #expect(
      rig.disk.directories["/logs"]?.keys.sorted() == ["b.log", "b.log.1", "made.log", "made.log.1"])
    #expect(rig.messages(.failed) == [])
  }
}

extension ChildRequest {
  /// The lines of a variable.
  fileprivate func lines(_ name: String) -> [String]? {
    environment[name]?.bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }
}
