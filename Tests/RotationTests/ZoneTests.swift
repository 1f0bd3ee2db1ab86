import Rotation
import Testing
import Timekeeping

@Suite(.enabled(if: ZoneSamples.areInstalled, "needs tzdata under /usr/share/zoneinfo"))
struct ZoneTests {
  @Test(
    "clocks show what the zone's history and its rule for the future say",
    arguments: [
      ("Europe/Berlin", "2026-01-01 00:00:00", "2026-01-01 01:00:00 CET"),
      ("Europe/Berlin", "2026-03-29 00:59:59", "2026-03-29 01:59:59 CET"),
      ("Europe/Berlin", "2026-03-29 01:00:00", "2026-03-29 03:00:00 CEST"),
      ("Europe/Berlin", "1890-01-01 00:00:00", "1890-01-01 00:53:28 LMT"),
      ("Europe/Berlin", "2199-07-01 00:00:00", "2199-07-01 02:00:00 CEST"),
      ("America/New_York", "2026-11-01 06:00:00", "2026-11-01 01:00:00 EST"),
      ("Australia/Lord_Howe", "2026-04-04 15:00:00", "2026-04-05 01:30:00 +1030"),
      ("Pacific/Apia", "2011-12-30 10:00:00", "2011-12-31 00:00:00 +14"),
      ("Asia/Kolkata", "2150-06-01 00:00:00", "2150-06-01 05:30:00 IST"),
      ("America/Santiago", "2100-09-05 04:00:00", "2100-09-05 01:00:00 -03"),
      ("Africa/Casablanca", "2026-02-15 02:00:00", "2026-02-15 02:00:00 +00"),
      ("America/Nuuk", "2027-03-28 01:00:00", "2027-03-28 00:00:00 -01"),
      ("Etc/UTC", "2262-04-11 23:47:16", "2262-04-11 23:47:16 UTC"),
    ])
  func readings(zone: String, time: String, reading: String) throws {
    #expect(show(utc(time), in: try ZoneSamples.zone(zone)) == reading)
  }

  @Test(
    "a reading stands for one moment, for two, or for none",
    arguments: [
      ("Europe/Berlin", "2026-03-29 01:59:59", Zone.Moments.one(utc("2026-03-29 00:59:59"))),
      ("Europe/Berlin", "2026-03-29 02:00:00", .none(gapEnd: utc("2026-03-29 01:00:00"))),
      ("Europe/Berlin", "2026-03-29 02:59:59", .none(gapEnd: utc("2026-03-29 01:00:00"))),
      ("Europe/Berlin", "2026-03-29 03:00:00", .one(utc("2026-03-29 01:00:00"))),
      ("Europe/Berlin", "2026-10-25 01:59:59", .one(utc("2026-10-24 23:59:59"))),
      ("Europe/Berlin", "2026-10-25 02:00:00", .two(utc("2026-10-25 00:00:00"), utc("2026-10-25 01:00:00"))),
      ("Europe/Berlin", "2026-10-25 03:00:00", .one(utc("2026-10-25 02:00:00"))),
      ("Australia/Lord_Howe", "2026-10-04 02:15:00", .none(gapEnd: utc("2026-10-03 15:30:00"))),
      ("Australia/Lord_Howe", "2026-04-05 01:45:00", .two(utc("2026-04-04 14:45:00"), utc("2026-04-04 15:15:00"))),
      ("Pacific/Apia", "2011-12-30 12:00:00", .none(gapEnd: utc("2011-12-30 10:00:00"))),
      ("America/Santiago", "2026-09-06 00:00:00", .none(gapEnd: utc("2026-09-06 04:00:00"))),
      ("Pacific/Kwajalein", "1969-09-30 12:00:00", .two(utc("1969-09-30 01:00:00"), utc("1969-10-01 00:00:00"))),
    ])
  func moments(zone: String, reading: String, moments: Zone.Moments) throws {
    #expect(try ZoneSamples.zone(zone).moments(of: local(reading)) == moments)
  }

  @Test("every change of the clocks is the one that zdump finds", .enabled(if: ZoneSamples.hasZdump, "needs zdump"))
  func zdump() throws {
    let names = [
      "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca",
      "America/Sao_Paulo", "America/Santiago", "Asia/Gaza", "Europe/Dublin", "Antarctica/Troll",
    ]
    // Two lines a change: the last second before it, and its first second.
    let pattern = /(\S+) +\w+ (\w+) +(\d+) (\S+) (\d+) UT = .* gmtoff=(-?\d+)/
    let lines = ZoneSamples.text(of: "zdump -V -c 1850,2060 \(names.joined(separator: " "))").split(separator: "\n")
    #expect(lines.count > 2000)
    var zones: [Substring: Zone] = [:]
    for line in lines {
      let match = try #require(try pattern.firstMatch(in: line), "\(line)")
      if zones[match.1] == nil {
        zones[match.1] = try ZoneSamples.zone(String(match.1))
      }
      let month = try #require(Self.months.firstIndex(of: String(match.2)))
      let time = utc("\(match.5)-\(month + 1)-\(match.3) \(match.4)")
      if zones[match.1]?.offset(at: time) != Int(match.6) {
        Issue.record("\(line)")
      }
    }
  }

  @Test("from a moment to the reading and back is the same moment, or the other one of two")
  func roundTrip() throws {
    var numbers = SeededNumbers(seed: 7)
    for name in ["Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/Santiago", "Asia/Gaza"] {
      let zone = try ZoneSamples.zone(name)
      for _ in 0..<2000 {
        let time = WallTime(seconds: .random(in: -9_000_000_000...9_000_000_000, using: &numbers))
        switch zone.moments(of: zone.localTime(at: time)) {
        case .one(let moment): #expect(moment == time)
        case .two(let first, let last): #expect(first == time || last == time)
        case .none: Issue.record("\(name): \(time)")
        }
      }
    }
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
