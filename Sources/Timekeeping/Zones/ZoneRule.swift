/// The rule by which a zone changes its clocks each year, as the environment variable TZ and the last line of a
/// zone file write it (POSIX.1 8.3, tzset(3), RFC 8536 3.3.1): `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRule: Hashable, Sendable {
  /// What the clocks show outside of daylight saving time.
  var standard: ZoneType
  /// Daylight saving time and its yearly bounds; nil where the clocks never change.
  var daylight: Daylight?

  struct Daylight: Hashable, Sendable {
    var type: ZoneType
    /// When it begins, by the clock of standard time.
    var start: YearlyMoment
    /// When it ends, by its own clock.
    var end: YearlyMoment
  }

  /// A time of the year, on a clock of the zone.
  struct YearlyMoment: Hashable, Sendable {
    var day: Day
    /// Seconds from the midnight that begins the day; may be negative or more than a day.
    var time: Int
  }

  enum Day: Hashable, Sendable {
    /// `Jn`: 1 to 365; the 29th of February is never counted.
    case julian(Int)
    /// `n`: 0 to 365; the 29th of February is counted.
    case zeroBased(Int)
    /// `Mm.w.d`: the weekday d (0 is Sunday) of week w of month m; week 5 is the last.
    case weekday(month: Int, week: Int, weekday: Int)
  }

  /// A change of the clocks.
  struct Change: Hashable, Sendable {
    /// Seconds since the epoch.
    var moment: Int64
    var toDaylight: Bool
  }

  /// The changes of one year, in their order in time.
  func changes(in year: Int) -> [Change] {
    guard let daylight else { return [] }
    let start = Change(
      moment: daylight.start.secondsAsUTC(in: year) - Int64(standard.offset), toDaylight: true)
    let end = Change(
      moment: daylight.end.secondsAsUTC(in: year) - Int64(daylight.type.offset), toDaylight: false)
    return start.moment <= end.moment ? [start, end] : [end, start]
  }
}

extension ZoneRule.YearlyMoment {
  /// The moment in a year, read on a clock that shows UTC: seconds since the epoch.
  func secondsAsUTC(in year: Int) -> Int64 {
    Int64(daysSinceEpoch(in: year)) * 86_400 + Int64(time)
  }

  private func daysSinceEpoch(in year: Int) -> Int {
    let newYear = CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
    switch day {
    case .julian(let day):
      return newYear + day - 1 + (CivilDate.isLeap(year) && day >= 60 ? 1 : 0)
    case .zeroBased(let day):
      return newYear + day
    case .weekday(let month, let week, let weekday):
      let first = CivilDate(year: year, month: month, day: 1)
      // Weekday numbers as ISO has them make Sunday 7, and 7 % 7 the 0 of the rule.
      let firstMatch = 1 + (weekday - first.weekday.rawValue % 7 + 7) % 7
      let match = firstMatch + (week - 1) * 7
      let length = CivilDate.days(inMonth: month, of: year)
      return first.daysSinceEpoch + (match <= length ? match : match - 7) - 1
    }
  }
}

/// What the clocks of a zone show for some time: their offset from UTC, and its abbreviation.
struct ZoneType: Hashable, Sendable {
  /// Seconds east of UTC.
  var offset: Int
  var isDaylight: Bool
  /// As in `CET`, `+0330`.
  var abbreviation: String

  /// The offsets that RFC 8536 3.2 lets a file hold.
  static let offsets = -89_999...93_599
}
