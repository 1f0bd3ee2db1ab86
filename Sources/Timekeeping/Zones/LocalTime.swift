/// What a calendar and a clock on a wall show, to the whole second, in the proleptic Gregorian calendar.
///
/// It says nothing about a zone: the same reading stands for different moments in different zones, and in one zone
/// for none, one or two (`Zone.moments(of:)`).
package struct LocalTime: Hashable, Comparable, Sendable {
  package var year: Int
  /// 1 to 12.
  package var month: Int
  /// Day of the month, 1 to 31.
  package var day: Int
  package var hour: Int
  package var minute: Int
  package var second: Int

  /// A reading given by its parts; they must form a day of the calendar and a time of day.
  package init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    precondition((1...12).contains(month), "a month is 1 to 12")
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// The reading of a clock that shows UTC.
  ///
  /// - Parameter secondsAsUTC: seconds since 1970-01-01 00:00:00 UTC.
  package init(secondsAsUTC: Int64) {
    let (days, second) = Self.floorDivide(secondsAsUTC, by: 86_400)
    let date = CivilDate(daysSinceEpoch: Int(days))
    self.init(
      year: date.year, month: date.month, day: date.day,
      hour: Int(second / 3600), minute: Int(second / 60 % 60), second: Int(second % 60))
  }

  /// The seconds since the epoch at which a clock that shows UTC shows this.
  package var secondsAsUTC: Int64 {
    Int64(date.daysSinceEpoch) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
  }

  /// The day, without the time.
  package var date: CivilDate { CivilDate(year: year, month: month, day: day) }

  /// The day of the week.
  package var weekday: Weekday { date.weekday }

  package static func < (left: LocalTime, right: LocalTime) -> Bool { left.secondsAsUTC < right.secondsAsUTC }

  private static func floorDivide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

/// A day of the week, numbered as in ISO 8601.
package enum Weekday: Int, CaseIterable, Hashable, Sendable {
  case monday = 1
  case tuesday, wednesday, thursday, friday, saturday, sunday
}

/// A day of the proleptic Gregorian calendar.
package struct CivilDate: Hashable, Sendable {
  package var year: Int
  /// 1 to 12.
  package var month: Int
  /// Day of the month, from 1. In `daysSinceEpoch`, a day after the end of its month is a day of the next month.
  package var day: Int

  package init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// The day that lies this many days after 1970-01-01.
  package init(daysSinceEpoch: Int) {
    // The year is taken to begin in March, so that the leap day is its last, and time is counted in eras of
    // 400 years, which all have the same number of days.
    let shifted = daysSinceEpoch + Self.daysFromMarchOfYear0
    let era = (shifted >= 0 ? shifted : shifted - (Self.daysPerEra - 1)) / Self.daysPerEra
    let dayOfEra = shifted - era * Self.daysPerEra
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    self.init(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
      day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
  }

  /// Days since 1970-01-01; negative before it.
  package var daysSinceEpoch: Int {
    let marchYear = month <= 2 ? year - 1 : year
    let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * Self.daysPerEra + dayOfEra - Self.daysFromMarchOfYear0
  }

  /// The day of the week.
  package var weekday: Weekday {
    // 1970-01-01 was a Thursday.
    let remainder = (daysSinceEpoch + 3) % 7
    return Weekday.allCases[remainder < 0 ? remainder + 7 : remainder]
  }

  /// How many days a month has, 28 to 31.
  package static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Whether a year has a 29th of February.
  package static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  private static let daysPerEra = 146_097
  private static let daysFromMarchOfYear0 = 719_468
}
