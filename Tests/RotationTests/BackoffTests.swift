import Testing
import Timekeeping

struct BackoffTests {
  private static let start = MonotonicTime(nanoseconds: 5_000_000_000)
  private static let delays = Delays(first: .seconds(1), longest: .seconds(10))

  @Test("A delay grows by its factor up to the longest, however many came before")
  func delaysGrow() {
    let delays = (0...5).map { Self.delays.delay(after: $0) }
    #expect(delays == [1, 2, 4, 8, 10, 10].map { .seconds($0) })
    #expect(Self.delays.delay(after: .max) == .seconds(10))
    #expect(Self.delays.delay(after: -3) == .seconds(1))
    let steep = Delays(first: .milliseconds(1), factor: 4, longest: .seconds(3600))
    #expect((0...3).map { steep.delay(after: $0) } == [1, 4, 16, 64].map { .milliseconds($0) })
    #expect(Delays(first: .seconds(20), longest: .seconds(10)).delay(after: 0) == .seconds(10))
    #expect(Delays(first: .zero, longest: .seconds(10)).delay(after: .max) == .zero)
  }

  @Test("Each consecutive failure delays the next try for longer, and a success forgets them")
  func failuresInARow() {
    var backoff = Backoff()
    #expect(backoff.attempts == 0 && backoff.next == nil && backoff.wait(at: Self.start) == nil)
    #expect(backoff.postpone(Self.delays, from: Self.start) == Self.start.advanced(by: .seconds(1)))
    let second = backoff.postpone(Self.delays, from: Self.start)
    #expect(second == Self.start.advanced(by: .seconds(2)))
    #expect(backoff.attempts == 2 && backoff.next == second)
    #expect(backoff.wait(at: Self.start) == second)
    #expect(backoff.wait(at: second) == nil)
    backoff.reset()
    #expect(backoff == Backoff())
  }

  @Test("A wait that is no failure does not make the next one longer")
  func holding() {
    var backoff = Backoff()
    let later = Self.start.advanced(by: .seconds(100))
    backoff.hold(until: later)
    #expect(backoff.wait(at: Self.start) == later && backoff.attempts == 0)
    #expect(backoff.postpone(Self.delays, from: Self.start) == Self.start.advanced(by: .seconds(1)))
    backoff.hold(until: nil)
    #expect(backoff.wait(at: Self.start) == nil && backoff.attempts == 1)
  }

  @Test("At the end of the clock the next try is at its end")
  func endOfTheClock() {
    var backoff = Backoff()
    let end = MonotonicTime(nanoseconds: .max)
    #expect(backoff.postpone(Self.delays, from: end) == end)
  }
}
