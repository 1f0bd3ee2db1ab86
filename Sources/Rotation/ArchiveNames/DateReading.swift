internal import Timekeeping

/// A local time, truncated to the resolution of a date format, with the values of all letters.
struct DateReading {
  private let time: LocalTime

  /// The beginning of the year, month, week and so on of the time.
  init(_ time: LocalTime, cutTo resolution: DateResolution) {
    var cut = time
    if resolution < .second { cut.second = 0 }
    if resolution < .minute { cut.minute = 0 }
    if resolution < .hour { cut.hour = 0 }
    switch resolution {
    case .year: (cut.month, cut.day) = (1, 1)
    case .month: cut.day = 1
    case .week:
      let monday = CivilDate(daysSinceEpoch: time.date.daysSinceEpoch - (time.weekday.rawValue - 1))
      (cut.year, cut.month, cut.day) = (monday.year, monday.month, monday.day)
    case .day, .hour, .minute, .second: break
    }
    self.time = cut
  }

  /// The seconds of the local clock, as if it showed UTC.
  var seconds: Int64 { time.secondsAsUTC }

  /// The value of a letter; `%s` does not depend on the local clock.
  func value(of field: DateField) -> Int64 {
    let value =
      switch field {
      case .year: time.year
      case .yearOfCentury: time.year % 100
      case .month: time.month
      case .day: time.day
      case .dayOfYear: time.date.daysSinceEpoch - CivilDate(year: time.year, month: 1, day: 1).daysSinceEpoch + 1
      case .weekYear: thursday.year
      case .week:
        (thursday.daysSinceEpoch - CivilDate(year: thursday.year, month: 1, day: 1).daysSinceEpoch) / 7 + 1
      case .weekday: time.weekday.rawValue
      case .hour: time.hour
      case .minute: time.minute
      case .second: time.second
      case .epoch: 0
      }
    return Int64(value)
  }

  /// A week belongs to the year of its Thursday (ISO 8601).
  private var thursday: CivilDate {
    CivilDate(daysSinceEpoch: time.date.daysSinceEpoch - (time.weekday.rawValue - 4))
  }

  /// The seconds of a date that was read; nil if a value is not in the calendar. The caller checks that the fields
  /// agree, by writing the date again.
  static func seconds(of values: [DateField: Int64], _ resolution: DateResolution) -> Int64? {
    if let epoch = values[.epoch] { return epoch }
    guard let days = days(of: values, resolution) else { return nil }
    let (hour, minute, second) = (values[.hour] ?? 0, values[.minute] ?? 0, values[.second] ?? 0)
    guard hour < 24, minute < 60, second < 60 else { return nil }
    return Int64(days) * 86_400 + hour * 3600 + minute * 60 + second
  }

  private static func days(of values: [DateField: Int64], _ resolution: DateResolution) -> Int? {
    // As in POSIX, 69 is 1969 and 68 is 2068.
    let short = values[.yearOfCentury].map { Int($0) + ($0 < 69 ? 2000 : 1900) }
    let year = values[.year].map(Int.init) ?? short
    if resolution >= .day, let year, let day = values[.dayOfYear] {
      return CivilDate(year: year, month: 1, day: 1).daysSinceEpoch + Int(day) - 1
    }
    if let year, let month = values[.month], resolution == .month || resolution >= .day && values[.day] != nil {
      guard (1...12).contains(month) else { return nil }
      return CivilDate(year: year, month: Int(month), day: Int(values[.day] ?? 1)).daysSinceEpoch
    }
    if let weekYear = values[.weekYear], let week = values[.week], resolution >= .week {
      // The first week is that of the 4th of January.
      let fourth = CivilDate(year: Int(weekYear), month: 1, day: 4)
      let monday = fourth.daysSinceEpoch - (fourth.weekday.rawValue - 1)
      return monday + (Int(week) - 1) * 7 + Int(values[.weekday] ?? 1) - 1
    }
    return year.map { CivilDate(year: $0, month: 1, day: 1).daysSinceEpoch }
  }
}
