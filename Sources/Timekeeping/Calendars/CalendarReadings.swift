/// What clocks show when an expression matches, regardless of zone: the part of the search that needs no zone.
///
/// A reading is a number, the microseconds since the epoch at which a clock on UTC shows it.
extension CalendarExpression {
  /// The first reading of the expression that is not before another; nil if there is none up to the year 2199.
  func firstReading(notBefore reading: Int64) -> Int64? {
    var day = reading / Self.dayLength
    if reading % Self.dayLength < 0 {
      day -= 1
    }
    let date = CivilDate(daysSinceEpoch: Int(day))
    let sameDay = firstDay(notBefore: date)
    if let sameDay, sameDay == date, let time = firstTime(from: Int(reading - day * Self.dayLength)) {
      return day * Self.dayLength + Int64(time)
    }
    let later = sameDay == date ? firstDay(notBefore: CivilDate(daysSinceEpoch: Int(day) + 1)) : sameDay
    guard let later, let time = firstTime(from: 0) else { return nil }
    return Int64(later.daysSinceEpoch) * Self.dayLength + Int64(time)
  }

  /// Microseconds in a day of 24 hours.
  static let dayLength: Int64 = 86_400 * 1_000_000

  private static let minuteLength = 60 * 1_000_000
  private static let hourLength = 60 * minuteLength

  private func firstDay(notBefore date: CivilDate) -> CivilDate? {
    var earliest = date
    while let year = years.least(from: earliest.year, through: CalendarUnit.year.bounds.upperBound) {
      if year > earliest.year {
        earliest = CivilDate(year: year, month: 1, day: 1)
      }
      while let month = months.least(from: earliest.month, through: 12) {
        if month > earliest.month {
          earliest = CivilDate(year: year, month: month, day: 1)
        }
        if let day = firstDay(from: earliest.day, month: month, year: year) {
          return CivilDate(year: year, month: month, day: day)
        }
        earliest = CivilDate(year: year, month: month + 1, day: 1)
      }
      earliest = CivilDate(year: year + 1, month: 1, day: 1)
    }
    return nil
  }

  private func firstDay(from first: Int, month: Int, year: Int) -> Int? {
    let length = CivilDate.days(inMonth: month, of: year)
    var candidate = first
    while let day = days.unit == .dayFromEnd
      ? days.leastFromEnd(from: candidate, through: length) : days.least(from: candidate, through: length)
    {
      if weekdays == .all || weekdays.contains(CivilDate(year: year, month: month, day: day).weekday) {
        return day
      }
      candidate = day + 1
    }
    return nil
  }

  /// The first time of the day from another on, both in microseconds since midnight.
  private func firstTime(from time: Int) -> Int? {
    let (hour, rest) = time.quotientAndRemainder(dividingBy: Self.hourLength)
    guard let first = hours.least(from: hour, through: 23) else { return nil }
    if let minute = firstMinute(from: first == hour ? rest : 0) {
      return first * Self.hourLength + minute
    }
    guard let next = hours.least(from: first + 1, through: 23), let minute = firstMinute(from: 0) else { return nil }
    return next * Self.hourLength + minute
  }

  /// The same within an hour.
  private func firstMinute(from time: Int) -> Int? {
    let (minute, rest) = time.quotientAndRemainder(dividingBy: Self.minuteLength)
    guard let first = minutes.least(from: minute, through: 59) else { return nil }
    if let second = seconds.least(from: first == minute ? rest : 0, through: Self.minuteLength - 1) {
      return first * Self.minuteLength + second
    }
    guard let next = minutes.least(from: first + 1, through: 59),
      let second = seconds.least(from: 0, through: Self.minuteLength - 1)
    else { return nil }
    return next * Self.minuteLength + second
  }
}
