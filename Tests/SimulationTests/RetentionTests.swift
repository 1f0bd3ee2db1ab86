import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Retention")
struct RetentionLifeTests {
  private static func job(
    _ name: String, every seconds: Int64 = 60, keep: Int = 9, _ change: (inout Policy.Rules) -> Void
  ) -> Job {
    var job = Rig.job(name, every: seconds, keep: keep)
    change(&job.policy.rules)
    return job
  }

  private func archives(_ rig: Rig) -> [FileName] {
    (rig.disk.directories["/logs"] ?? [:]).keys.filter { ArchiveNaming.numbered.parse($0) != nil }.sorted()
  }

  @Test("an archive is removed at the moment it has its age, between rotations, by one task that sleeps until then")
  func agePasses() throws {
    let rig = Rig([Self.job("a", every: 3600) { $0.maxAge = .seconds(600) }])
    var names: [Int64: [FileName]] = [:]
    try rig.live(seconds: 1300) { rig in
      // The interval job is due at 3600; USR1 does not affect it, so the archives are planted.
      rig.fill("a.log")
      rig.disk.plant(.regular, at: "/logs/a.log.1", content: "new\n")
      rig.disk.plant(.regular, at: "/logs/a.log.2", content: "old\n")
      rig.disk.touch("/logs/a.log.2", rig.driver.wallClock() - .seconds(300))
      for time: Int64 in [299, 301, 1299] { rig.at(time) { names[time] = archives(rig) } }
    }
    #expect(names[299] == ["a.log.1", "a.log.2"])
    #expect(names[301] == ["a.log.1"])
    // `keep-min` is 1.
    #expect(names[1299] == ["a.log.1"])
    #expect(rig.messages(.removed) == ["job a: removed /logs/a.log.2 (4B): older than 10min"])
  }

  @Test("with keep-min 0 the last archive is removed too, and the live log never is")
  func nothingKept() throws {
    let rig = Rig([
      Self.job("a", every: 100) { rules in
        rules.maxAge = .seconds(30)
        rules.keepMin = 0
      }
    ])
    try rig.live(seconds: 150) { $0.fill("a.log") }
    #expect(rig.messages(.rotated).count == 1)
    #expect(rig.disk.directories["/logs"]?.keys.sorted() == ["a.log"])
  }

  @Test("archives have their age too while the writer has not created its log again")
  func logIsGone() throws {
    var job = Self.job("a", every: 100) { $0.maxAge = .seconds(30) }
    job.logs = [LogPattern("/logs/*.log")]
    job.policy.rules.creation = .leftToWriter
    let rig = Rig([job])
    try rig.live(seconds: 350) { rig in
      for start: Int64 in [0, 100] { rig.at(start + 10) { rig.fill("a.log", "at \(start)\n") } }
    }
    #expect(rig.messages(.rotated).count == 2)
    #expect(rig.disk.directories["/logs"]?.keys.sorted() == ["a.log.1"])
    #expect(rig.disk.content(of: "/logs/a.log.1") == "at 100\n")
  }

