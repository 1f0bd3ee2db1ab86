import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("The Supervisor")
struct SupervisorTests {
  @Test("serves an interval job each time it is due, and reports the next time")
  func interval() throws {
    let rig = Rig([Rig.job("a", every: 60)])
    try rig.live(seconds: 200) { rig in
      for time in [10, 70, 130] { rig.at(Int64(time)) { rig.fill("a.log", "at \(time)\n") } }
    }
    #expect(rig.disk.content(of: "/logs/a.log.3") == "at 10\n")
    #expect(rig.disk.content(of: "/logs/a.log.1") == "at 130\n")
    #expect(rig.messages(.rotated).count == 3)
    #expect(rig.messages(.rotated).first?.hasSuffix("next 00:02:00") == true, "\(rig.messages(.rotated))")
  }

  @Test("says at its start how many jobs and logs there are, and which job is due first")
  func startReport() throws {
    let rig = Rig([Rig.job("a", every: 60), Rig.job("b", every: 30)])
    try rig.live(seconds: 5)
    #expect(rig.messages(.started) == ["started with 2 jobs for 2 logs; first due: b at 00:00:30 (every 30s)"])
    let idle = Rig([])
    try idle.live(seconds: 5)
    #expect(idle.messages(.started) == ["started with 0 jobs for 0 logs"])
  }

