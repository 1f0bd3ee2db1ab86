import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

/// What a state, a file system or a clock may report, and what the daemon does with it.
@Suite("Extreme numbers in the daemon")
struct ExtremeNumbersTests {
  static let numbers: [Int64] = [
    .min, .min + 1, -(1 << 62), -9_223_372_037, -1, 0, 1, 999_999_999, 1 << 50, 1_795_305_600_000_000_000, 1 << 62,
    .max - 1, .max,
  ]

  static let schedules: [Schedule] = [
    .interval(Limits.shortestSpan), .interval(.seconds(60)), .interval(Limits.longestSpan), .daily(.midnight),
    .calendar(
      CalendarSchedule(
        name: "late", CalendarSchedule.daily(.midnight).expressions, delay: Limits.longestJitter)),
  ]

  @Test("a job that has served any moment knows when it is due, whatever its clocks show", arguments: schedules)
  func clocks(schedule: Schedule) {
    for served in Self.numbers {
      for wall in Self.numbers {
        for monotonic in Self.numbers where monotonic >= 0 {
          let now = Now(
            monotonic: MonotonicTime(nanoseconds: monotonic), wall: WallTime(nanoseconds: wall))
          var clock = JobClock(schedule, served: WallTime(nanoseconds: served), now: now, zone: .utc)
          if let due = clock.due(now, zone: .utc) {
            #expect(due <= now.wall)
            clock.advance(past: due, now: now, zone: .utc)
            clock.markServed(due)
          }
          clock.lookUpAgain(now: now, zone: .utc)
          clock.zoneWasChanged(now: now, zone: .utc)
          _ = clock.skipMissed(now: now, zone: .utc)
        }
      }
    }
  }

  @Test("a state with extreme times and offsets starts a daemon that rotates", arguments: numbers)
  func state(number: Int64) throws {
    var daily = Rig.job("b", every: 60)
    daily.schedule = .daily(.midnight)
    var truncated = Rig.job("c", every: 60)
    truncated.policy.rules.method = .truncate(by: .auto)
    let rig = Rig([Rig.job("a", every: 60), daily, truncated])
    for name in ["a", "b", "c"] { rig.fill("\(name).log", "line\n") }
    let live = try #require(rig.disk.inode(of: "/logs/c.log"))
    rig.disk.plant(.regular, at: "/logs/c.log.1", content: "other\n")
    let archive = try #require(rig.disk.inode(of: "/logs/c.log.1"))
    let store = StateStore(fileSystem: rig.disk, directory: try rig.disk.openDirectory("/state"))
    let time = WallTime(nanoseconds: number)
    let end = max(0, number)
    store.record(["a", "b", "c"].map { .served(job: $0, time) })
    store.record(["a", "b"].map { .begun(log: "/logs/\($0).log", Intent(inode: 1, due: time, time: time)) })
    store.record([
      .cutting(
        log: "/logs/c.log",
        Truncation(live: live, archive: archive, start: end, end: end, way: .collapse, blockSize: 4096, due: time)),
      .filled(log: "/logs/c.log", Padding(inode: live, length: min(end, Limits.maxPadding))),
    ])
    try rig.live(seconds: 2 * 86_400)
    for name in ["a", "b", "c"] {
      let contents = (1...3).compactMap { rig.disk.content(of: "/logs/\(name).log.\($0)") }
      #expect(contents.contains { $0.contains("line") }, "\(name): \(rig.reports.map(\.message))")
    }
  }

  @Test("a file system that reports any amount of space neither stops the daemon nor costs an archive")
  func room() throws {
    for (free, total) in Self.numbers.flatMap({ one in Self.numbers.map { (one, $0) } }) {
      var gauge = SpaceGauge(warnFree: .bytes(1 << 40), keepFree: .basisPoints(10_000))
      for seconds in [0, 1, 2] as [Int64] {
        let time = MonotonicTime(nanoseconds: seconds * Rig.second)
        gauge.note(free: max(0, free), total: max(0, total), at: time)
        #expect(gauge.nextLook.map { $0 > time } == true)
        gauge.note(free: max(0, total), total: max(0, free), at: MonotonicTime(nanoseconds: .max))
        #expect(gauge.warnBytes >= 0)
        #expect(!gauge.description.isEmpty)
      }
    }
    var job = Rig.job("a", every: 60)
    job.policy.rules.maxTotal = .max
    let rig = Rig([job])
    rig.configuration.daemon = DaemonSettings(keepFree: .bytes(1 << 30), warnFree: nil)
    for number in 1...3 { rig.disk.plant(.regular, at: "/logs/a.log.\(number)", content: "\(number)\n") }
    rig.fill("a.log")
    rig.disk.editStatus = { $0.allocated = .max }
    try rig.live(seconds: 70)
    #expect(
      rig.names.map(\.description).filter { $0.hasPrefix("a.log") } == [
        "a.log", "a.log.1", "a.log.2", "a.log.3", "a.log.4",
      ])
  }
}
