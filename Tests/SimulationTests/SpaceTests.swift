import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

/// A disk of 10,000 bytes, of which a fifth has to stay free; below 3,000 free bytes there is a warning.
@Suite("A disk that fills")
struct SpaceTests {
  private func rig(_ jobs: [Job]) -> Rig {
    let rig = Rig(jobs)
    rig.configuration.daemon = DaemonSettings(keepFree: .basisPoints(2000), warnFree: .bytes(3000))
    rig.disk.capacity = 10_000
    return rig
  }

  private func plant(_ rig: Rig, _ log: String, _ numbers: ClosedRange<Int>, bytes: Int, age: Int64 = 0) {
    for number in numbers {
      rig.disk.plant(.regular, at: "/logs/\(log).\(number)", content: String(repeating: "x", count: bytes))
      let time = rig.driver.wallClock() - .seconds(age + Int64(number) * 1000)
      rig.disk.touch("/logs/\(log).\(number)", time)
    }
  }

  private func names(_ rig: Rig) -> [FileName] { rig.disk.directories["/logs"]?.keys.sorted() ?? [] }

  private func status(_ rig: Rig) -> String {
    rig.manager.notifications.reversed().lazy.compactMap {
      switch $0 {
      case .ready(let text), .status(let text): text
      default: nil
      }
    }.first ?? ""
  }

