import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Requests in one moment")
struct RequestTests {
  /// An hour before the zone that the daemon starts with.
  private let later: Zone

  init() throws { later = try Zone(posix: "XXX-1") }

  /// A job whose log is in a directory of its own: a reload that adds some of them yields as often.
  private static func far(_ number: Int, _ rig: Rig) -> Job {
    rig.disk.makeDirectory("/far\(number)")
    var job = Rig.job("far\(number)", every: 6000)
    job.logs = [LogPattern("/far\(number)/a.log")]
    return job
  }

  @Test(
    "two reloads that change the order of jobs cost no job an archive by another's keep", arguments: 0..<10)
  func orderOfJobs(passes: Int) throws {
    let rig = Rig([])
    var added = [Rig.job("y", every: 6000, keep: 0), Rig.job("x", every: 6000, keep: 9)]
    for number in 1...7 {
      rig.disk.plant(.regular, at: "/logs/x.log.\(number)", content: "\(number)\n", age: Int64(number) * Rig.second)
    }
    rig.disk.plant(.regular, at: "/logs/.x.log.rotated", content: "0\n")
    rig.disk.plant(.regular, at: "/logs/x.log", content: "")
    // Before /logs, so that the second reload comes before x is recovered.
    added.insert(contentsOf: (0..<12).map { Self.far($0, rig) }, at: 0)
    try rig.live(seconds: 60) { rig in
      rig.at(10) {
        rig.configuration.jobs = added
        rig.manager.send(.reload)
        rig.later(passes: passes) {
          rig.configuration.jobs.swapAt(12, 13)
          rig.manager.send(.reload)
        }
      }
    }
    #expect((1...8).map { rig.disk.content(of: "/logs/x.log.\($0)") } == (0...7).map { "\($0)\n" })
    #expect(rig.messages(.failed) == [])
  }

  @Test("of two reloads in one moment the newer settings of the daemon stay in force", arguments: [2, 3, 5, 8])
  func newestSettings(passes: Int) throws {
    let rig = Rig([Rig.job("a", every: 6000)])
    rig.disk.capacity = 100_000
    rig.fill("a.log")
    for number in 1...3 { rig.disk.plant(.regular, at: "/logs/a.log.\(number)", content: "\(number)\n") }
    try rig.live(seconds: 1000) { rig in
      rig.at(10) {
        rig.configuration.jobs += (0..<6).map { Self.far($0, rig) }
        rig.configuration.daemon.warnFree = .basisPoints(10_000)
        rig.manager.send(.reload)
        rig.later(passes: passes) {
          rig.configuration.jobs = [Rig.job("a", every: 6000)]
          rig.configuration.daemon = DaemonSettings()
          rig.manager.send(.reload)
        }
      }
    }
    #expect(rig.messages(.reloaded).count == 2)
    #expect(rig.messages(.stopped).first?.contains("low on space") == false, "\(rig.messages(.stopped))")
    #expect(rig.messages(.stopped).first?.hasPrefix("stopped with 1 job,") == true, "\(rig.messages(.stopped))")
  }

  @Test("a stop during a reload is carried out at its next yield, and neither READY nor RELOADING comes after STOPPING")
  func stopInReload() throws {
    let rig = Rig([Rig.job("a", every: 6000)])
    var directories: Set<FilePath> = []
    rig.disk.fault = { call, directory, _ in
      if directory != "/state" { directories.insert(directory) }
      return nil
    }
    var before = 0
    try rig.live(seconds: 1000) { rig in
      rig.at(10) {
        rig.configuration.jobs += (0..<50).map { Self.far($0, rig) }
        directories = []
        rig.manager.send(.reload)
        rig.later(passes: 5) {
          before = directories.count
          rig.manager.send(.stop)
          rig.manager.send(.reload)
        }
      }
    }
    #expect(before > 0)
    #expect(directories.count <= before + 1)
    #expect(rig.manager.notifications.count { $0 == .reloading } == 1)
    #expect(rig.manager.readyCount == 1)
    let last = rig.manager.notifications.last { if case .status = $0 { false } else { true } }
    guard case .stopping = last else {
      Issue.record("\(rig.manager.notifications)")
      return
    }
    #expect(rig.driver.now().nanoseconds < 12 * Rig.second, "the stop waited")
  }

