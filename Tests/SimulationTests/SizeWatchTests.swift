import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("The watch on sizes")
struct SizeWatchTests {
  /// A job whose sizes are watched.
  static func job(_ name: String = "a", logs: [FilePath]? = nil, bytes: Int64 = 1000, minInterval: Span? = nil) -> Job {
    Job(
      name: name, logs: (logs ?? ["/logs/\(name).log"]).map { LogPattern($0) },
      sizeLimit: SizeLimit(bytes: bytes, check: nil, minInterval: minInterval), policy: Policy(keep: 5))
  }

  private func text(_ bytes: Int) -> String { String(repeating: "x", count: bytes) }

  /// Checks of logs by their path.
  private func countLooks(_ rig: Rig) -> () -> Int {
    var looks = 0
    rig.disk.fault = { call, directory, _ in
      if call == .look, directory != "/state" { looks += 1 }
      return nil
    }
    return { looks }
  }

  @Test("an idle log costs nothing: no check, no wake-up")
  func idle() throws {
    let rig = Rig([Self.job()])
    rig.fill("a.log")
    let looks = countLooks(rig)
    var before = 0
    try rig.live(seconds: 1_000_000) { rig in
      rig.at(10) { before = looks() }
      rig.at(999_999) { #expect(looks() == before) }
    }
    #expect(before > 0)
  }

  @Test("a log that reaches its limit is rotated within milliseconds, also the second time and at once after the start")
  func limit() throws {
    let rig = Rig([Self.job()])
    rig.fill("a.log", text(1000))
    var times: [Int64] = []
    rig.disk.afterChange = { call, _, name in
      if call == .rename, name == ".a.log.rotated" { times.append(rig.driver.now().nanoseconds / 1_000_000) }
    }
    let start = rig.driver.now().nanoseconds / 1_000_000
    try rig.live(seconds: 1000) { rig in
      rig.at(100) { rig.fill("a.log", text(999)) }
      rig.at(200) { rig.fill("a.log", text(1)) }
      rig.at(300) { rig.fill("a.log", text(1000)) }
    }
    #expect(times.map { $0 - start } == [0, 200_000, 300_000])
    #expect(rig.messages(.rotated).count == 3)
  }

  @Test("a growing log is checked by time, and its watch is not set again until it is at rest")
  func growing() throws {
    let rig = Rig([Self.job(bytes: 1_000_000)])
    let inode = try #require(rig.disk.openForWriting("/logs/a.log"))
    var written = 0
    func write() {
      rig.disk.append(text(1000), toOpen: inode)
      written += 1
      if written < 999 { rig.driver.schedule(after: 10_000_000, write) }
    }
    try rig.live(seconds: 100) { rig in
      let notified = rig.disk.watches.notified
      rig.at(1, write)
      rig.at(11) { #expect(rig.disk.watches.notified == notified + 1) }
      rig.at(20) { #expect(rig.disk.watches.logs.count == 1) }
    }
    #expect(written == 999)
    #expect(rig.messages(.rotated) == [])
  }

  @Test("at a steady rate a log exceeds its limit by a few milliseconds of growth at most, rotation after rotation")
  func overshoot() throws {
    let rig = Rig([Self.job(bytes: 100_000)])
    var largest = 0
    rig.disk.afterChange = { call, _, name in
      if call == .exchange, let content = rig.disk.content(of: "/logs/.a.log.rotated") {
        largest = max(largest, content.utf8.count)
      }
    }
    func write() {
      // 1 MB/s, into whatever has the name now.
      rig.fill("a.log", text(1000))
      rig.driver.schedule(after: 1_000_000) { if rig.driver.now().nanoseconds < 12 * Rig.second { write() } }
    }
    try rig.live(seconds: 60) { $0.at(1, write) }
    #expect(rig.messages(.rotated).count >= 90)
    #expect(largest >= 100_000 && largest <= 103_000, "\(largest)")
  }

  @Test("a log that is moved away, removed, or made later is watched again under its name")
  func replaced() throws {
    let rig = Rig([Self.job()])
    rig.fill("a.log")
    try rig.live(seconds: 1000) { rig in
      rig.at(100) { rig.disk.delete("/logs/a.log") }
      rig.at(200) { rig.fill("a.log", text(500)) }
      rig.at(300) {
        rig.disk.delete("/logs/a.log")
        rig.fill("a.log", text(500))
      }
      rig.at(400) { rig.fill("a.log", text(500)) }
    }
    #expect(rig.messages(.rotated).count == 1)
    #expect(rig.disk.content(of: "/logs/a.log.1")?.utf8.count == 1000)
  }

  @Test("directories that are made later are found, for a path and for a pattern, and also when they come back")
  func laterDirectories() throws {
    let rig = Rig([
      Self.job("path", logs: ["/srv/one/two/app.log"]), Self.job("pattern", logs: ["/srv/*/logs/*.txt"]),
    ])
    func put(_ path: FilePath) {
      guard let inode = rig.disk.openForWriting(path) else {
        Issue.record("cannot open \(path)")
        return
      }
      rig.disk.append(text(1000), toOpen: inode)
      rig.disk.close(inode)
    }
    try rig.live(seconds: 1000) { rig in
      rig.at(100) { rig.disk.makeDirectory("/srv/one/two") }
      rig.at(110) { put("/srv/one/two/app.log") }
      rig.at(120) { rig.disk.makeDirectory("/srv/b/logs") }
      rig.at(130) { put("/srv/b/logs/x.txt") }
      rig.at(140) { put("/srv/b/logs/.hidden.txt") }
      rig.at(200) {
        for name in rig.disk.directories["/srv/b/logs"] ?? [:] { rig.disk.delete("/srv/b/logs/\(name.key)") }
        rig.disk.delete("/srv/b/logs")
        rig.disk.delete("/srv/b")
      }
      rig.at(300) {
        rig.disk.makeDirectory("/srv/b/logs")
        put("/srv/b/logs/again.txt")
      }
    }
    let rotated = rig.messages(.rotated).map { $0.split(separator: " ")[3] }
    #expect(rotated == ["/srv/one/two/app.log", "/srv/b/logs/x.txt", "/srv/b/logs/again.txt"])
    #expect(rig.messages(.failed) == [])
  }

  @Test("when events are lost, everything is checked once")
  func lostEvents() throws {
    let rig = Rig([Self.job("a"), Self.job("p", logs: ["/logs/*.txt"])])
    rig.fill("a.log")
    try rig.live(seconds: 1000) { rig in
      rig.at(100) {
        rig.disk.watches.losses = 3
        rig.fill("a.log", text(1000))
        rig.fill("new.txt", text(1000))
        #expect(rig.disk.watches.losses == 1)
      }
      rig.at(102) { #expect(rig.messages(.rotated).count == 2) }
    }
    #expect(rig.messages(.rotated).count == 2)
  }

  @Test("beyond the limit of watches logs are checked by time, which is reported once")
  func watchLimit() throws {
    let rig = Rig([Self.job("p", logs: ["/logs/*.log"])])
    rig.disk.watches.limit = 2
    for name in ["a", "b", "c"] { rig.fill("\(name).log") }
    try rig.live(seconds: 1000) { rig in
      rig.at(100) { for name in ["a", "b", "c"] { rig.fill("\(name).log", text(1000)) } }
      rig.at(111) { #expect(rig.messages(.rotated).count == 3) }
    }
    #expect(rig.messages(.rotated).count == 3)
    #expect(rig.messages(.note).filter { $0.contains("max_user_watches") }.count == 1)
  }

  @Test("a file system that does not report changes is listed by time, for new files too")
  func remote() throws {
    let rig = Rig([Self.job("p", logs: ["/logs/*.log"])])
    rig.disk.watches.remote = ["/logs"]
    rig.fill("a.log")
    try rig.live(seconds: 1000) { rig in
      rig.at(100) {
        rig.fill("a.log", text(1000))
        rig.fill("b.log", text(1000))
      }
      rig.at(125) { #expect(rig.messages(.rotated).count == 2) }
    }
    #expect(rig.messages(.note).count == 1)
    #expect(rig.messages(.note).first?.contains("checking every 10s instead") == true, "\(rig.messages(.note))")
  }

  @Test("a log that cannot be rotated is tried again with growing pauses, and reported once")
  func obstacle() throws {
    let rig = Rig([Self.job()])
    rig.disk.fault = { call, directory, _ in call == .exchange && directory == "/logs" ? .io : nil }
    var tries = 0
    rig.disk.afterChange = { call, _, name in if call == .create, name == ".a.log.rotated" { tries += 1 } }
    try rig.live(seconds: 1000) { rig in
      rig.fill("a.log", text(1000))
      for second in 1..<300 { rig.at(Int64(second)) { rig.fill("a.log", text(10)) } }
      rig.at(301) { #expect(rig.messages(.failed).count == 1) }
      rig.at(302) { rig.disk.fault = nil }
    }
    #expect(rig.messages(.failed).count == 1)
    #expect(rig.messages(.rotated).count == 1)
  }

  @Test("a file that is not regular does not make the daemon spin")
  func notRegular() throws {
    let rig = Rig([Self.job(bytes: 1)])
    rig.disk.plant(.other, at: "/logs/a.log", content: "xxxx")
    let looks = countLooks(rig)
    try rig.live(seconds: 1000)
    // A dozen tries, with about twenty checks each.
    #expect(looks() < 300, "\(looks())")
    #expect(rig.messages(.note).count == 1)
  }

  @Test("min-interval separates two rotations of one log, over a restart too, unless space is low")
  func minInterval() throws {
    let rig = Rig([Self.job(minInterval: .seconds(60))])
    try rig.live(seconds: 30) { rig in
      rig.at(10) { rig.fill("a.log", text(1000)) }
      rig.at(20) { rig.fill("a.log", text(1000)) }
    }
    #expect(rig.messages(.rotated).count == 1)
    var count = [Int]()
    try rig.live(seconds: 100) { rig in
      rig.at(39) { count.append(rig.messages(.rotated).count) }
      rig.at(42) { count.append(rig.messages(.rotated).count) }
    }
    #expect(count == [1, 2])
  }

  @Test("min-interval holds for checks at intervals as well")
  func minIntervalPolled() throws {
    var job = Self.job(logs: ["/logs/a.log", "/logs/*.txt"])
    job.sizeLimit = SizeLimit(bytes: 1000, check: .seconds(1), minInterval: .seconds(60))
    let rig = Rig([job])
    var count = [Int]()
    try rig.live(seconds: 100) { rig in
      for second in [10, 20] as [Int64] {
        rig.at(second) { for name: FileName in ["a.log", "b.txt"] { rig.fill(name, text(1000)) } }
      }
      for second in [12, 69, 73] as [Int64] { rig.at(second) { count.append(rig.messages(.rotated).count) } }
    }
    #expect(count == [2, 2, 4])
  }

  @Test("a reload moves logs between jobs, and changes limits, without a restart")
  func reload() throws {
    let rig = Rig([Self.job("wide", logs: ["/logs/*.log"])])
    for name in ["a", "b"] { rig.fill("\(name).log", text(500)) }
    try rig.live(seconds: 1000) { rig in
      rig.at(100) {
        rig.configuration.jobs.insert(Self.job("a", bytes: 400), at: 0)
        rig.manager.send(.reload)
      }
      rig.at(200) {
        #expect(rig.messages(.rotated).map { $0.split(separator: ":")[0] } == ["job a"])
        rig.configuration.jobs.removeFirst()
        rig.manager.send(.reload)
      }
      rig.at(300) { rig.fill("a.log", text(999)) }
      rig.at(301) { #expect(rig.messages(.rotated).count == 1) }
      rig.at(302) { rig.fill("a.log", text(1)) }
      rig.at(303) { #expect(rig.messages(.rotated).count == 2) }
      rig.at(400) {
        rig.configuration.jobs[0].sizeLimit?.bytes = 500
        rig.manager.send(.reload)
      }
    }
    #expect(rig.messages(.rotated).map { $0.split(separator: ":")[0] } == ["job a", "job wide", "job wide"])
  }

  @Test("archives are not taken for logs, even under a pattern that they match")
  func archives() throws {
    let rig = Rig([Self.job("all", logs: ["/logs/*"])])
    try rig.live(seconds: 1000) { rig in
      for second in [10, 20, 30] as [Int64] { rig.at(second) { rig.fill("a.log", text(1000)) } }
    }
    #expect(rig.disk.directories["/logs"]?.keys.sorted() == ["a.log", "a.log.1", "a.log.2", "a.log.3"])
    #expect(rig.messages(.rotated).count == 3)
  }
}
