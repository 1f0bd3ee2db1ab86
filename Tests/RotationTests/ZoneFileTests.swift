import Rotation
import Testing
import Timekeeping

@Suite struct ZoneFileTests {
  @Test(
    "a TZ rule is read in all its forms",
    arguments: [
      ("UTC0", "2026-07-01 00:00:00", "2026-07-01 00:00:00 UTC"),
      ("IST-5:30", "2026-07-01 00:00:00", "2026-07-01 05:30:00 IST"),
      ("<+0330>-3:30", "2026-07-01 00:00:00", "2026-07-01 03:30:00 +0330"),
      ("LMT-0:53:28", "2026-07-01 00:00:00", "2026-07-01 00:53:28 LMT"),
      ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29 01:00:00", "2026-03-29 03:00:00 CEST"),
      ("CET-1CEST,M3.5.0,M10.5.0/3", "1700-07-01 00:00:00", "1700-07-01 02:00:00 CEST"),
      ("EST5EDT", "2026-03-08 07:00:00", "2026-03-08 03:00:00 EDT"),
      ("EST5EDT4:30,M3.2.0,M11.1.0", "2026-06-01 12:00:00", "2026-06-01 07:30:00 EDT"),
      // Southern: daylight saving time over the new year.
      ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01 00:00:00", "2026-01-01 11:00:00 AEDT"),
      // The 60th day without the leap day is the first of March in each year; with it, the 29th of February.
      ("AAA0BBB,J60/0,J300/0", "2024-03-01 00:00:00", "2024-03-01 01:00:00 BBB"),
      ("AAA0BBB,J60/0,J300/0", "2024-02-29 23:59:59", "2024-02-29 23:59:59 AAA"),
      ("AAA0BBB,59/0,300/0", "2024-02-29 00:00:00", "2024-02-29 01:00:00 BBB"),
      ("AAA0BBB,59/0,300/0", "2023-02-28 23:59:59", "2023-02-28 23:59:59 AAA"),
      // Times before the day and days after it.
      ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2027-03-28 01:00:00", "2027-03-28 00:00:00 -01"),
      ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28 00:00:00", "2026-03-28 03:00:00 EEST"),
      // Daylight saving time all year: it ends when it begins.
      ("EST5EDT,0/0,J365/25", "2026-01-01 05:00:00", "2026-01-01 01:00:00 EDT"),
      ("EST5EDT,0/0,J365/25", "2026-12-31 23:00:00", "2026-12-31 19:00:00 EDT"),
    ])
  func rules(rule: String, time: String, reading: String) throws {
    #expect(show(utc(time), in: try Zone(posix: rule)) == reading)
  }

  @Test(
    "a text that is no TZ rule is refused, with the position",
    arguments: [
      ("", 0), ("U0", 1), ("UTC", 3), ("UTC25", 3), ("UTC0x", 5), ("<+03-3", 6), ("CET-1CEST,", 10),
      ("CET-1CEST,M3.5.0", 16),
      ("CET-1CEST,M13.5.0,M10.5.0", 11), ("CET-1CEST,M3.6.0,M10.5.0", 13), ("CET-1CEST,M3.5.7,M10.5.0", 15),
      ("CET-1CEST,J0,J365", 11), ("CET-1CEST,366,0", 10), ("CET-1CEST,M3.5.0/168,M10.5.0", 17),
      ("CET-1CEST,M3.5.0,M10.5.0/3 ", 26), ("CET-1:60", 6), ("/etc/localtime", 0), ("CET-99999999999999999999", 4),
    ])
  func badRules(rule: String, place: Int) {
    #expect(throws: ZoneError(name: rule, problem: .badRule(at: place))) { try Zone(posix: rule) }
  }

  struct Damage: Sendable {
    var problem: ZoneError.Problem
    var bytes: [UInt8]

    init(_ problem: ZoneError.Problem, _ bytes: [UInt8]...) {
      self.problem = problem
      self.bytes = bytes.flatMap { $0 }
    }
  }