  @Test("a stop while a reload counts what it will remove ends the daemon, and removes nothing", arguments: 0...3)
  func stopInCount(passes: Int) throws {
    var job = Rig.job("a", every: 6000, keep: 3)
    job.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([job])
    for log in 1000..<1200 {
      rig.fill("\(log).log")
      for number in 1...3 { rig.disk.plant(.regular, at: "/logs/\(log).log.\(number)", content: "\(number)\n") }
    }
    try rig.live(seconds: 1000) { rig in
      rig.at(10) {
        rig.configuration.jobs[0].policy.rules.keep = 1
        rig.manager.send(.reload)
        rig.later(passes: passes) { rig.manager.send(.stop) }
      }
    }
    #expect(rig.driver.now().nanoseconds < 12 * Rig.second, "the stop waited")
    #expect(rig.names.count == 800)
    #expect(rig.messages(.reloaded) == [])
    #expect(rig.messages(.stopped).count == 1)
  }

  @Test("reloads that wait are one, with the config as it is when it is read, and other requests are carried out, too")
  func merged() throws {
    let rig = Rig([Rig.job("a", every: 6000)])
    try rig.live(seconds: 60) { rig in
      rig.at(10) {
        for keep in 1...5 {
          rig.configuration.jobs = [Rig.job("a", every: 6000, keep: keep), Rig.job("b\(keep)", every: 6000)]
          rig.manager.send(.reload)
        }
        rig.zone = later
        rig.manager.send(.zoneChanged)
        rig.manager.send(.ignored(signal: "SIGUSR2"))
      }
    }
    #expect(rig.manager.notifications.count { $0 == .reloading } == 1)
    #expect(rig.messages(.reloaded) == ["config reloaded: 1 added (b5), 0 changed, 0 removed, 1 unchanged"])
    #expect(rig.messages(.note).count == 1, "\(rig.messages(.note))")
    #expect(rig.messages(.zoneChanged).count == 1, "\(rig.messages(.zoneChanged))")
    #expect(rig.messages(.note).last == "received SIGUSR2, which is ignored")
  }

  @Test("a change of the zone during a reload is adopted after it, for the jobs that it has added, too")
  func zoneInReload() throws {
    let rig = Rig([])
    try rig.live(seconds: 4000) { rig in
      rig.at(10) {
        var daily = Rig.job("daily", every: 6000)
        daily.schedule = .daily(TimeOfDay(hour: 2, minute: 0, second: 0))
        rig.configuration.jobs = (0..<6).map { Self.far($0, rig) } + [daily]
        rig.fill("daily.log")
        rig.manager.send(.reload)
        rig.later(passes: 2) {
          rig.zone = later
          rig.manager.send(.zoneChanged)
        }
      }
    }
    // 02:00 in the new zone is an hour after the start.
    #expect(rig.disk.content(of: "/logs/daily.log.1") == "x\n")
    #expect(rig.messages(.reloaded).count == 1)
  }

