import Config
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@testable import Daemon

@Suite("Going on from logrotate")
struct HandoverTests {
  private static let state: FilePath = "/var/lib/logrotate/status"
  /// 2026-01-15 10:00, a Thursday.
  private static let now = WallTime(seconds: 1_768_471_200)

  /// A machine with a log for each of these entries, which are times or nothing, and one job that has all of them.
  private func rig(_ entries: [FileName: String], schedule: Schedule = .daily(.midnight)) -> Rig {
    var text = "logrotate state -- version 2\n\"/logs/gone.log\" 2020-1-1-0:0:0\n\"/other/x.log\" 2020-1-1-0:0:0\n"
    for (name, time) in entries where !time.isEmpty { text += "\"/logs/\(name).log\" \(time)\n" }
    let job = Job(name: "all", logs: [LogPattern("/logs/*.log")], schedule: schedule, policy: Policy(keep: 5))
    let rig = Rig([job])
    rig.configuration.daemon.handover = LogrotateHandover(state: Self.state, jobs: ["all"])
    rig.foreignFiles[Self.state] = ForeignFile(text)
    rig.driver.setWallClock(Self.now)
    for name in entries.keys { rig.fill("\(name).log") }
    return rig
  }

  private func rotated(_ rig: Rig) -> Set<String> {
    Set(rig.reports.filter { $0.kind == .rotated }.compactMap { $0.log?.split.name.printable })
  }

  private static let entries: [FileName: String] = [
    "today": "2026-1-15-0:0:5", "first-seen": "2026-1-15-0:0:0", "yesterday": "2026-1-14-23:59:59",
    "days-ago": "2026-1-12-6:25:1", "never": "1900-1-1-0:0:0", "ahead": "2027-6-1-0:0:0", "new": "",
  ]