  @Test(
    "is warned of once, acted on below the second bound with the oldest of all jobs first, and its end is reported once"
  )
  func stages() throws {
    let rig = rig([Rig.job("a", every: 100_000), Rig.job("b", every: 100_000)])
    plant(rig, "a.log", 1...3, bytes: 1000)
    plant(rig, "b.log", 1...3, bytes: 1000, age: 500)
    var found: [Int64: [FileName]] = [:]
    var said: [Int64: String] = [:]
    try rig.live(seconds: 9000) { rig in
      rig.at(1000) {
        rig.disk.plant(.regular, at: "/logs/other", content: String(repeating: "o", count: 1300))
        rig.disk.plant(.regular, at: "/logs/bit", content: String(repeating: "o", count: 200))
      }
      rig.at(2000) { rig.disk.plant(.regular, at: "/logs/more", content: String(repeating: "o", count: 1500)) }
      for time: Int64 in [999, 1999, 3999, 5999, 8999] {
        rig.at(time) {
          found[time] = names(rig).filter { ArchiveNaming.numbered.parse($0) != nil }
          said[time] = status(rig)
        }
      }
      // Just above the bound is not enough to end the warning; a tenth more is.
      rig.at(4000) { rig.disk.delete("/logs/bit") }
      rig.at(6000) { rig.disk.delete("/logs/more") }
    }
    let all: [FileName] = ["a.log.1", "a.log.2", "a.log.3", "b.log.1", "b.log.2", "b.log.3"]
    #expect(found[999] == all)
    #expect(found[1999] == all)
    #expect(found[3999] == all.filter { $0 != "a.log.3" && $0 != "b.log.3" })
    #expect(said[999]?.contains("low on space") == false)
    #expect(said[1999]?.contains("; low on space: /logs 2") == true, "\(said)")
    #expect(said[5999]?.contains("; low on space: /logs 3") == true, "\(said)")
    #expect(said[5999]?.contains("(3K) free") == true, "\(said)")
    #expect(said[8999]?.contains("low on space") == false)
    let notified = rig.messages(.lowSpace)
    #expect(notified.count == 2, "\(notified)")
    #expect(
      notified.first?.hasPrefix("low on space: 2") == true && notified.first?.hasSuffix("`warn-free` is 2.9K") == true)
    #expect(notified.last?.hasSuffix("`keep-free` is 20%, so the oldest archives are removed") == true)
    #expect(
      rig.messages(.madeRoom) == [
        "job b: removed /logs/b.log.3 (1000B) to free space: less than 20% is free on the file system of /logs",
        "job a: removed /logs/a.log.3 (1000B) to free space: less than 20% is free on the file system of /logs",
      ])
    #expect(rig.messages(.resolved).filter { $0.hasPrefix("enough space again") }.count == 1)
  }

  @Test(
    "keeps the newest of each log and what a writer has open, reports once that nothing is left, and continues to try")
  func exhausted() throws {
    let rig = rig([Rig.job("a", every: 100_000)])
    rig.fill("a.log")
    plant(rig, "a.log", 1...3, bytes: 2500)
    rig.disk.plant(.regular, at: "/logs/other", content: String(repeating: "o", count: 2000))
    let writer = rig.disk.openForWriting("/logs/a.log.3")
    var found: [FileName] = []
    try rig.live(seconds: 4000) { rig in
      rig.at(3000) {
        found = names(rig)
        if let writer { rig.disk.close(writer) }
        rig.disk.plant(.regular, at: "/logs/more", content: String(repeating: "o", count: 4000))
      }
    }
    #expect(found == ["a.log", "a.log.1", "a.log.3", "other"])
    // While a writer has one open, it is just enough; when more is needed, it is closed, and then only `keep-min` is
    // left.
    let notified = rig.messages(.lowSpace).filter { $0.contains("no archive is left that may be removed") }
    #expect(notified.count == 1, "\(rig.reports.map(\.message))")
    #expect(names(rig) == ["a.log", "a.log.1", "more", "other"])
  }

  @Test("reports which removed archive a reader still has open, and does not count its space as free at once")
  func readers() throws {
    let rig = rig([Rig.job("a", every: 100_000)])
    plant(rig, "a.log", 1...4, bytes: 2100)
    let reader = rig.disk.openForReading("/logs/a.log.4")
    var found: [Int64: [FileName]] = [:]
    try rig.live(seconds: 400) { rig in
      for time: Int64 in [30, 399] { rig.at(time) { found[time] = names(rig) } }
    }
    #expect(found[30] == ["a.log.1", "a.log.2", "a.log.3"])
    // A file system may need a minute to free space; then the next one is removed.
    #expect(found[399] == ["a.log.1", "a.log.2"])
    #expect(rig.messages(.madeRoom).first?.contains("it is still open in pid 815 (reader), so its space") == true)
    #expect(rig.messages(.madeRoom).count == 2)
    if let reader { rig.disk.closeReader(reader) }
  }

  @Test("rotates at once what has reached its size, and loses nothing while new logs cannot be made")
  func rotatesWhileFull() throws {
    var job = Rig.job("a", every: 60)
    job.schedule = nil
    job.sizeLimit = SizeLimit(bytes: 500, check: .seconds(50_000))
    let rig = rig([job])
    try rig.live(seconds: 3000) { rig in
      rig.at(10) { rig.fill("a.log", String(repeating: "a", count: 600)) }
      rig.at(20) { rig.disk.plant(.regular, at: "/logs/other", content: String(repeating: "o", count: 9400)) }
      rig.at(2000) {
        #expect(rig.disk.content(of: "/logs/a.log")?.count == 600)
        rig.disk.delete("/logs/other")
        // A request from before is done with the next check.
        rig.manager.send(.lookNow)
      }
    }
    let failed = rig.messages(.failed).filter { $0.contains("cannot rotate") }
    #expect(failed.count == 1 && failed[0].contains("no space left on device (ENOSPC)"), "\(failed)")
    #expect(rig.disk.content(of: "/logs/a.log.1")?.count == 600)
    #expect(rig.disk.content(of: "/logs/a.log") == "")
    #expect(rig.messages(.resolved).contains("job a: /logs/a.log: works again"))
  }

  @Test("a config without the two keys causes no wake-ups, and a reload begins and ends the watch")
  func reload() throws {
    let rig = rig([Rig.job("a", every: 100_000)])
    plant(rig, "a.log", 1...3, bytes: 3000)
    let settings = rig.configuration.daemon
    rig.configuration.daemon = DaemonSettings()
    var found: [Int64: [FileName]] = [:]
    try rig.live(seconds: 5000) { rig in
      rig.at(1000) {
        found[1000] = names(rig)
        rig.configuration.daemon = settings
        rig.manager.send(.reload)
      }
      rig.at(2000) {
        found[2000] = names(rig)
        rig.configuration.daemon = DaemonSettings()
        rig.manager.send(.reload)
      }
      rig.at(3000) { plant(rig, "a.log", 2...3, bytes: 3000) }
    }
    #expect(found[1000] == ["a.log.1", "a.log.2", "a.log.3"])
    #expect(found[2000] == ["a.log.1", "a.log.2"])
    #expect(names(rig) == ["a.log.1", "a.log.2", "a.log.3"])
    #expect(status(rig).contains("low on space") == false)
  }

  @Test("is measured more often the less is left and the faster it falls, between a second and ten minutes")
  func pace() throws {
    var gauge = SpaceGauge(warnFree: .basisPoints(1000), keepFree: .basisPoints(500))
    var time = MonotonicTime(nanoseconds: 0)
    func pause(free: Int64, after seconds: Int64) -> Int64 {
      time = MonotonicTime(nanoseconds: time.nanoseconds + seconds * Rig.second)
      gauge.note(free: free, total: 1_000_000, at: time)
      return ((gauge.nextLook?.nanoseconds ?? 0) - time.nanoseconds) / Rig.second
    }
    #expect(pause(free: 900_000, after: 0) == 600)
    // The least pace is that of an hour for the whole disk.
    #expect(pause(free: 200_000, after: 10_000) == 180)
    #expect(pause(free: 110_000, after: 10_000) == 18)
    #expect(gauge.stage == .plenty)
    // A hundred thousand bytes in ten seconds.
    #expect(pause(free: 900_000, after: 10_000) == 600)
    #expect(pause(free: 800_000, after: 10) == 17)
    #expect(pause(free: 99_999, after: 10) == 1)
    #expect(gauge.stage == .low)
    // The space does not fall any more: each pause is twice the one before, up to a minute.
    #expect(pause(free: 50_001, after: 10) == 1)
    #expect((0..<8).map { _ in pause(free: 50_001, after: 60) } == [2, 4, 8, 16, 32, 60, 60, 60])
    #expect(pause(free: 50_000, after: 10) == 1)
    #expect(pause(free: 105_000, after: 10) >= 1)
    #expect(gauge.stage == .low)
    _ = pause(free: 110_000, after: 10)
    #expect(gauge.stage == .plenty)
    _ = pause(free: 49_999, after: 10)
    #expect(gauge.stage == .acting)
    _ = pause(free: 54_999, after: 10)
    #expect(gauge.stage == .acting)
    _ = pause(free: 55_000, after: 10)
    #expect(gauge.stage == .low)
  }
  @Test("lets the smallest archive be compressed first")
  func smallestFirst() throws {
    var job = Rig.job("all", every: 60)
    job.logs = [LogPattern("/logs/*.log")]
    job.policy.rules.compression = Compression(command: ["gzip", "-c"], suffix: ".gz")
    let rig = Rig([job])
    rig.configuration.daemon = DaemonSettings(warnFree: .bytes(9000))
    rig.configuration.daemon.maxChildren = 1
    rig.disk.capacity = 10_000
    for (name, bytes) in [("a", 700), ("b", 200), ("c", 600), ("d", 100), ("e", 500)] as [(String, Int)] {
      rig.fill("\(name).log", String(repeating: "x", count: bytes - 1) + "\n")
    }
    try rig.live(seconds: 80)
    // The first of them has not waited.
    let sizes = rig.reports.filter { $0.kind == .compressed }.dropFirst().compactMap {
      $0.log.flatMap { ["/logs/a.log": 700, "/logs/b.log": 200, "/logs/c.log": 600, "/logs/d.log": 100][$0] ?? 500 }
    }
    #expect(sizes.count == 4)
    #expect(sizes == sizes.sorted())
  }
}
