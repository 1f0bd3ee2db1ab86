import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("A writer that does not open its log again")
struct StuckWriterTests {
  static func stuckJob(every seconds: Int64 = 3600, undoes: Bool = false, keep: Int = 5) -> Job {
    var job = HookTests.job("a", every: seconds, [HookTests.reload], keep: keep)
    job.policy.rules.compression = Compression(command: ["zip"], suffix: ".gz")
    job.policy.rules.reopenTimeout = .seconds(30)
    job.policy.rules.undoesWhenStuck = undoes
    return job
  }

  @Test("is notified again with growing delays until it closes the archive, and no more after that")
  func notifyAgain() throws {
    let rig = Rig([Self.stuckJob()])
    let writer = try #require(rig.disk.openForWriting("/logs/a.log"))
    rig.disk.append("x\n", toOpen: writer)
    try rig.live(seconds: 7100) { rig in
      rig.at(4000) { rig.disk.close(writer) }
    }
    let times = rig.notified
    #expect(zip(times.dropFirst(), times).map { $0 - $1 } == [30, 60, 120], "\(times)")
    #expect(rig.messages(.compressed).count == 1)
  }

  @Test(
    "is shown in the status at once, and no more once it has closed the archive, though nothing else happens meanwhile")
  func status() throws {
    let rig = Rig([Self.stuckJob()])
    let writer = try #require(rig.disk.openForWriting("/logs/a.log"))
    rig.disk.append("x\n", toOpen: writer)
    var texts: [String] {
      rig.manager.notifications.compactMap { if case .status(let text) = $0 { text } else { nil } }
    }
    var (shown, gone) = (false, true)
    try rig.live(seconds: 7100) { rig in
      rig.at(3700) {
        shown = texts.last?.contains("; archives still open: a") == true
        rig.disk.close(writer)
      }
      rig.at(4100) { gone = texts.last?.contains("held up") == false }
    }
    #expect(shown && gone, "\(texts)")
  }

  @Test("of many logs is notified again once for all of them")
  func notifyAgainTogether() throws {
    var job = Self.stuckJob()
    job.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([job])
    for number in 0..<30 {
      let writer = try #require(rig.disk.openForWriting("/logs/\(number).log"))
      rig.disk.append("x\n", toOpen: writer)
    }
    try rig.live(seconds: 3640)
    #expect(rig.notified.count == 2)
  }

  @Test("gets its log back if the config says so, and the log is rotated when it is due again")
  func undo() throws {
    let rig = Rig([Self.stuckJob(undoes: true)])
    let writer = try #require(rig.disk.openForWriting("/logs/a.log"))
    rig.disk.append("one\n", toOpen: writer)
    var wasAbsent = false
    rig.disk.afterChange = { _, _, _ in if rig.disk.inode(of: "/logs/a.log") == nil { wasAbsent = true } }
    try rig.live(seconds: 7300) { rig in
      rig.at(3700) {
        #expect(rig.disk.inode(of: "/logs/a.log") == writer)
        #expect(rig.disk.directories["/logs"]?.keys.sorted() == ["a.log"])
        rig.disk.append("two\n", toOpen: writer)
      }
      rig.at(7000) { rig.disk.close(writer) }
    }
    #expect(!wasAbsent)
    #expect(rig.messages(.rotated).count == 2)
    #expect(rig.disk.directories["/logs"]?.keys.sorted() == ["a.log", "a.log.1.gz"])
    #expect(rig.content("a.log.1.gz") == "one\ntwo\n")
    #expect(rig.messages(.undone).filter { $0.contains("the rotation is undone") }.count == 1)
    let state = try #require(rig.disk.content(of: "/state/state"))
    #expect(state.contains(" U \(writer) /logs/a.log"))
  }

  @Test("does not get it back once somebody has begun to write to the new one")
  func undoTooLate() throws {
    for moment in [0, 1] {
      let rig = Rig([Self.stuckJob(undoes: true)])
      let writer = try #require(rig.disk.openForWriting("/logs/a.log"))
      rig.disk.append("old\n", toOpen: writer)
      try rig.live(seconds: 3700) { rig in
        if moment == 0 {
          rig.at(3610) { rig.fill("a.log", "new\n") }
        } else {
          // Opened by the log's name before the exchange, and written after it.
          var late: UInt64?
          rig.at(3610) { late = rig.disk.openForWriting("/logs/a.log") }
          rig.driver.schedule(after: 3630 * Rig.second + 100_000_000) {
            if let late { rig.disk.append("new\n", toOpen: late) }
          }
        }
      }
      #expect(rig.disk.content(of: "/logs/a.log") == "new\n", "moment \(moment)")
      #expect(rig.disk.content(of: "/logs/a.log.1") == "old\n", "moment \(moment)")
      #expect(rig.messages(.undone).filter { $0.contains("undone") } == [])
    }
  }

