import Rotation
import Testing
import Timekeeping

@Suite("Growth of a log")
struct GrowthTests {
  static let second: Int64 = 1_000_000_000

  /// A log with this `size`, in nanoseconds after the event of its watch; returns the checks up to its limit.
  private func follow(limit: Int64, from: Int64 = 0, late: Int64 = 0, size: (Int64) -> Int64)
    -> (looks: Int, over: Int64?, at: Int64)
  {
    var growth = Growth(inode: 1, size: from, at: 0)
    var now = growth.first(limit: limit).nanoseconds + late
    for looks in 1...100_000 {
      let seen = size(now)
      if seen >= limit { return (looks, seen - limit, now) }
      switch growth.look(inode: 1, size: seen, at: now, limit: limit) {
      case .rest: return (looks, nil, now)
      case .look(let span): now += span.nanoseconds + late
      }
    }
    return (100_000, nil, now)
  }

  @Test(
    "at a steady rate the limit is met within a millisecond's growth, after a few checks",
    arguments: [1_000, 100_000, 10_000_000, 100_000_000, 1_000_000_000])
  func steady(rate: Int64) throws {
    let limit: Int64 = 10_000_000
    let end = follow(limit: limit) { Int64(Double(rate) * Double($0) / 1e9) }
    let over = try #require(end.over)
    #expect(over <= rate / 1000, "\(over)")
    let seconds = limit / rate
    #expect(end.looks <= 16 + Int(seconds) + Int(seconds / 10), "\(end.looks)")
  }

  @Test("a log that doubles its rate between two checks is still met in time")
  func doubling() throws {
    // Twice as fast from the middle on.
    let end = follow(limit: 10_000_000) { time in
      let half = Self.second / 2
      return time < half ? time / 100 : half / 100 + (time - half) / 50
    }
    #expect(try #require(end.over) <= 20_000)
  }

  @Test("a burst after rest exceeds the limit by no more than the first pauses allow")
  func burst() throws {
    // A line, quiet for 0.9 s, then 100 MB/s.
    let end = follow(limit: 10_000_000) { $0 < Self.second * 9 / 10 ? 100 : 100 + ($0 - Self.second * 9 / 10) / 10 }
    #expect(try #require(end.over) <= 100_000_000)
    #expect(end.at <= Self.second * 2)
  }

  @Test("a log that was written to once is at rest after little more than a second, and a handful of checks")
  func rests() {
    let end = follow(limit: 10_000_000) { _ in 100 }
    #expect(end.over == nil)
    #expect(end.looks <= 8)
    #expect(end.at >= Self.second && end.at < 3 * Self.second)
  }

  @Test("a line each second, and a line each tenth of one, cost about one check a second")
  func slow() {
    for every in [Self.second, Self.second / 10] {
      var growth = Growth(inode: 1, size: 0, at: 0)
      var now = growth.first(limit: 1 << 30).nanoseconds
      var looks = 0
      while now < 100 * Self.second {
        looks += 1
        let seen = now / every * 100
        guard case .look(let span) = growth.look(inode: 1, size: seen, at: now, limit: 1 << 30) else {
          // At rest until the next line.
          now = (now / every + 1) * every
          growth = Growth(inode: 1, size: now / every * 100, at: now)
          continue
        }
        now += span.nanoseconds
      }
      #expect(looks < 140, "\(looks)")
    }
  }

  @Test("no pause is shorter than a millisecond nor longer than ten seconds, whatever is measured")
  func bounds() {
    for limit in [1, 1000, 1 << 20, 1 << 33, Int64.max] {
      var growth = Growth(inode: 1, size: 0, at: 0)
      var now = growth.first(limit: limit).nanoseconds
      for size in [0, 1, limit / 2, limit - 1, limit - 1, 0, limit / 3] {
        guard case .look(let span) = growth.look(inode: 1, size: size, at: now, limit: limit) else { continue }
        #expect(span >= .milliseconds(1) && span <= .seconds(10), "\(span) of \(limit)")
        now += span.nanoseconds
      }
    }
  }

  @Test("the checks start again for a truncated file, and for another file")
  func replaced() {
    var growth = Growth(inode: 1, size: 0, at: 0)
    _ = growth.first(limit: 1000)
    _ = growth.look(inode: 1, size: 900, at: 1_000_000, limit: 1000)
    #expect(growth.look(inode: 1, size: 10, at: 2_000_000, limit: 1000) == .look(after: .milliseconds(1)))
    #expect(growth.look(inode: 2, size: 20, at: 3_000_000, limit: 1000) == .look(after: .milliseconds(1)))
    #expect(growth.inode == 2)
  }
}