  @Test("at the start what is due by logrotate's state is rotated, the rest at the next due time, and nothing twice")
  func daily() throws {
    let rig = rig(Self.entries)
    try rig.live(seconds: 3600)
    #expect(rotated(rig) == ["yesterday.log", "days-ago.log", "never.log"])
    #expect(
      rig.messages(.note) == [
        "went on from the last rotations in /var/lib/logrotate/status: 5 logs, of which 3 are due now"
      ])
    for name in Self.entries.keys { rig.fill("\(name).log") }
    // A restart changes nothing, nor does what the file has by then.
    rig.foreignFiles = [:]
    try rig.live(seconds: 3600)
    #expect(rotated(rig).count == 3 && rig.messages(.note).count == 1)
    try rig.live(seconds: 14 * 3600)
    #expect(rotated(rig).count == Self.entries.count)
    #expect(rig.names.filter { $0.printable.hasSuffix(".2") }.count == 3)
  }

  @Test("a kill at any write of the takeover, and at any other change of the disk, changes nothing of that")
  func killed() throws {
    var kills = 0
    for changes in 1...200 {
      let rig = rig(Self.entries)
      try rig.live(seconds: 60, stops: false) { $0.disk.changesUntilCrash = changes }
      guard rig.disk.isDead else { break }
      kills += 1
      try rig.live(seconds: 3600)
      let archives = Set(rig.names.filter { $0.printable.hasSuffix(".1") }.map(\.printable))
      #expect(archives == ["yesterday.log.1", "days-ago.log.1", "never.log.1"], "\(changes)")
      #expect(!rig.names.contains { $0.printable.hasSuffix(".2") }, "\(changes)")
    }
    #expect(kills > 8)
  }

  @Test("a job that comes with a reload goes on from there too, and another job than those of logrotate's files is new")
  func reload() throws {
    let rig = rig(Self.entries)
    let (all, handover) = (rig.configuration.jobs, rig.configuration.daemon.handover)
    rig.configuration = Configuration(jobs: [Rig.job("x", every: 86_400)])
    try rig.live(seconds: 3600) { rig in
      rig.at(60) {
        rig.configuration.jobs += all
        rig.manager.send(.reload)
      }
    }
    #expect(rotated(rig).isEmpty)
    rig.disk.delete("/state/state")
    rig.configuration.jobs = [Rig.job("x", every: 86_400)]
    try rig.live(seconds: 3600) { rig in
      rig.at(60) {
        rig.configuration.jobs += all
        rig.configuration.daemon.handover = handover
        rig.manager.send(.reload)
      }
    }
    #expect(rotated(rig) == ["yesterday.log", "days-ago.log", "never.log"])
  }

  @Test("what rotated itself knows of a log counts more than an entry")
  func own() throws {
    let rig = rig(["own": "2026-1-1-0:0:0", "theirs": "2026-1-1-0:0:0"])
    let store = StateStore(fileSystem: rig.disk, directory: try rig.disk.openDirectory("/state"))
    store.record([.done(log: "/logs/own.log", at: Self.now - .seconds(86_400 * 3), due: nil)])
    try rig.live(seconds: 3600)
    #expect(rotated(rig) == ["theirs.log"])
    try rig.live(seconds: 14 * 3600)
    #expect(rotated(rig) == ["theirs.log", "own.log"])
  }

  @Test("after --undo and a second takeover, the entries count that are of the time since")
  func again() throws {
    let rig = rig(["handed-back": "2026-1-12-10:0:0", "today": "2026-1-15-6:0:0", "stale": "2026-1-11-0:0:0"])
    let store = StateStore(fileSystem: rig.disk, directory: try rig.disk.openDirectory("/state"))
    let then = Self.now - .seconds(86_400 * 3)
    store.record(
      ["handed-back", "today", "stale"].map { name in
        .done(log: "/logs/\(name).log", at: then + .milliseconds(300), due: nil)
      })
    try rig.live(seconds: 3600)
    #expect(rotated(rig) == ["handed-back.log"])
  }

  @Test("an interval goes on with the phase of the log that was not rotated for the longest time")
  func interval() throws {
    let entries: [FileName: String] = ["a": "2026-1-15-8:40:0", "b": "2026-1-15-9:45:0", "c": ""]
    let rig = rig(entries, schedule: .interval(.seconds(3600)))
    try rig.live(seconds: 60)
    #expect(rotated(rig) == ["a.log"])
    // The next due time is 10:40.
    try rig.live(seconds: 38 * 60)
    #expect(rotated(rig) == ["a.log"])
    try rig.live(seconds: 2 * 60)
    #expect(rotated(rig) == ["a.log", "b.log", "c.log"])
  }

  /// A file, what is said of it, and the logs that are rotated at the start.
  private static let bad: [(text: String?, error: Errno?, words: String, due: Set<String>)] = [
    (nil, nil, "cannot read the state of logrotate, /var/lib/logrotate/status: no such file or directory", []),
    ("logrotate state -- version 2\n\"/logs/a.log\" 2026-1-1\n", .io, "input/output error", []),
    ("\u{0}\u{0}\n\"/logs/a.log\" 2026-1-1\n", nil, "line 1: this is no state file of logrotate", []),
    ("", nil, "", []),
    (
      "logrotate state -- version 2\n\"/logs/a.log\" 2026-1-1\nx\n\"/logs/b.log\" soon\n", nil,
      "line 3: expected a path in quotes and a time; 1 more of its lines cannot be read", ["a.log"]
    ),
    (
      "logrotate state -- version 2\n" + String(repeating: "x\n", count: 5000) + "\"/logs/a.log\" 2026-1-1\n", nil,
      "line 2: expected a path in quotes and a time; 99 more of its lines", []
    ),
  ]

  @Test("a file that is missing, cut off or damaged is said once, and changes nothing else", arguments: bad.indices)
  func badFile(_ index: Int) throws {
    let sample = Self.bad[index]
    let rig = rig(["a": "", "b": ""])
    rig.foreignFiles[Self.state] = sample.text.map { ForeignFile($0, error: sample.error) }
    try rig.live(seconds: 3600)
    #expect(rig.manager.readyCount == 1 && rotated(rig) == sample.due)
    let said = rig.messages(.note).filter { !$0.hasPrefix("went on") }
    #expect(said.count == (sample.words.isEmpty ? 0 : 1), "\(said)")
    #expect(sample.words.isEmpty || said.first?.contains(sample.words) == true, "\(said)")
    try rig.live(seconds: 14 * 3600)
    #expect(rotated(rig) == ["a.log", "b.log"])
  }

  @Test("a stop while the file is read leaves all to the next start")
  func stopped() throws {
    for passes in 0...12 {
      let rig = rig(Self.entries)
      try rig.live(seconds: 1) { rig in rig.later(passes: passes) { rig.manager.send(.stop) } }
      try rig.live(seconds: 3600)
      #expect(rotated(rig) == ["yesterday.log", "days-ago.log", "never.log"], "\(passes)")
    }
  }

  /// When a log was rotated, what the clock shows now, and whether a stanza is due, in Berlin.
  private static let dues: [(expression: String, last: String, now: String, isDue: Bool)] = [
    ("*-*-* 00:00:00", "2026-11-27 06:25:00", "2026-11-27 10:00:00", false),
    ("*-*-* 00:00:00", "2026-11-27 00:00:00", "2026-11-27 00:00:01", false),
    ("*-*-* 00:00:00", "2026-11-26 23:59:59", "2026-11-27 00:00:00", true),
    // The machine was off at midnight.
    ("*-*-* 00:00:00", "2026-11-26 06:25:00", "2026-11-27 08:00:00", true),
    ("*-*-* 00:00:00", "2026-10-25 00:10:00", "2026-10-25 23:50:00", false),
    ("*-*-* *:00:00", "2026-11-27 09:59:00", "2026-11-27 10:00:00", true),
    ("*-*-* *:00:00", "2026-11-27 10:00:00", "2026-11-27 10:59:59", false),
    // 2026-11-22 was a Sunday.
    ("Sun *-*-* 00:00:00", "2026-11-22 06:25:00", "2026-11-27 10:00:00", false),
    ("Sun *-*-* 00:00:00", "2026-11-24 06:25:00", "2026-11-28 10:00:00", false),
    ("Sun *-*-* 00:00:00", "2026-11-21 06:25:00", "2026-11-27 10:00:00", true),
    ("*-*-01 00:00:00", "2026-11-01 00:00:10", "2026-11-30 10:00:00", false),
    ("*-*-01 00:00:00", "2026-10-31 23:00:00", "2026-11-30 10:00:00", true),
    ("*-*~01 00:00:00", "2026-02-28 00:00:10", "2026-03-30 10:00:00", false),
    ("*-01-01 00:00:00", "2026-01-01 06:25:00", "2026-12-31 23:59:59", false),
    ("*-01-01 00:00:00", "2025-12-31 06:25:00", "2026-12-31 23:59:59", true),
  ]

  @Test("a calendar counts as logrotate does, with what the machine was off for", arguments: dues.indices)
  func calendars(_ index: Int) throws {
    let (text, last, now, isDue) = Self.dues[index]
    let zone = try Zone(posix: "CET-1CEST,M3.5.0,M10.5.0/3")
    let calendar = CalendarSchedule(name: text, [try CalendarExpression.parse(text) { _ in nil }])
    func moment(_ text: String) -> WallTime {
      let parts = text.split { !$0.isNumber }.compactMap { Int($0) }
      let time = LocalTime(
        year: parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4], second: parts[5])
      return zone.moments(of: time).first
    }
    let (then, present) = (moment(last), moment(now))
    let handover = ScheduleHandover(.calendar(calendar), oldest: then, now: present, zone: zone)
    #expect(handover.isDue == isDue)
    #expect((handover.served(then) == nil) == isDue)
    let clock = JobClock(
      .calendar(calendar), served: handover.jobServed,
      now: Now(monotonic: MonotonicTime(nanoseconds: 0), wall: present),
      zone: zone)
    let due = clock.due(Now(monotonic: MonotonicTime(nanoseconds: 0), wall: present), zone: zone)
    #expect((due != nil) == isDue)
    // A log that is new is not rotated with the others.
    if let due { #expect(handover.served(nil) == due) }
  }
}