  /// Month 97 found it: retention took the empty file for an archive, and the writer was notified of a rotation that was undone.
  @Test(
    "gets it back once, though retention or somebody else removes archives in the moment of the undo",
    arguments: [false, true])
  func removedMeanwhile(byOthers: Bool) throws {
    let rig = Rig([Self.stuckJob(undoes: true)])
    rig.configuration.jobs[0].policy.rules.maxTotal = 1000
    rig.configuration.jobs[0].policy.rules.keepMin = 0
    let writer = try #require(rig.disk.openForWriting("/logs/a.log"))
    rig.disk.append("one\n", toOpen: writer)
    var removed: [FileName] = []
    rig.disk.afterChange = { call, _, name in if call == .remove { removed.append(name) } }
    var wasThere = false
    try rig.live(seconds: 3700) { rig in
      rig.driver.schedule(after: 3630 * Rig.second + 50_000_000) {
        wasThere = rig.content("a.log.1") == ""
        if byOthers { return rig.disk.delete("/logs/a.log.1") }
        rig.configuration.jobs[0].policy.rules.maxTotal = 1
        rig.manager.send(.reload)
      }
    }
    #expect(wasThere && rig.disk.directories["/logs"]?.keys.sorted() == ["a.log"])
    #expect(rig.disk.inode(of: "/logs/a.log") == writer)
    #expect(rig.messages(.removed) == [])
    #expect(rig.messages(.undone).filter { $0.contains("the rotation is undone") }.count == 1)
    #expect(rig.notified.count == 1)
  }

  /// Months 17 and 175 found these faults.
  @Test(
    "that has its log back is not notified to close it, though the undo has not ended",
    arguments: [[SimulatedFileSystem.Call.write, .exchange], [.look]])
  func undoCutShort(failing: [SimulatedFileSystem.Call]) throws {
    let rig = Rig([Self.stuckJob(undoes: true)])
    let writer = try #require(rig.disk.openForWriting("/logs/a.log"))
    rig.disk.append("one\n", toOpen: writer)
    var exchanges = 0
    rig.disk.afterChange = { call, _, _ in if call == .exchange { exchanges += 1 } }
    // The first exchange is that of the rotation, the second that of the undo; then this can be neither synced nor
    // reversed, or what comes after it cannot be read.
    rig.disk.fault = { call, directory, _ in
      directory == "/logs" && exchanges == 2 && rig.driver.now().nanoseconds < 3640 * Rig.second
        && failing.contains(call) ? .io : nil
    }
    try rig.live(seconds: 3700)
    #expect(exchanges == 2 && rig.disk.inode(of: "/logs/a.log") == writer)
    #expect(rig.notified.count == 1, "\(rig.reports.map(\.message))")
    #expect(!rig.messages(.note).contains { $0.contains("is still open for writing") })
  }

  @Test("whose log is too large does not cause endless rotations and undos")
  func undoRests() throws {
    var job = Self.stuckJob(undoes: true)
    job.schedule = nil
    job.sizeLimit = SizeLimit(bytes: 2, check: .seconds(1))
    let rig = Rig([job])
    let writer = try #require(rig.disk.openForWriting("/logs/a.log"))
    rig.disk.append("x\n", toOpen: writer)
    try rig.live(seconds: 4000)
    // After 1, 2, 4, 8, 16 and 32 minutes, and 30 s each time.
    #expect((6...7).contains(rig.messages(.rotated).count), "\(rig.reports.map(\.message))")
    #expect(rig.disk.inode(of: "/logs/a.log") == writer)
  }

  /// With `rotate 5`, `compress` and a `postrotate` that fails, logrotate keeps one day of four: the script's failure
  /// prevents the compression, and the uncompressed file of the day before obstructs each day's own.
  @Test("keeps every day while the hook fails and archives are compressed")
  func everyDayWithFailingHook() throws {
    var job = Self.stuckJob(every: 86_400, keep: 5)
    job.policy.rules.hooks = [HookTests.shell]
    let rig = Rig([job])
    rig.processes.play = { request in
      if case .file = request.output { Rig.play(request) } else { .init(end: .exited(1)) }
    }
    var writers: [UInt64] = []
    try rig.live(seconds: 4 * 86_400 + 3600) { rig in
      for day in 0..<4 {
        rig.at(Int64(day) * 86_400 + 10) {
          guard let writer = rig.disk.openForWriting("/logs/a.log") else { return }
          rig.disk.append("day \(day)\n", toOpen: writer)
          writers.append(writer)
        }
        // The writer notices by itself, much later.
        rig.at(Int64(day + 1) * 86_400 + 40_000) { rig.disk.close(writers[day]) }
      }
    }
    #expect(rig.messages(.hookFailed).count == 1)
    let names: [FileName] = ["a.log.1", "a.log.2.gz", "a.log.3.gz", "a.log.4.gz"]
    let days = names.map { rig.content($0) }
    #expect(days == (0..<4).reversed().map { "day \($0)\n" })
  }

  @Test("keeps every day, even beyond `keep`, while it has the archive open and no hook reaches it")
  func everyDayBeyondKeep() throws {
    let rig = Rig([Self.stuckJob(every: 86_400, keep: 2)])
    rig.processes.units = { _ in .failure("Job for app.service failed.") }
    try rig.live(seconds: 6 * 86_400 + 3600) { rig in
      for day in 0..<6 {
        rig.at(Int64(day) * 86_400 + 10) {
          if let writer = rig.disk.openForWriting("/logs/a.log") { rig.disk.append("day \(day)\n", toOpen: writer) }
        }
      }
    }
    let days = (1...6).map { rig.disk.content(of: "/logs/a.log.\($0)") }
    #expect(days == (0..<6).reversed().map { "day \($0)\n" })
  }
}
