import Daemon
import EventLoop
import Rotation
import Testing
import Timekeeping

@Suite("The clock of a job")
struct JobClockTests {
  /// Both clocks at so many seconds; the monotonic one began 1,000 s late.
  func now(_ seconds: Int64) -> Now {
    Now(monotonic: MonotonicTime(nanoseconds: (seconds - 1000) * 1_000_000_000), wall: WallTime(seconds: seconds))
  }

  func seconds(_ time: WallTime?) -> Int64? { time?.seconds }

  static let day: Int64 = 86_400
  let interval = Schedule.interval(.seconds(60))
  let daily = Schedule.daily(.midnight)

  @Test("a new interval job is due one interval after its first start")
  func firstInterval() {
    let clock = JobClock(interval, served: now(5000).wall, now: now(5000), zone: .utc)
    #expect(clock.due(now(5059), zone: .utc) == nil)
    #expect(seconds(clock.due(now(5060), zone: .utc)) == 5060)
  }

  @Test("an interval job keeps its phase over a restart, and its missed times are due once")
  func phase() {
    var clock = JobClock(interval, served: WallTime(seconds: 5000), now: now(5030), zone: .utc)
    #expect(clock.due(now(5059), zone: .utc) == nil)
    #expect(seconds(clock.due(now(5060), zone: .utc)) == 5060)
    clock = JobClock(interval, served: WallTime(seconds: 5000), now: now(5250), zone: .utc)
    #expect(seconds(clock.due(now(5250), zone: .utc)) == 5240)
    clock.advance(past: WallTime(seconds: 5240), now: now(5251), zone: .utc)
    #expect(clock.due(now(5299), zone: .utc) == nil)
    #expect(seconds(clock.due(now(5300), zone: .utc)) == 5300)
  }

  @Test("an interval job that is late does not accumulate runs, nor drift")
  func noPileUp() {
    var clock = JobClock(interval, served: WallTime(seconds: 5000), now: now(5000), zone: .utc)
    clock.advance(past: WallTime(seconds: 5060), now: now(5195), zone: .utc)
    #expect(clock.due(now(5239), zone: .utc) == nil)
    #expect(seconds(clock.due(now(5240), zone: .utc)) == 5240)
  }

  @Test("setting the wall clock does not change an interval")
  func intervalAndClockSet() {
    var clock = JobClock(interval, served: WallTime(seconds: 5000), now: now(5000), zone: .utc)
    let later = Now(monotonic: now(5030).monotonic, wall: WallTime(seconds: 999_999))
    clock.lookUpAgain(now: later, zone: .utc)
    #expect(clock.next == .monotonic(now(5060).monotonic))
  }

  @Test("an interval whose served time is in the future keeps its phase and is not due at once")
  func intervalFromFuture() {
    let clock = JobClock(interval, served: WallTime(seconds: 9000), now: now(5030), zone: .utc)
    #expect(clock.due(now(5039), zone: .utc) == nil)
    #expect(seconds(clock.due(now(5040), zone: .utc)) == 5040)
  }

  @Test("a daily job that was missed for many days is due once, for the last of them")
  func dailyCatchUp() {
    var clock = JobClock(daily, served: WallTime(seconds: 0), now: now(10 * Self.day + 5), zone: .utc)
    let due = clock.due(now(10 * Self.day + 5), zone: .utc)
    #expect(seconds(due) == 10 * Self.day)
    clock.advance(past: WallTime(seconds: 10 * Self.day), now: now(10 * Self.day + 6), zone: .utc)
    #expect(clock.next == .wall(WallTime(seconds: 11 * Self.day)))
  }

  @Test("a clock set back over midnight does not serve that day twice; one set back by days serves them anew")
  func setBack() {
    var clock = JobClock(daily, served: WallTime(seconds: 10 * Self.day), now: now(10 * Self.day + 5), zone: .utc)
    clock.lookUpAgain(now: now(10 * Self.day - 600), zone: .utc)
    #expect(clock.next == .wall(WallTime(seconds: 11 * Self.day)))
    clock.lookUpAgain(now: now(4 * Self.day + 5), zone: .utc)
    #expect(clock.next == .wall(WallTime(seconds: 5 * Self.day)))
  }

