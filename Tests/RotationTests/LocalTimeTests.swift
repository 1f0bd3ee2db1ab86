import Rotation
import Testing
import Timekeeping

@Suite struct LocalTimeTests {
  @Test(
    "days are counted from the epoch, through leap years and centuries",
    arguments: [
      ("1970-01-01", 0), ("1969-12-31", -1), ("1970-03-01", 59), ("2000-02-29", 11_016), ("2000-03-01", 11_017),
      ("1900-03-01", -25_508), ("1900-02-28", -25_509), ("2100-03-01", 47_541), ("0000-03-01", -719_468),
    ])
  func days(date: String, count: Int) {
    #expect(local(date).date.daysSinceEpoch == count)
    #expect(CivilDate(daysSinceEpoch: count) == local(date).date)
  }

  @Test("every day of four centuries follows the one before it")
  func succession() {
    var date = CivilDate(year: 1678, month: 1, day: 1)
    var number = date.daysSinceEpoch
    while date.year < 2078 {
      let isLastOfMonth = date.day == CivilDate.days(inMonth: date.month, of: date.year)
      let isLastOfYear = isLastOfMonth && date.month == 12
      date = CivilDate(
        year: isLastOfYear ? date.year + 1 : date.year,
        month: isLastOfYear ? 1 : isLastOfMonth ? date.month + 1 : date.month, day: isLastOfMonth ? 1 : date.day + 1)
      number += 1
      guard date.daysSinceEpoch == number, CivilDate(daysSinceEpoch: number) == date else {
        Issue.record("\(date) is not day \(number)")
        return
      }
    }
    #expect(number == -106_650 + 146_097)
  }

  @Test(
    "a reading turns into seconds and back, before the epoch too",
    arguments: [
      ("1970-01-01 00:00:00", 0), ("1969-12-31 23:59:59", -1), ("2026-11-22 21:44:55", 1_795_383_895),
      ("2262-04-11 23:47:16", 9_223_372_036), ("1677-09-21 00:12:43", -9_223_372_037),
    ])
  func seconds(text: String, count: Int64) {
    #expect(local(text).secondsAsUTC == count)
    #expect(LocalTime(secondsAsUTC: count) == local(text))
  }

  @Test(
    "weekdays are those of the calendar",
    arguments: [
      ("1970-01-01", Weekday.thursday), ("1969-12-31", .wednesday), ("2000-02-29", .tuesday), ("2026-11-22", .sunday),
      ("1899-12-25", .monday),
    ])
  func weekdays(date: String, weekday: Weekday) {
    #expect(local(date).weekday == weekday)
  }
}