  @Test("reports the first ten rotations of a run one by one, and a run of more than ten in one line besides")
  func summary() throws {
    for (logs, singles, sums) in [(10, 10, 0), (200, 10, 1)] {
      var job = Rig.job("a", every: 60)
      job.logs = [LogPattern("/logs/*.log")]
      let rig = Rig([job])
      for number in 1...logs { rig.fill("\(number).log", "0123456789") }
      try rig.live(seconds: 70)
      let single = rig.reports.filter { $0.kind == .rotated }
      #expect(single.count == logs)
      #expect(single.count { $0.priority == .info } == singles)
      #expect(single.count { $0.priority == .debug } == logs - singles)
      let sum = rig.reports.filter { $0.kind == .ran }
      #expect(sum.count == sums)
      let message = sum.first?.message ?? ""
      #expect(
        sums == 0
          || message.hasPrefix("job a: rotated 200 logs (1.9K): every 1min, in ")
            && message.hasSuffix("; next 00:02:00"),
        "\(message)")
      #expect(sum.allSatisfy { $0.priority == .info && $0.bytes == 2000 })
    }
  }

  @Test("a reload keeps the phase of a job that has not changed, and of one whose keep has")
  func reloadKeepsPhase() throws {
    let rig = Rig([Rig.job("a", every: 60), Rig.job("b", every: 60)])
    try rig.live(seconds: 70) { rig in
      rig.fill("a.log")
      rig.fill("b.log")
      rig.at(50) {
        rig.configuration.jobs[1].policy.rules.keep = 1
        rig.configuration.jobs.append(Rig.job("c", every: 60))
        rig.manager.send(.reload)
      }
    }
    #expect(rig.messages(.rotated).count == 2)
    #expect(rig.messages(.reloaded) == ["config reloaded: 1 added (c), 1 changed (b), 0 removed, 1 unchanged"])
    #expect(rig.manager.notifications.filter { $0 == .reloading }.count == 1)
    #expect(rig.manager.readyCount == 2)
  }

  @Test("a removed job ends, and a config with errors changes nothing")
  func removedAndRefused() throws {
    let rig = Rig([Rig.job("a", every: 60), Rig.job("b", every: 60)])
    try rig.live(seconds: 130) { rig in
      rig.fill("a.log")
      rig.fill("b.log")
      rig.at(30) {
        rig.configuration.jobs.removeFirst()
        rig.manager.send(.reload)
      }
      rig.at(40) {
        rig.diagnostics = [Diagnostic(file: "f", line: 3, column: 7, message: "no")]
        rig.configuration = Configuration(jobs: [])
        rig.manager.send(.reload)
      }
    }
    #expect(rig.disk.content(of: "/logs/a.log.1") == nil)
    #expect(rig.disk.content(of: "/logs/b.log.1") == "x\n")
    #expect(rig.messages(.configRejected).first == "f:3:7: no")
  }

  @Test("what was due while the daemon was down is served once at start")
  func catchUp() throws {
    var job = Rig.job("a", every: 60)
    job.schedule = .daily(TimeOfDay(hour: 12, minute: 0, second: 0))
    let rig = Rig([job])
    try rig.live(seconds: 10)
    rig.fill("a.log")
    rig.driver.advance(by: 3 * 86_400 * Rig.second)
    try rig.live(seconds: 10)
    #expect(rig.disk.content(of: "/logs/a.log.1") == "x\n")
    rig.fill("a.log", "later\n")
    try rig.live(seconds: 10)
    #expect(rig.messages(.rotated).count == 1)
  }

  @Test("a failure is reported once, retried with growing delays, and its end is reported too")
  func backoff() throws {
    let rig = Rig([Rig.job("a", every: 600)])
    var tries: [Int64] = []
    rig.disk.fault = { call, directory, _ in
      guard call == .create, directory == "/logs" else { return nil }
      tries.append(rig.driver.now().nanoseconds / Rig.second)
      return tries.count < 6 ? .noSpace : nil
    }
    try rig.live(seconds: 700) { $0.fill("a.log") }
    let delays = zip(tries.dropFirst(), tries).map { $0 - $1 }
    #expect(delays == [1, 2, 4, 8, 16])
    let notified = rig.messages(.failed)
    #expect(notified.count == 1)
    #expect(notified.first?.contains("job a: /logs/a.log: cannot rotate: create .a.log.rotated") == true, "\(notified)")
    #expect(notified.first?.contains("no space left on device (ENOSPC)") == true)
    #expect(rig.messages(.resolved) == ["job a: /logs/a.log: works again"])
    #expect(rig.disk.content(of: "/logs/a.log.1") == "x\n")
  }

  @Test("one job's missing directory stops no other, and is reported once")
  func isolation() throws {
    var lost = Rig.job("lost", every: 60)
    lost.logs = [LogPattern("/nowhere/*.log")]
    let rig = Rig([lost, Rig.job("a", every: 60)])
    try rig.live(seconds: 200) { $0.fill("a.log") }
    #expect(rig.disk.content(of: "/logs/a.log.1") == "x\n")
    #expect(rig.messages(.note) == ["job lost: /nowhere: no such directory, so it has no logs"])
  }

  @Test("a stop lets the current slice end, begins no other, and the next start does the rest")
  func stopInTurn() throws {
    var job = Rig.job("many", every: 60, keep: 1)
    job.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([job])
    for number in 0..<300 { rig.fill("\(1000 + number).log") }
    var changes = 0
    rig.disk.afterChange = { [unowned rig] call, _, _ in
      changes += 1
      if call == .exchange, changes > 20, rig.manager.onRequest != nil, rig.reports.isEmpty == false {
        rig.manager.send(.stop)
      }
    }
    try rig.live(seconds: 100)
    let first = rig.messages(.rotated).count
    #expect(first > 0 && first < 300)
    #expect(!rig.disk.directories["/logs", default: [:]].keys.contains { StagingName.log(of: $0) != nil })
    rig.disk.afterChange = nil
    try rig.live(seconds: 10)
    #expect(rig.messages(.rotated).count == 300)
    #expect(rig.disk.directories["/logs"]?.count == 600)
  }

  @Test("the watchdog is pinged in time while requests come without end")
  func watchdog() throws {
    let rig = Rig([Rig.job("a", every: 600)])
    var flow: () -> Void = {}
    flow = {
      rig.manager.send(.lookNow)
      rig.driver.schedule(after: Rig.second / 100, flow)
    }
    try rig.live(seconds: 30, watchdog: UInt64(Rig.second)) { _ in flow() }
    #expect(rig.manager.notifications.filter { $0 == .watchdog }.count >= 30)
    flow = {}
  }

  @Test("a log that a more specific job claims is left to that job")
  func claims() throws {
    var wide = Rig.job("wide", every: 60)
    wide.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([wide, Rig.job("a", every: 600)])
    try rig.live(seconds: 100) { rig in
      rig.fill("a.log")
      rig.fill("b.log")
    }
    #expect(rig.disk.content(of: "/logs/b.log.1") == "x\n")
    #expect(rig.disk.content(of: "/logs/a.log.1") == nil)
  }

  @Test("a file system without RENAME_EXCHANGE costs no failure, however many logs find out at once")
  func linkOnly() throws {
    var job = Rig.job("many", every: 60)
    job.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([job])
    rig.disk.refusesRenameFlags = true
    for name in ["a", "b", "c"] { rig.fill("\(name).log") }
    try rig.live(seconds: 70)
    #expect(rig.messages(.failed) == [])
    #expect(rig.messages(.rotated).count == 3)
    #expect(
      rig.disk.directories["/logs"]?.keys.sorted() == ["a.log", "a.log.1", "b.log", "b.log.1", "c.log", "c.log.1"])
  }

  @Test("a rotation by size that failed after the exchange is finished at the next check, though the new log is small")
  func finishesBySize() throws {
    var job = Rig.job("a", every: 60)
    job.schedule = nil
    job.sizeLimit = SizeLimit(bytes: 2, check: .seconds(10))
    let rig = Rig([job])
    rig.fill("a.log")
    var failures = 1
    rig.disk.fault = { call, _, name in
      guard call == .rename, name == ".a.log.rotated", failures > 0 else { return nil }
      failures -= 1
      return .io
    }
    try rig.live(seconds: 25)
    #expect(rig.disk.directories["/logs"]?.keys.sorted() == ["a.log", "a.log.1"])
    #expect(rig.messages(.failed).count == 1)
  }

  @Test("a log that is named twice is rotated once")
  func namedTwice() throws {
    var job = Rig.job("a", every: 60)
    job.logs = [LogPattern("/logs/a.log"), LogPattern("/logs/a.log"), LogPattern("/logs/*.log")]
    let rig = Rig([job])
    rig.fill("a.log")
    try rig.live(seconds: 70)
    #expect(rig.messages(.rotated).count == 1)
    #expect(rig.messages(.failed) == [])
  }

  @Test("a surplus version that cannot be removed is reported, and keeps no new bytes from being rotated")
  func unremovable() throws {
    let rig = Rig([Rig.job("a", every: 60, keep: 1)])
    rig.disk.plant(.directory, at: "/logs/a.log.1")
    try rig.live(seconds: 200) { rig in
      for time in [10, 70, 130] { rig.at(Int64(time)) { rig.fill("a.log", "at \(time)\n") } }
    }
    #expect(rig.messages(.rotated).count == 3)
    #expect(rig.disk.content(of: "/logs/a.log.1") == "at 130\n")
    #expect(rig.messages(.failed).first?.contains("is a directory (EISDIR)") == true, "\(rig.messages(.failed))")
  }

  @Test("a reload that comes while the daemon starts is answered after READY")
  func reloadDuringStart() throws {
    let rig = Rig([Rig.job("a", every: 60)])
    try rig.live(seconds: 10) { $0.manager.send(.reload) }
    let notified = rig.manager.notifications.prefix(3)
    guard case .ready = notified.first else {
      Issue.record("READY is not first: \(notified)")
      return
    }
    #expect(notified.dropFirst().first == .reloading)
  }

  @Test("a directory whose problem has passed is reported to work again, and so is its next problem")
  func directoryProblem() throws {
    var job = Rig.job("a", every: 60)
    job.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([job])
    var isBroken = false
    rig.disk.fault = { call, directory, _ in
      isBroken && call == .look && directory != "/state" ? .io : nil
    }
    try rig.live(seconds: 1000) { rig in
      for (time, broken) in [(100, true), (300, false), (500, true), (700, false)] {
        rig.at(Int64(time)) { isBroken = broken }
      }
    }
    #expect(rig.messages(.failed).count == 2)
    #expect(rig.messages(.resolved) == ["job a: /logs: works again", "job a: /logs: works again"])
  }

  @Test("a version of a log that a job rotates is no log, whoever names it")
  func versionAsLog() throws {
    var archive = Rig.job("archive", every: 50)
    archive.logs = [LogPattern("/logs/a.log.1"), LogPattern("/logs/*")]
    let rig = Rig([Rig.job("a", every: 60), archive])
    try rig.live(seconds: 400) { $0.fill("a.log") }
    #expect(rig.disk.directories["/logs"]?.keys.sorted() == ["a.log", "a.log.1"])
  }

  @Test("files that cannot be rotated are left alone and reported once: links, directories, hard links")
  func obstacles() throws {
    var job = Rig.job("odd", every: 60)
    job.logs = ["/logs/link.log", "/logs/directory.log", "/logs/missing.log"].map { LogPattern($0) }
    let rig = Rig([job])
    rig.disk.plant(.symbolicLink, at: "/logs/link.log")
    rig.disk.plant(.directory, at: "/logs/directory.log")
    try rig.live(seconds: 200)
    #expect(
      rig.messages(.note).sorted() == [
        "job odd: /logs/directory.log: not rotated: it is a directory",
        "job odd: /logs/link.log: not rotated: it is a symbolic link, which is never followed",
      ])
  }
}
