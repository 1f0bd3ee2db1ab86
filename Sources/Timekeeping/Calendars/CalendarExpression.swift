/// Moments described by the calendar, in the grammar of systemd.time(7), "Calendar Events": weekdays, a date and a
/// time, each a list of values, ranges and steps, and a time zone. `Mon..Fri 22:30 Europe/Berlin`.
///
/// The grammar, the normal form and the moments are those of systemd 252, with these exceptions and those of
/// `ClockChangeRule`:
///
/// * The zone is `UTC` or a name of the IANA database. Abbreviations of the local zone are not accepted, because
///   they name an offset that is in force for only half of the year.
/// * After `@` there are digits alone, no blank and no sign.
/// * `0/1,30.5` in the seconds keeps its fraction in the normal form, where systemd writes `*`.
/// * A search ends with the year 2199 and never gives up before.
package struct CalendarExpression: Hashable, Sendable, CustomStringConvertible {
  /// The days of the week that match.
  var weekdays = WeekdaySet.all
  var years = CalendarField(any: .year)
  var months = CalendarField(any: .month)
  /// Of the unit `.day` or `.dayFromEnd`.
  var days = CalendarField(any: .day)
  var hours = CalendarField(0, .hour)
  var minutes = CalendarField(0, .minute)
  var seconds = CalendarField(0, .second)
  /// The zone that the expression names; with nil the caller decides.
  package internal(set) var zone: Zone?

  /// Every midnight.
  init() {}

  /// Every day at one time.
  package init(daily time: TimeOfDay) {
    let seconds = time.secondsSinceMidnight
    hours = CalendarField(seconds / 3600, .hour)
    minutes = CalendarField(seconds / 60 % 60, .minute)
    self.seconds = CalendarField(seconds % 60 * CalendarUnit.second.scale, .second)
  }

  /// Reads an expression.
  ///
  /// - Parameters:
  ///   - text: the expression, or one of the shorthands such as `weekly`.
  ///   - zones: gives the zone of a name of the IANA database, and nil where there is none. `UTC` is known without.
  /// - Returns: the expression.
  /// - Throws: `CalendarError` with the first position that does not fit.
  package static func parse(_ text: String, zones: (String) -> Zone?) throws(CalendarError) -> CalendarExpression {
    var parser = CalendarParser(text)
    return try parser.parse(zones: zones)
  }

  /// The normal form, as in `Mon..Fri *-*-* 22:30:00 Europe/Berlin`. Parsed again, it is the same expression.
  package var description: String {
    let dayMark = days.unit == .dayFromEnd ? "~" : "-"
    return (weekdays == .all ? "" : "\(weekdays) ")
      + "\(years)-\(months)\(dayMark)\(days) \(hours):\(minutes):\(seconds)"
      + (zone.map { " \($0.name)" } ?? "")
  }
}

/// Days of the week.
struct WeekdaySet: Hashable, Sendable, CustomStringConvertible {
  private var bits: UInt8

  static let none = WeekdaySet(bits: 0)
  static let all = WeekdaySet(bits: 0b111_1111)

  private init(bits: UInt8) {
    self.bits = bits
  }

  func contains(_ day: Weekday) -> Bool { bits & Self.bit(day) != 0 }

  mutating func insert(_ day: Weekday) {
    bits |= Self.bit(day)
  }

  private static func bit(_ day: Weekday) -> UInt8 { 1 << (day.rawValue - 1) }

  /// As in `Mon,Wed..Fri`. Two days in a row are a list, three a range.
  var description: String {
    var parts: [String] = []
    var run: [Weekday] = []
    for day in Weekday.allCases where contains(day) {
      if let last = run.last, last.rawValue + 1 == day.rawValue {
        run.append(day)
      } else {
        parts += Self.describe(run)
        run = [day]
      }
    }
    return (parts + Self.describe(run)).joined(separator: ",")
  }

  private static func describe(_ run: [Weekday]) -> [String] {
    guard let first = run.first, let last = run.last, run.count > 2 else { return run.map(\.abbreviation) }
    return ["\(first.abbreviation)..\(last.abbreviation)"]
  }
}

extension Weekday {
  /// The English name.
  var name: String {
    switch self {
    case .monday: "Monday"
    case .tuesday: "Tuesday"
    case .wednesday: "Wednesday"
    case .thursday: "Thursday"
    case .friday: "Friday"
    case .saturday: "Saturday"
    case .sunday: "Sunday"
    }
  }

  /// The English name in three letters.
  package var abbreviation: String { String(name.prefix(3)) }
}
