import Rotation
import Testing
import Timekeeping

@Suite("The calendar of a job")
struct CalendarScheduleTests {
  private func schedule(_ texts: String...) throws -> CalendarSchedule {
    CalendarSchedule(name: "test", try texts.map { try CalendarExpression.parse($0, zones: { _ in nil }) })
  }

  @Test("the times of several expressions are combined, and a moment in two of them is one")
  func union() throws {
    let schedule = try schedule("hourly", "Mon *:30", "Mon 12:00")
    var time = utc("2026-11-23 10:15:00")
    var found: [String] = []
    for _ in 0..<5 {
      time = try #require(schedule.next(after: time, in: .utc))
      found.append(show(time, in: .utc))
    }
    #expect(found.map { $0.dropFirst(11).prefix(5) } == ["10:30", "11:00", "11:30", "12:00", "12:30"])
  }

  @Test(
    "the latest due time of a span is the last that a search from its start finds",
    arguments: ["minutely", "*:0/7", "Mon *:*:0/30", "02:30", "weekly", "2026-11-03 12:00", "Sat *-*-1..7 18:00"])
  func latest(_ text: String) throws {
    let schedule = try schedule(text)
    let start = utc("2026-11-01 00:00:00")
    var numbers = SeededNumbers(seed: 7)
    var due: [WallTime] = []
    while let next = schedule.next(after: due.last ?? start, in: .utc), next < utc("2026-12-15 00:00:00") {
      due.append(next)
    }
    for _ in 0..<20 {
      let bounds = [0, 1].map { _ in start + .milliseconds(.random(in: 0...3_700_000_000, using: &numbers)) }.sorted()
      #expect(
        schedule.latest(after: bounds[0], through: bounds[1], in: .utc)
          == due.last { $0 > bounds[0] && $0 <= bounds[1] })
    }
    let first = try #require(due.first)
    #expect(schedule.latest(after: start, through: first, in: .utc) == first)
    #expect(schedule.latest(after: start, through: WallTime(nanoseconds: first.nanoseconds - 1), in: .utc) == nil)
  }

  @Test("a job for each second that has missed a century finds its latest due time at once")
  func century() throws {
    let schedule = try schedule("Wed *:*:*")
    // 2099-12-31 is a Thursday.
    let latest = schedule.latest(after: utc("2000-01-01 00:00:00"), through: utc("2099-12-31 12:00:00"), in: .utc)
    #expect(latest == utc("2099-12-30 23:59:59"))
  }

  @Test("a share of a jitter never changes")
  func fixedShares() {
    let shares = ["web", "db", "", "audit"].map {
      Jitter.share(of: .seconds(600), machine: "0123456789abcdef0123456789abcdef", job: $0).nanoseconds / 1_000_000
    }
    #expect(shares == [110_840, 133_009, 525_152, 362_754])
    #expect(Jitter.share(of: .zero, machine: "m", job: "j") == .zero)
  }

  @Test("shares of a jitter are within it, and fill it evenly")
  func evenShares() {
    var counts = [Int](repeating: 0, count: 10)
    for machine in 0..<50 {
      for job in 0..<100 {
        let share = Jitter.share(of: .seconds(1000), machine: "machine\(machine)", job: "job\(job)")
        counts[Int(share.nanoseconds / 100_000_000_000)] += 1
      }
    }
    // 500 each are expected, with a deviation of 21.
    #expect(counts.allSatisfy { (420...580).contains($0) }, "\(counts)")
  }
}
