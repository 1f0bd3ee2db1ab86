import Rotation
import Testing
import Timekeeping

/// Numbers that no clock, file or file system should report, and that each of them may.
@Suite("Extreme numbers")
struct ExtremeNumbersTests {
  /// The bounds of the type, of its half, of 32 and 53 bits, of nanoseconds and seconds, and what lies beside them.
  static let numbers: [Int64] = bounds + bounds.map { -$0 } + [.min, .min + 1]
  private static let bounds: [Int64] = [
    0, 1, 999_999_999, 2_147_483_648, 4_294_967_296, 9_223_372_036, 9_223_372_037, 1_125_899_906_842_624,
    9_007_199_254_740_992, 1_795_305_600_000_000_000, 4_611_686_018_427_387_904, .max - 1, .max,
  ]

  private static func clamp(_ number: Int128) -> Int64 { Int64(clamping: number) }

  @Test("sums, differences and products of numbers, times and spans saturate at the bounds of their type")
  func arithmetic() {
    for one in Self.numbers {
      let span = Span(nanoseconds: one)
      #expect(Span.seconds(one).nanoseconds == Self.clamp(Int128(one) * 1_000_000_000))
      #expect(Span.milliseconds(one).nanoseconds == Self.clamp(Int128(one) * 1_000_000))
      #expect(WallTime(seconds: one).nanoseconds == Self.clamp(Int128(one) * 1_000_000_000))
      for other in Self.numbers {
        let (sum, difference) = (Self.clamp(Int128(one) + Int128(other)), Self.clamp(Int128(one) - Int128(other)))
        #expect(one.saturatingAdd(other) == sum)
        #expect(one.saturatingSubtract(other) == difference)
        #expect(one.saturatingMultiply(other) == Self.clamp(Int128(one) * Int128(other)))
        let (time, later) = (WallTime(nanoseconds: one), WallTime(nanoseconds: other))
        #expect((time + Span(nanoseconds: other)).nanoseconds == sum)
        #expect((time - Span(nanoseconds: other)).nanoseconds == difference)
        #expect((time - later).nanoseconds == difference)
        #expect((span - Span(nanoseconds: other)).nanoseconds == difference)
        #expect((span * other).nanoseconds == Self.clamp(Int128(one) * Int128(other)))
      }
    }
  }

  @Test("a calendar finds the last due time between any two moments")
  func calendars() throws {
    let calendars = [
      CalendarSchedule.daily(.midnight), .daily(TimeOfDay(hour: 23, minute: 59, second: 59)),
      CalendarSchedule(
        name: "secondly", [try CalendarExpression.parse("*:*:*", zones: { _ in nil })], delay: .seconds(.max)),
    ]
    for calendar in calendars {
      for (start, end) in Self.pairs {
        let (start, end) = (WallTime(nanoseconds: start), WallTime(nanoseconds: end))
        guard let latest = calendar.latest(after: start, through: end, in: .utc) else { continue }
        #expect(latest > start && latest <= end)
        if let next = calendar.next(after: latest, in: .utc) { #expect(next > end) }
      }
    }
  }

  @Test("a zone whose clocks change beyond the end of time is searched to the end of time")
  func zones() throws {
    // One change, of an hour, at the greatest moment that a zone's file may name; and one of the least.
    for moment in [Int64(1) << 59, -(1 << 59)] {
      let zone = try Zone(name: "far", tzif: Self.zoneFile(changingAt: moment))
      for expression in ["hourly", "daily", "*:*:*"] {
        let expression = try CalendarExpression.parse(expression, zones: { _ in nil })
        for number in Self.numbers {
          let time = WallTime(nanoseconds: number)
          if let next = expression.next(after: time, in: zone) { #expect(next > time) }
        }
      }
    }
  }

  @Test("limits, growth, retention, names and words accept any number")
  func functions() {
    let naming = ArchiveNaming(Naming(style: .dated(DateFormat.standard(for: nil, sizeLimit: nil))))
    for number in Self.numbers {
      let time = WallTime(nanoseconds: number)
      #expect(Limits.syncLimit(bytes: number) >= .seconds(3600))
      #expect(!ByteSize.describe(number).isEmpty)
      #expect(!TimeSpan.describe(Span(nanoseconds: number)).isEmpty)
      #expect(!naming.name(of: "a.log", naming.next(after: nil, at: time, in: .utc)).isEmpty)
      #expect(Jitter.share(of: Span(nanoseconds: number), machine: "m", job: "j") >= .zero)
    }
    for (one, other) in Self.pairs {
      for limit in Self.numbers {
        var growth = Growth(inode: 1, size: one, at: other)
        #expect(growth.first(limit: limit) <= Limits.longestSafeLook)
        if case .look(let span) = growth.look(inode: 1, size: other, at: one, limit: limit) {
          #expect(span > .zero && span <= Limits.longestSafeLook)
        }
      }
      let archives = [(one, other), (other, one)].enumerated().map { rank, numbers in
        Retention.Archive(
          job: "j", log: "/a.log", location: Location("a.log.\(rank + 1)"), inode: UInt64(rank), rank: rank + 1,
          bytes: max(0, numbers.0), modified: WallTime(nanoseconds: numbers.1), keepMin: 0)
      }
      for number in Self.numbers {
        #expect(Retention.making(room: number, among: archives).isEmpty == (number <= 0))
        let now = WallTime(nanoseconds: number)
        let aged = Retention.aged(archives, .seconds(60), now: now)
        // A time in the future is not trusted, but that of a newer archive is.
        #expect(aged.allSatisfy { old in archives.contains { $0.rank <= old.rank && $0.modified <= now } })
      }
    }
  }

  @Test("a file has no negative size and takes no negative space")
  func sizes() {
    for (size, allocated) in Self.pairs {
      let status = FileStatus(
        kind: .regular, inode: 1, size: size, mode: 0, user: 0, group: 0, links: 1,
        modified: WallTime(nanoseconds: size), born: nil, allocated: allocated)
      #expect(status.size == max(0, size))
      #expect(status.allocated == max(0, allocated))
    }
  }

  static var pairs: [(Int64, Int64)] { numbers.flatMap { one in numbers.map { (one, $0) } } }

  /// A zone's file (RFC 8536) of version 2 with two types, an hour apart, and one change.
  private static func zoneFile(changingAt moment: Int64) -> [UInt8] {
    func block(_ version: Bool) -> [UInt8] {
      func number(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }
      let counts: [UInt32] = [0, 0, 0, version ? 1 : 0, 2, 4]
      var bytes = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15) + counts.flatMap(number)
      if version {
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: moment >> (56 - 8 * Int64($0))) } + [1]
      }
      return bytes + number(0) + [0, 0] + number(3600) + [0, 0] + Array("FAR\0".utf8)
    }
    return block(false) + block(true) + Array("\n\n".utf8)
  }
}