  @Test("the bytes of a job count its live logs, and the oldest archive of all its logs is removed first")
  func total() throws {
    var job = Self.job("a", every: 100) { $0.maxTotal = 30 }
    job.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([job])
    try rig.live(seconds: 350) { rig in
      // Ten bytes each: a at 10, b at 20, and again before each rotation.
      for start: Int64 in [0, 100, 200] {
        rig.at(start + 10) { rig.fill("a.log", "aaaaaaaaa\n") }
        rig.at(start + 20) { rig.fill("b.log", "bbbbbbbbb\n") }
      }
    }
    // Of six archives three fit; the newest of each log, and the younger of the next.
    #expect(archives(rig) == ["a.log.1", "b.log.1", "b.log.2"])
    #expect(
      rig.messages(.removed) == [
        "job a: removed /logs/a.log.2 (10B): the job has more than 30B",
        "job a: removed /logs/b.log.3 (10B): the job has more than 30B",
        "job a: removed /logs/a.log.2 (10B): the job has more than 30B",
      ])
  }

  @Test("a reload that lowers max-total has its effect at once, and one that removes it ends that")
  func reload() throws {
    let rig = Rig([Self.job("a", every: 3600) { $0.maxTotal = 1000 }])
    try rig.live(seconds: 500) { rig in
      rig.fill("a.log", "x")
      for number in 1...5 { rig.disk.plant(.regular, at: "/logs/a.log.\(number)", content: "0123456789") }
      rig.at(100) {
        rig.configuration.jobs[0].policy.rules.maxTotal = 31
        rig.manager.send(.reload)
      }
    }
    #expect(archives(rig) == ["a.log.1", "a.log.2", "a.log.3"])
  }

  @Test(
    "an archive that a writer has open stays, is reported once, and is removed when it is closed; others go meanwhile",
    arguments: [2, 3])
  func held(number: Int) throws {
    let rig = Rig([Self.job("a", every: 100_000) { $0.maxAge = .seconds(60) }])
    var names: [Int64: [FileName]] = [:]
    try rig.live(seconds: 2000) { rig in
      rig.fill("a.log")
      for number in 1...4 { rig.disk.plant(.regular, at: "/logs/a.log.\(number)", content: "\(number)\n") }
      let writer = rig.disk.openForWriting("/logs/a.log.\(number)")
      rig.at(1000) {
        names[1000] = archives(rig)
        if let writer { rig.disk.close(writer) }
      }
    }
    #expect(names[1000] == ["a.log.1", "a.log.\(number)"])
    #expect(
      rig.messages(.note) == [
        "job a: /logs/a.log.\(number) is still open for writing in pid 4711 (app), so it is not removed (older than 1min)"
      ])
    #expect(rig.messages(.resolved) == ["job a: archives can be removed again"])
    #expect(archives(rig) == ["a.log.1"])
  }

  @Test(
    "a removal that fails is reported once and retried with growing delays; a read-only disk is not asked for each name"
  )
  func failing() throws {
    let rig = Rig([Self.job("a", every: 100_000) { $0.maxAge = .seconds(60) }])
    for number in 1...6 { rig.disk.plant(.regular, at: "/logs/a.log.\(number)", content: "\(number)\n") }
    var tries: [Int64] = []
    rig.disk.fault = { call, directory, _ in
      guard call == .remove, directory == "/logs" else { return nil }
      tries.append(rig.driver.now().nanoseconds / Rig.second)
      return tries.count <= 4 ? .readOnly : nil
    }
    try rig.live(seconds: 600)
    #expect(zip(tries.dropFirst(), tries).map { $0 - $1 }.prefix(4) == [1, 2, 4, 8], "\(tries)")
    #expect(
      rig.messages(.failed) == [
        "job a: cannot remove /logs/a.log.6 (older than 1min): read-only file system (EROFS); trying again later"
      ])
    #expect(archives(rig) == ["a.log.1"])
  }

  @Test("a clock that is set forward makes archives correspondingly old")
  func clockSet() throws {
    let rig = Rig([Self.job("a", every: 100_000) { $0.maxAge = .seconds(86_400) }])
    try rig.live(seconds: 100) { rig in
      for number in 1...2 { rig.disk.plant(.regular, at: "/logs/a.log.\(number)", content: "x") }
      rig.at(50) { rig.driver.setWallClock(rig.driver.wallClock() + .seconds(90_000)) }
    }
    #expect(archives(rig) == ["a.log.1"])
  }

  @Test("an entry that is no file, or not of this log, is neither removed nor counted as one that stays")
  func foreign() throws {
    let rig = Rig([Self.job("a", every: 100_000) { $0.maxAge = .seconds(60) }])
    rig.disk.plant(.symbolicLink, at: "/logs/a.log.1")
    for number in 2...3 { rig.disk.plant(.regular, at: "/logs/a.log.\(number)", content: "x") }
    rig.disk.plant(.directory, at: "/logs/a.log.4")
    rig.disk.plant(.regular, at: "/logs/b.log.2", content: "x")
    rig.disk.plant(.regular, at: "/logs/a.log.2024", content: "x")
    try rig.live(seconds: 1000)
    #expect(
      rig.disk.directories["/logs"]?.keys.sorted() == ["a.log.1", "a.log.2", "a.log.2024", "a.log.4", "b.log.2"])
  }

  @Test(
    "an archive that cannot be removed keeps the newer ones of its log and no other, is reported once and tried again",
    arguments: ["max-age", "max-total", "keep-free", "keep"])
  func failingOldest(_ rule: String) throws {
    var job = Self.job("a", every: 100_000, keep: rule == "keep" ? 1 : 9) { rules in
      if rule == "max-age" { rules.maxAge = .seconds(60) }
      if rule == "max-total" { rules.maxTotal = 1500 }
    }
    job.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([job])
    if rule == "keep-free" {
      rig.configuration.daemon.keepFree = .bytes(97_000)
      rig.disk.capacity = 100_000
    }
    for log in ["a", "b"] {
      rig.disk.plant(.regular, at: "/logs/\(log).log")
      for number in 1...4 {
        let path: FilePath = "/logs/\(log).log.\(number)"
        rig.disk.plant(.regular, at: path, content: String(repeating: "x", count: 1000))
        rig.disk.touch(path, rig.driver.wallClock() - .seconds(Int64(number) * 1000))
      }
    }
    var isBroken = true
    var tries = 0
    rig.disk.fault = { call, _, name in
      guard call == .remove, name == "a.log.4", isBroken else { return nil }
      tries += 1
      return .io
    }
    var left: [FileName] = []
    try rig.live(seconds: 4000) { rig in
      rig.at(2000) {
        left = archives(rig)
        isBroken = false
      }
    }
    #expect(left == ["a.log.1", "a.log.2", "a.log.3", "a.log.4", "b.log.1"])
    #expect((3...20).contains(tries), "\(tries)")
    #expect(rig.messages(.failed).count == 1, "\(rig.messages(.failed))")
    #expect(!archives(rig).contains("a.log.4"))
    #expect(archives(rig).contains("a.log.1"))
  }

  @Test(
    "a rotation that cannot remove the oldest surplus archive removes none that is newer", arguments: [Errno.io, .busy])
  func failingPrune(_ errno: Errno) throws {
    let disk = SimulatedFileSystem()
    disk.makeDirectory("/logs")
    for number in 4...6 { disk.plant(.regular, at: "/logs/a.log.\(number)") }
    disk.fault = { call, _, name in call == .remove && name == "a.log.5" ? errno : nil }
    let steps = [6, 5, 4].map { Step.remove(Location("a.log.\($0)"), .keep) }
    let result = try Applier(fileSystem: disk).apply(
      steps, live: "a.log", in: LogDirectories(try disk.openDirectory("/logs")))
    #expect(result.unremoved.map(\.errno) == [errno])
    // One that a writer has open does not keep the others.
    let left: [FileName] = errno == .busy ? ["a.log.5"] : ["a.log.4", "a.log.5"]
    #expect(disk.directories["/logs"]?.keys.sorted() == left)
  }

  @Test(
    "a reload that removes more archives than before first reports how many, and any other reports nothing"
  )
  func announced() throws {
    let rig = Rig([Self.job("a", every: 100_000, keep: 9) { $0.maxTotal = 1 << 20 }])
    var before: [String] = []
    var wasThere: Bool?
    try rig.live(seconds: 900) { rig in
      rig.fill("a.log", "x")
      for number in 1...6 { rig.disk.plant(.regular, at: "/logs/a.log.\(number)", content: "0123456789") }
      let notified = { rig.messages(.note).filter { $0.contains("the new config removes") } }
      rig.disk.beforeRemoval = { _, name in
        if wasThere == nil, name.bytes.starts(with: "a.log.".utf8) { wasThere = notified().count == 1 }
      }
      rig.at(100) {
        rig.configuration.jobs[0].policy.rules.keep = 8
        rig.manager.send(.reload)
      }
      rig.at(200) {
        before = notified()
        rig.configuration.jobs[0].policy.rules.keep = 4
        rig.manager.send(.reload)
      }
      rig.at(300) {
        rig.configuration.jobs[0].policy.rules.maxTotal = 25
        rig.manager.send(.reload)
      }
      rig.at(500) {
        rig.configuration.jobs[0].policy.rules.maxAge = .seconds(60)
        rig.manager.send(.reload)
      }
    }
    #expect(before == [])
    #expect(wasThere == true)
    #expect(
      rig.messages(.note).filter { $0.contains("the new config") } == [
        "job a: the new config removes 2 archives, 20B, more than the old one: `keep` is 4, was 8",
        "job a: the new config removes 2 archives, 20B, more than the old one: `max-total` is 25B, was 1M",
        "job a: the new config removes 1 archive, 10B, more than the old one: `max-age` is 1min, was none",
      ])
    #expect(archives(rig) == ["a.log.1"])
  }
}