  @Test("each request gets one reply: done, refused, or that the daemon stops")
  func replies() throws {
    let rig = Rig([Rig.job("a", every: 6000)])
    var replies: [String] = []
    func ask(_ request: Request, _ name: String) {
      rig.supervisor?.submit(request) { replies.append("\(name) \($0)") }
    }
    try rig.live(seconds: 60) { rig in
      rig.at(10) {
        ask(.reload, "first")
        ask(.reload, "second")
      }
      rig.at(20) {
        rig.diagnostics = [Diagnostic(file: "f", line: 1, column: 1, message: "no")]
        ask(.reload, "bad")
      }
      rig.at(30) {
        ask(.reload, "late")
        rig.supervisor?.submit(.stop) { reply in
          replies.append("stop \(reply)")
          ask(.lookNow, "later")
        }
      }
    }
    #expect(
      replies.sorted() == [
        "bad refused", "first done", "late stopping", "later stopping", "second done", "stop done",
      ])
  }
  /// A job of very many logs, each with two archives that are older than a day.
  private static func old(_ rig: Rig) -> Job {
    for number in 0..<640 {
      rig.disk.plant(.regular, at: "/logs/\(1000 + number).log")
      for version in 1...2 {
        let path: FilePath = "/logs/\(1000 + number).log.\(version)"
        rig.disk.plant(.regular, at: path, content: "x\n")
        rig.disk.touch(path, rig.driver.wallClock() - .seconds(2 * 86_400))
      }
    }
    var job = Rig.job("old", every: 6000, keep: 9)
    job.logs = [LogPattern("/logs/*.log")]
    job.policy.rules.keepMin = 0
    return job
  }

  @Test(
    "a check of archives that a reload overtakes removes nothing by the former rules", arguments: ["age", "space"])
  func removalInReload(rule: String) throws {
    let rig = Rig([])
    var job = Self.old(rig)
    if rule == "age" {
      job.policy.rules.maxAge = .seconds(86_400)
    } else {
      rig.disk.capacity = 1 << 20
      rig.configuration.daemon.keepFree = .bytes(1 << 20)
    }
    rig.configuration.jobs = [job]
    var isAsked = false
    rig.disk.beforeRemoval = { directory, _ in
      guard directory == "/logs", !isAsked else { return }
      isAsked = true
      rig.configuration.jobs[0].policy.rules.keepMin = 9
      rig.manager.send(.reload)
    }
    try rig.live(seconds: 60)
    let reload = try #require(rig.reports.firstIndex { $0.kind == .reloaded })
    let removals = rig.reports.indices.filter { [.removed, .madeRoom].contains(rig.reports[$0].kind) }
    #expect(removals.contains { $0 < reload })
    #expect(!removals.contains { $0 > reload })
    #expect(rig.names.count > 640)
  }

  @Test("a reload that counts what it will remove, and waits, is done before the next begins", arguments: [2, 3, 4])
  func countingReload(passes: Int) throws {
    let rig = Rig([])
    rig.configuration.jobs = [Self.old(rig)]
    try rig.live(seconds: 60) { rig in
      rig.at(10) {
        rig.configuration.jobs[0].policy.rules.keep = 1
        rig.configuration.jobs.append(Rig.job("extra", every: 6000))
        rig.manager.send(.reload)
        rig.later(passes: passes) {
          rig.configuration.jobs[0].policy.rules.keep = 9
          rig.configuration.jobs.removeLast()
          rig.manager.send(.reload)
        }
      }
    }
    #expect(
      rig.messages(.reloaded) == [
        "config reloaded: 1 added (extra), 1 changed (old), 0 removed, 0 unchanged",
        "config reloaded: 0 added, 1 changed (old), 1 removed (extra), 0 unchanged",
      ])
    #expect(rig.messages(.stopped).first?.hasPrefix("stopped with 1 job,") == true, "\(rig.messages(.stopped))")
  }

  @Test("a run that a reload overtakes leaves alone the logs that another job has now")
  func turnInReload() throws {
    let rig = Rig([])
    var job = Rig.job("many", every: 60, keep: 0)
    job.logs = [LogPattern("/logs/*.log")]
    rig.configuration.jobs = [job]
    for number in 0..<640 { rig.fill("\(1000 + number).log") }
    rig.fill("z.log", "kept\n")
    var isAsked = false
    rig.disk.beforeRemoval = { directory, _ in
      guard directory == "/logs", !isAsked else { return }
      isAsked = true
      rig.configuration.jobs.append(Rig.job("z", every: 6000, keep: 9))
      rig.manager.send(.reload)
    }
    try rig.live(seconds: 70)
    #expect(rig.messages(.reloaded).count == 1)
    #expect(rig.content("z.log") == "kept\n")
    #expect(rig.content("1000.log") == "")
  }
}