  @Test("a clock set forward over many midnights makes a daily job due once")
  func setForward() {
    var clock = JobClock(daily, served: WallTime(seconds: 10 * Self.day), now: now(10 * Self.day + 5), zone: .utc)
    let later = now(40 * Self.day + 7)
    clock.lookUpAgain(now: later, zone: .utc)
    #expect(seconds(clock.due(later, zone: .utc)) == 40 * Self.day)
  }

  @Test("an interval that slept over many due times is due for the last, so a restart finds nothing missed")
  func suspendedInterval() {
    var clock = JobClock(interval, served: WallTime(seconds: 5000), now: now(5000), zone: .utc)
    #expect(seconds(clock.due(now(9005), zone: .utc)) == 8960)
    clock.advance(past: WallTime(seconds: 8960), now: now(9005), zone: .utc)
    clock.markServed(WallTime(seconds: 8960))
    clock = JobClock(interval, served: clock.served, now: now(9010), zone: .utc)
    #expect(clock.next == .monotonic(now(9020).monotonic))
  }

  @Test("a job acts on a due time after its delay, but records the due time")
  func delay() {
    let delayed = Schedule.calendar(
      CalendarSchedule(name: "daily", CalendarSchedule.daily(.midnight).expressions, delay: .seconds(300)))
    var clock = JobClock(delayed, served: WallTime(seconds: 5), now: now(5), zone: .utc)
    #expect(clock.next == .wall(WallTime(seconds: Self.day + 300)))
    #expect(clock.due(now(Self.day + 299), zone: .utc) == nil)
    #expect(seconds(clock.due(now(Self.day + 300), zone: .utc)) == Self.day)
    clock.advance(past: WallTime(seconds: Self.day), now: now(Self.day + 300), zone: .utc)
    #expect(clock.next == .wall(WallTime(seconds: 2 * Self.day + 300)))
    // With a longer delay, a served time is not due again.
    let later = JobClock(
      .calendar(CalendarSchedule(name: "daily", CalendarSchedule.daily(.midnight).expressions, delay: .seconds(900))),
      served: WallTime(seconds: Self.day), now: now(Self.day + 400), zone: .utc)
    #expect(later.next == .wall(WallTime(seconds: 2 * Self.day + 900)))
  }

  @Test("a due time that is noticed more than a minute late is skipped by a job that does not catch up")
  func skipping() {
    var clock = JobClock(daily, served: WallTime(seconds: 5), now: now(5), zone: .utc)
    #expect(clock.skipMissed(now: now(Self.day - 1), zone: .utc) == nil)
    #expect(clock.skipMissed(now: now(3 * Self.day + 60), zone: .utc) == nil)
    #expect(seconds(clock.due(now(3 * Self.day + 60), zone: .utc)) == 3 * Self.day)
    #expect(seconds(clock.skipMissed(now: now(3 * Self.day + 61), zone: .utc)) == 3 * Self.day)
    #expect(clock.due(now(3 * Self.day + 61), zone: .utc) == nil)
    #expect(clock.served.seconds == 3 * Self.day)
    #expect(clock.next == .wall(WallTime(seconds: 4 * Self.day)))
  }

  @Test("a changed zone makes nothing due that its clocks have shown already, and drops nothing that was due")
  func changedZone() throws {
    let west = try Zone(posix: "WST5")
    var clock = JobClock(daily, served: WallTime(seconds: 0), now: now(43_200), zone: .utc)
    // The midnight of the west was at 05:00 UTC.
    clock.zoneWasChanged(now: now(43_200), zone: west)
    #expect(clock.next == .wall(WallTime(seconds: Self.day + 18_000)))
    #expect(clock.served.seconds == 43_200)
    clock = JobClock(daily, served: WallTime(seconds: 0), now: now(Self.day + 10), zone: .utc)
    clock.zoneWasChanged(now: now(Self.day + 10), zone: west)
    #expect(seconds(clock.due(now(Self.day + 10), zone: west)) == Self.day)
  }

  @Test("a calendar that has ended is never due again")
  func end() throws {
    let once = try CalendarExpression.parse("1970-01-02", zones: { _ in nil })
    var clock = JobClock(
      .calendar(CalendarSchedule(name: "once", [once])), served: WallTime(seconds: 5), now: now(5), zone: .utc)
    #expect(clock.next == .wall(WallTime(seconds: Self.day)))
    clock.advance(past: WallTime(seconds: Self.day), now: now(Self.day), zone: .utc)
    #expect(clock.next == .never)
    #expect(clock.due(now(5 * Self.day), zone: .utc) == nil)
  }
}
