import Daemon
import EventLoop
import Rotation
import Testing

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

  @Test("a new interval job is due one interval after it was first seen")
  func firstInterval() {
    let clock = JobClock(interval, served: now(5000).wall, now: now(5000), zone: .utc)
    #expect(clock.due(now(5059), zone: .utc) == nil)
    #expect(seconds(clock.due(now(5060), zone: .utc)) == 5060)
  }

  @Test("an interval job keeps its phase over a restart, and what it missed meanwhile is due once")
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

  @Test("an interval job that is late does not pile up, nor drift")
  func noPileUp() {
    var clock = JobClock(interval, served: WallTime(seconds: 5000), now: now(5000), zone: .utc)
    clock.advance(past: WallTime(seconds: 5060), now: now(5195), zone: .utc)
    #expect(clock.due(now(5239), zone: .utc) == nil)
    #expect(seconds(clock.due(now(5240), zone: .utc)) == 5240)
  }

  @Test("setting the wall clock moves no interval")
  func intervalAndClockSet() {
    var clock = JobClock(interval, served: WallTime(seconds: 5000), now: now(5000), zone: .utc)
    let later = Now(monotonic: now(5030).monotonic, wall: WallTime(seconds: 999_999))
    clock.lookUpAgain(now: later, zone: .utc)
    #expect(clock.next == .monotonic(now(5060).monotonic))
  }

  @Test("an interval whose served time lies in the future keeps its phase and is not due at once")
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
}
