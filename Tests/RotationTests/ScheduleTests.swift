import Rotation
import Testing
import Timekeeping

@Suite struct ScheduleTests {
  struct ClockChange: Sendable, CustomTestStringConvertible {
    var zone: String
    var time: TimeOfDay
    /// UTC.
    var after: String
    /// The next due times, as the clocks show them.
    var due: [String]

    init(_ zone: String, _ time: String, after: String, _ due: [String]) {
      self.zone = zone
      let clock = local("1970-01-01 \(time)")
      self.time = TimeOfDay(hour: clock.hour, minute: clock.minute, second: clock.second)
      self.after = after
      self.due = due
    }

    var testDescription: String { "\(zone) \(time.secondsSinceMidnight / 60) min after \(after)" }
  }

  static let clockChangeRule = [
    ClockChange(
      "Etc/UTC", "00:00", after: "2024-02-28 00:00:00",
      ["2024-02-29 00:00:00 UTC", "2024-03-01 00:00:00 UTC", "2024-03-02 00:00:00 UTC"]),
    ClockChange(
      "Asia/Kolkata", "23:59:59", after: "2026-12-30 12:00:00",
      ["2026-12-30 23:59:59 IST", "2026-12-31 23:59:59 IST", "2027-01-01 23:59:59 IST"]),
    // Skipped hour: the first moment after it, and at the wonted time again the next day.
    ClockChange(
      "Europe/Berlin", "02:30", after: "2026-03-27 12:00:00",
      ["2026-03-28 02:30:00 CET", "2026-03-29 03:00:00 CEST", "2026-03-30 02:30:00 CEST"]),
    ClockChange(
      "Europe/Berlin", "00:00", after: "2026-03-28 12:00:00",
      ["2026-03-29 00:00:00 CET", "2026-03-30 00:00:00 CEST"]),
    ClockChange(
      "America/New_York", "02:00", after: "2026-03-07 12:00:00",
      ["2026-03-08 03:00:00 EDT", "2026-03-09 02:00:00 EDT"]),
    // Doubled hour: the first of the two, even if the search starts between them.
    ClockChange(
      "Europe/Berlin", "02:30", after: "2026-10-24 12:00:00",
      ["2026-10-25 02:30:00 CEST", "2026-10-26 02:30:00 CET"]),
    ClockChange("Europe/Berlin", "02:30", after: "2026-10-25 00:45:00", ["2026-10-26 02:30:00 CET"]),
    ClockChange(
      "America/New_York", "01:00", after: "2026-10-31 12:00:00",
      ["2026-11-01 01:00:00 EDT", "2026-11-02 01:00:00 EST"]),
    // Half an hour.
    ClockChange(
      "Australia/Lord_Howe", "02:15", after: "2026-10-02 20:00:00",
      ["2026-10-04 02:30:00 +11", "2026-10-05 02:15:00 +11"]),
    ClockChange(
      "Australia/Lord_Howe", "01:45", after: "2026-04-04 12:00:00",
      ["2026-04-05 01:45:00 +11", "2026-04-06 01:45:00 +1030"]),
    // Midnight itself is skipped.
    ClockChange(
      "America/Santiago", "00:00", after: "2026-09-05 12:00:00",
      ["2026-09-06 01:00:00 -03", "2026-09-07 00:00:00 -03"]),
    // The clocks go back from midnight to 23:00 of the day before.
    ClockChange(
      "America/Santiago", "23:30", after: "2026-04-04 12:00:00",
      ["2026-04-04 23:30:00 -03", "2026-04-05 23:30:00 -04"]),
    // The clocks go back from 00:01 to 23:01, so that midnight comes twice.
    ClockChange(
      "America/St_Johns", "00:00", after: "2010-11-06 12:00:00",
      ["2010-11-07 00:00:00 NDT", "2010-11-08 00:00:00 NST"]),
    ClockChange("America/St_Johns", "00:00", after: "2010-11-07 02:45:00", ["2010-11-08 00:00:00 NST"]),
    // The gap is the last hour of the day and ends with it.
    ClockChange(
      "America/Nuuk", "23:30", after: "2027-03-27 12:00:00",
      ["2027-03-28 00:00:00 -01", "2027-03-28 23:30:00 -01"]),
    // A day that does not exist has no run; the one before and the one after have one each.
    ClockChange(
      "Pacific/Apia", "12:00", after: "2011-12-29 12:00:00",
      ["2011-12-29 12:00:00 -10", "2011-12-31 12:00:00 +14"]),
    ClockChange(
      "Pacific/Apia", "00:00", after: "2011-12-28 12:00:00",
      ["2011-12-29 00:00:00 -10", "2011-12-31 00:00:00 +14", "2012-01-01 00:00:00 +14"]),
    // A day that a place had twice.
    ClockChange(
      "Pacific/Kwajalein", "12:00", after: "1969-09-29 12:00:00",
      ["1969-09-30 12:00:00 +11", "1969-10-01 12:00:00 -12"]),
  ]

  @Test(
    "a daily job is due by the calendar on days with a clock change",
    .enabled(if: ZoneSamples.areInstalled, "needs tzdata under /usr/share/zoneinfo"), arguments: clockChangeRule)
  func clockChange(_ day: ClockChange) throws {
    let zone = try ZoneSamples.zone(day.zone)
    var time = utc(day.after)
    for expected in day.due {
      time = try #require(CalendarSchedule.daily(day.time).next(after: time, in: zone))
      #expect(show(time, in: zone) == expected)
    }
  }

  @Test("the next run is strictly later, to the nanosecond")
  func strictlyLater() {
    let midnight = utc("2026-01-02 00:00:00")
    let schedule = CalendarSchedule.daily(.midnight)
    #expect(schedule.next(after: midnight, in: .utc) == utc("2026-01-03 00:00:00"))
    #expect(schedule.next(after: WallTime(nanoseconds: midnight.nanoseconds - 1), in: .utc) == midnight)
  }

  @Test("at the end of the clock there is no next run")
  func endOfTime() {
    let schedule = CalendarSchedule.daily(.midnight)
    #expect(schedule.next(after: WallTime(nanoseconds: .max), in: .utc) == nil)
    #expect(schedule.next(after: WallTime(nanoseconds: .min), in: .utc) == utc("1677-09-22 00:00:00"))
  }

  static let phases: [(anchor: Int64, every: Int64, now: Int64, next: Int64)] = [
    (0, 30, 0, 30), (0, 30, 29, 30), (0, 30, 30, 60), (7, 30, 6, 7), (7, 30, 7, 37),
    // Phases in the future, by less and by more than one interval.
    (100, 30, 95, 100), (100, 30, 0, 10), (100, 30, 10, 40), (-5, 30, -6, -5), (-5, 30, -5, 25), (0, 1, 41, 42),
    // As far apart as numbers go.
    (.min, 1, .max - 1, .max), (.max, 2, .min, .min + 1), (.min, .max, .min, -1), (.min, .max, -1, .max - 1),
    (.max, .max, .min, -.max), (0, .max, .max, .max),
  ]

  @Test("an interval keeps its phase", arguments: phases)
  func phase(_ sample: (anchor: Int64, every: Int64, now: Int64, next: Int64)) {
    #expect(Schedule.nextInTime(phase: sample.anchor, every: sample.every, after: sample.now) == sample.next)
  }
}