  static let name = Array("UTC\0".utf8)
  static let damages: [Damage] = [
    Damage(.notZoneFile), Damage(.notZoneFile, Array("TZi".utf8)), Damage(.notZoneFile, Array("PNG and more".utf8)),
    Damage(.cutShort, Array("TZif2".utf8)), Damage(.cutShort, header(types: 1, characters: 4)),
    Damage(.cutShort, header(moments: .max, types: .max, characters: .max)),
    Damage(.inconsistent("number of local time types"), header(types: 0)),
    Damage(.leapSeconds, header(leapSeconds: 1, types: 1, characters: 4), [UInt8](repeating: 0, count: 18)),
    Damage(.inconsistent("abbreviation"), header(types: 1, characters: 4), [0, 0, 0, 0, 0, 4], name),
    Damage(.inconsistent("abbreviation"), header(types: 1, characters: 3), [0, 0, 0, 0, 0, 0], Array("UTC".utf8)),
    Damage(.inconsistent("daylight saving flag"), header(types: 1, characters: 4), [0, 0, 0, 0, 2, 0], name),
    Damage(.inconsistent("offset from UTC"), header(types: 1, characters: 4), [127, 0, 0, 0, 0, 0], name),
    Damage(
      .inconsistent("type of a change"), header(moments: 1, types: 1, characters: 4), [0, 0, 0, 0, 1],
      [0, 0, 0, 0, 0, 0], name),
    Damage(
      .inconsistent("times of the changes"), header(moments: 2, types: 1, characters: 4),
      [0, 0, 0, 1, 0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 0], name),
  ]

  @Test("a file that is no zone file is refused", arguments: damages)
  func damaged(_ damage: Damage) {
    #expect(throws: ZoneError(name: "X", problem: damage.problem)) { try Zone(name: "X", tzif: damage.bytes) }
  }

  @Test("a file of the first version is read")
  func firstVersion() throws {
    let bytes =
      Self.header(moments: 1, types: 2, characters: 8) + [0, 0, 0, 100, 1] + [0, 0, 0, 0, 0, 0] + [
        0, 0, 0x0e, 0x10, 1, 4,
      ]
      + Array("UTC\0BST\0".utf8)
    let zone = try Zone(name: "old", tzif: bytes)
    #expect(show(utc("1970-01-01 00:01:39"), in: zone) == "1970-01-01 00:01:39 UTC")
    #expect(show(utc("1970-01-01 00:01:40"), in: zone) == "1970-01-01 01:01:40 BST")
  }

  @Test(
    "a file with bytes changed or missing is read or refused, and a zone that was read has a result for everything",
    .enabled(if: ZoneSamples.areInstalled, "needs tzdata under /usr/share/zoneinfo"), arguments: 0..<4)
  func mutations(seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    let original = ZoneSamples.bytes(of: ["Europe/Berlin", "Asia/Kolkata", "America/Nuuk", "Etc/UTC"][Int(seed)])
    var refused = 0
    for round in 0..<400 {
      var bytes = original
      for _ in 0...Int.random(in: 0..<4, using: &numbers) {
        // Half of the changes hit headers and footer, where they do most.
        let place =
          Bool.random(using: &numbers)
          ? Int.random(in: 0..<bytes.count, using: &numbers)
          : [Int.random(in: 20..<44, using: &numbers), bytes.count - 1 - Int.random(in: 0..<12, using: &numbers)]
            .randomElement(using: &numbers) ?? 0
        bytes[place] = .random(in: 0...255, using: &numbers)
      }
      if round % 4 == 0 {
        bytes.removeLast(.random(in: 1...bytes.count, using: &numbers))
      }
      guard let zone = try? Zone(name: "mutant", tzif: bytes) else {
        refused += 1
        continue
      }
      for _ in 0..<4 {
        let time = WallTime(seconds: .random(in: -9_000_000_000...9_000_000_000, using: &numbers))
        if case .none = zone.moments(of: zone.localTime(at: time)) {
          Issue.record("seed \(seed) round \(round): the clocks show no time they show at \(time)")
        }
        #expect(CalendarSchedule.daily(.midnight).next(after: time, in: zone).map { $0 > time } != false)
      }
    }
    #expect(refused > 100)
    #expect(refused < 400)
  }

  /// The header of a zone file of the first version.
  private static func header(
    leapSeconds: UInt32 = 0, moments: UInt32 = 0, types: UInt32, characters: UInt32 = 0
  ) -> [UInt8] {
    Array("TZif".utf8) + [UInt8](repeating: 0, count: 16)
      + [0, 0, leapSeconds, moments, types, characters].flatMap { number in
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
      }
  }
}
