import Rotation
import Testing
import Timekeeping

/// The contract of `ClockChangeRule.served`, beside what systemd does.
@Suite(.enabled(if: ZoneSamples.areInstalled, "needs tzdata under /usr/share/zoneinfo"))
struct CalendarHardDayTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    var expression: String
    var zone: String
    /// UTC.
    var after: String
    /// The next due times, as the clocks show them.
    var due: [String]
    /// The same by systemd's rules.
    var bySystemd: [String]

    var testDescription: String { "\(expression) in \(zone) after \(after)" }
  }

  static let samples = [
    // A skipped time runs at the first moment after the gap.
    Sample(
      expression: "Sun 02:30", zone: "Europe/Berlin", after: "2026-03-28 00:00:00",
      due: ["2026-03-29 03:00:00 CEST", "2026-04-05 02:30:00 CEST"],
      bySystemd: ["2026-04-05 02:30:00 CEST", "2026-04-12 02:30:00 CEST"]),
    // Several skipped times run once; one that is due at that moment anyhow adds none.
    Sample(
      expression: "1..3:0/20", zone: "Europe/Berlin", after: "2026-03-29 00:20:00",
      due: ["2026-03-29 01:40:00 CET", "2026-03-29 03:00:00 CEST", "2026-03-29 03:20:00 CEST"],
      bySystemd: ["2026-03-29 01:40:00 CET", "2026-03-29 03:00:00 CEST", "2026-03-29 03:20:00 CEST"]),
    Sample(
      expression: "Sat 23:30", zone: "America/Nuuk", after: "2027-03-27 12:00:00",
      due: ["2027-03-28 00:00:00 -01", "2027-04-03 23:30:00 -01"],
      bySystemd: ["2027-04-03 23:30:00 -01", "2027-04-10 23:30:00 -01"]),
    Sample(
      expression: "monthly", zone: "America/Asuncion", after: "2017-09-15 00:00:00",
      due: ["2017-10-01 01:00:00 -03", "2017-11-01 00:00:00 -03"],
      bySystemd: ["2017-11-01 00:00:00 -03", "2017-12-01 00:00:00 -03"]),
    // An expression that is due in every hour catches up nothing.
    Sample(
      expression: "*:30", zone: "Europe/Berlin", after: "2026-03-29 00:00:00",
      due: ["2026-03-29 01:30:00 CET", "2026-03-29 03:30:00 CEST"],
      bySystemd: ["2026-03-29 01:30:00 CET", "2026-03-29 03:30:00 CEST"]),
    // A doubled time runs once, even if the search starts between the two.
    Sample(
      expression: "Sun 02:30", zone: "Europe/Berlin", after: "2026-10-25 00:00:00",
      due: ["2026-10-25 02:30:00 CEST", "2026-11-01 02:30:00 CET"],
      bySystemd: ["2026-10-25 02:30:00 CEST", "2026-11-01 02:30:00 CET"]),
    Sample(
      expression: "02:10..40/15", zone: "Europe/Berlin", after: "2026-10-25 01:00:00",
      due: ["2026-10-26 02:10:00 CET"], bySystemd: ["2026-10-25 02:10:00 CET"]),
    // An expression that is due in every hour runs in both.
    Sample(
      expression: "*:0/30", zone: "Europe/Berlin", after: "2026-10-25 00:00:00",
      due: [
        "2026-10-25 02:30:00 CEST", "2026-10-25 02:00:00 CET", "2026-10-25 02:30:00 CET", "2026-10-25 03:00:00 CET",
      ],
      bySystemd: ["2026-10-25 02:30:00 CEST", "2026-10-25 03:00:00 CET"]),
    Sample(
      expression: "hourly", zone: "Australia/Lord_Howe", after: "2026-04-04 13:00:00",
      due: ["2026-04-05 01:00:00 +11", "2026-04-05 02:00:00 +1030"],
      bySystemd: ["2026-04-05 01:00:00 +11", "2026-04-05 02:00:00 +1030"]),
    Sample(
      expression: "Sat *:45", zone: "America/Santiago", after: "2026-04-05 01:45:00",
      due: ["2026-04-04 23:45:00 -03", "2026-04-04 23:45:00 -04", "2026-04-11 00:45:00 -04"],
      bySystemd: ["2026-04-04 23:45:00 -03", "2026-04-11 00:45:00 -04"]),
    // A skipped day has no run.
    Sample(
      expression: "Fri 12:00", zone: "Pacific/Apia", after: "2011-12-24 00:00:00",
      due: ["2012-01-06 12:00:00 +14"], bySystemd: ["2012-01-06 12:00:00 +14"]),
    // The expression's own zone counts.
    Sample(
      expression: "02:30 America/New_York", zone: "Europe/Berlin", after: "2026-03-08 06:00:00",
      due: ["2026-03-08 08:00:00 CET", "2026-03-09 07:30:00 CET"],
      bySystemd: ["2026-03-09 07:30:00 CET", "2026-03-10 07:30:00 CET"]),
  ]

  @Test("a calendar is due on days with a clock change as its contract says", arguments: samples)
  func clockChange(_ sample: Sample) throws {
    let zone = try ZoneSamples.zone(sample.zone)
    let expression = try CalendarExpression.parse(sample.expression, zones: { try? ZoneSamples.zone($0) })
    for (clockChangeRule, due) in [(ClockChangeRule.served, sample.due), (.asSystemd, sample.bySystemd)] {
      var time = utc(sample.after)
      for expected in due {
        time = try #require(expression.next(after: time, in: zone, clockChangeRule: clockChangeRule))
        #expect(show(time, in: zone) == expected)
      }
    }
  }

  static let changes = [
    ("Europe/Berlin", "2026-03-28 10:00"), ("Europe/Berlin", "2026-10-24 10:00"), ("Europe/Dublin", "2026-10-24 10:00"),
    ("America/New_York", "2026-10-31 10:00"), ("Australia/Lord_Howe", "2026-04-04 00:00"),
    ("Australia/Lord_Howe", "2026-10-03 00:00"), ("America/Santiago", "2026-09-05 10:00"),
    ("America/Santiago", "2026-04-04 10:00"), ("America/Nuuk", "2027-03-27 10:00"), ("Asia/Gaza", "2026-10-23 10:00"),
    ("America/St_Johns", "2010-11-06 10:00"), ("America/St_Johns", "2010-03-13 10:00"),
    ("Pacific/Apia", "2011-12-29 10:00"), ("Pacific/Kwajalein", "1969-09-29 12:00"),
    ("Asia/Kolkata", "2026-03-28 00:00"),
  ]

  @Test("on days with a clock change, the due times are those that a check of each minute finds", arguments: changes)
  func eachMinute(zoneName: String, start: String) throws {
    let zone = try ZoneSamples.zone(zoneName)
    let minutes = (0..<3600).map { utc(start) + .seconds($0 * 60) }
    let readings = minutes.map { zone.localTime(at: $0).secondsAsUTC }
    let texts = [
      "02:30", "00:00", "0/2:15", "0:0/10", "1..3:0/7", "23:1,31,59", "*:0/7", "*:30", "hourly",
      "Sat,Sun *:15", "0..23:45", "Sun 0..4:0/30",
    ]
    for text in texts {
      let expression = try CalendarExpression.parse(text, zones: { _ in nil })
      let wanted = Self.moments(of: expression, in: .utc, from: readings.min() ?? 0, to: readings.max() ?? 0)
      var expected: Set<WallTime> = []
      if text.hasPrefix("*") || text == "hourly" || text.contains(" *:") || text.hasPrefix("0..23") {
        let shown = Set(wanted.map(\.seconds))
        expected = Set(zip(minutes, readings).filter { shown.contains($0.1) }.map(\.0))
      } else {
        for reading in wanted.map(\.seconds) {
          guard readings.contains(where: { $0 / 86_400 == reading / 86_400 }) else { continue }
          if let index = readings.firstIndex(where: { $0 >= reading }) { expected.insert(minutes[index]) }
        }
      }
      // An expression that is due in the first minute may have been due before.
      expected.remove(minutes[0])
      let found = Self.moments(
        of: expression, in: zone, from: minutes[0].seconds, to: minutes[minutes.count - 1].seconds)
      #expect(Set(found) == expected, "\(text)")
    }
  }

  /// All moments after the first second and up to the last.
  private static func moments(
    of expression: CalendarExpression, in zone: Zone, from start: Int64, to end: Int64
  ) -> [WallTime] {
    var moments: [WallTime] = []
    while let next = expression.next(after: moments.last ?? WallTime(seconds: start), in: zone), next.seconds <= end {
      moments.append(next)
    }
    return moments
  }
}
