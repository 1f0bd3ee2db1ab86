/// Reads a calendar expression from the bytes of its text, from left to right; only the zone is
/// searched from the right first, as the last word that begins with a letter.
struct CalendarParser {
  private var bytes: [UInt8]
  private var position = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// - Throws: `CalendarError` with the first position that does not fit.
  mutating func parse(zones: (String) -> Zone?) throws(CalendarError) -> CalendarExpression {
    guard !isAtEnd, peek != Self.space else { throw failure(Self.wholeExplanation) }
    let zone = try takeZone(zones)
    if var expression = Self.shorthands[String(decoding: bytes, as: UTF8.self).lowercased()] {
      expression.zone = zone
      return expression
    }
    var expression = CalendarExpression()
    expression.zone = zone
    expression.weekdays = try weekdays()
    if accept("@") {
      try moment(into: &expression)
    } else {
      try date(into: &expression)
      try time(into: &expression)
    }
    return expression
  }

  private static let wholeExplanation =
    "weekdays, a date, a time or a shorthand, as in \"Mon..Fri 22:30\", \"*-*-01\" or \"daily\""

  private static let shorthands: [String: CalendarExpression] = {
    var hourly = CalendarExpression()
    hourly.hours = CalendarField(any: .hour)
    var minutely = hourly
    minutely.minutes = CalendarField(any: .minute)
    var weekly = CalendarExpression()
    weekly.weekdays = .none
    weekly.weekdays.insert(.monday)
    var monthly = CalendarExpression()
    monthly.days = CalendarField(1, .day)
    func inMonths(_ months: Int...) -> CalendarExpression {
      var expression = monthly
      expression.months = CalendarField(months.map { .init(first: $0, last: nil, step: 0) }, .month)
      return expression
    }
    let (yearly, halfYearly) = (inMonths(1), inMonths(1, 7))
    return [
      "minutely": minutely, "hourly": hourly, "daily": CalendarExpression(), "weekly": weekly, "monthly": monthly,
      "quarterly": inMonths(1, 4, 7, 10), "semiannually": halfYearly, "semi-annually": halfYearly,
      "biannually": halfYearly, "bi-annually": halfYearly, "yearly": yearly, "annually": yearly, "anually": yearly,
    ]
  }()

  // MARK: Parts

  /// Removes the zone from the end of the text, if there is one.
  private mutating func takeZone(_ zones: (String) -> Zone?) throws(CalendarError) -> Zone? {
    guard let space = bytes.lastIndex(of: UInt8(ascii: " ")), space + 1 < bytes.count,
      Self.isLetter(bytes[space + 1])
    else { return nil }
    let name = String(decoding: bytes[(space + 1)...], as: UTF8.self)
    guard let zone = name.lowercased() == "utc" ? .utc : zones(name) else {
      throw CalendarError(column: space + 2, expected: "a time zone, as in \"UTC\" or \"Europe/Berlin\"")
    }
    bytes.removeSubrange(space...)
    return zone
  }

  private mutating func weekdays() throws(CalendarError) -> WeekdaySet {
    guard let byte = peek, Self.isLetter(byte) else { return .all }
    guard var day = weekday() else { throw failure(Self.wholeExplanation) }
    var set = WeekdaySet.none
    while true {
      set.insert(day)
      var isRange = false
      if accept("..") || accept("-") {
        day = try rangeEnd(from: day, into: &set)
        isRange = true
      }
      // A comma at the end of the weekdays is allowed.
      let isComma = accept(",")
      if isAtEnd || peek == Self.space { break }
      guard isComma else { throw failure(isRange ? "\",\" or a space" : "\",\", \"..\" or a space") }
      day = try expectWeekday()
    }
    skipSpaces()
    return set
  }

  private mutating func rangeEnd(from first: Weekday, into set: inout WeekdaySet) throws(CalendarError) -> Weekday {
    let column = position + 1
    let last = try expectWeekday()
    guard first.rawValue <= last.rawValue else {
      throw CalendarError(
        column: column,
        expected: "a weekday from \(first.abbreviation) to Sun: a range cannot cross the end of the week")
    }
    for day in Weekday.allCases where (first.rawValue...last.rawValue).contains(day.rawValue) {
      set.insert(day)
    }
    return last
  }

  private mutating func expectWeekday() throws(CalendarError) -> Weekday {
    guard let day = weekday() else { throw failure("a weekday, as in \"Mon\" or \"Monday\"") }
    return day
  }

  /// `year-month-day` or `month-day`, or nothing: then a time follows.
  private mutating func date(into expression: inout CalendarExpression) throws(CalendarError) {
    guard !isAtEnd else { return }
    let start = position
    let first = try list()
    guard !isAtEnd, peek != UInt8(ascii: ":") else {
      position = start
      return
    }
    var isFromEnd = try dateMark(orColon: true)
    let second = try list()
    var parts = [first, second]
    if !isFromEnd, !isAtEnd, peek != Self.space {
      isFromEnd = try dateMark(orColon: false)
      parts.append(try list())
    }
    guard isAtEnd || peek == Self.space else { throw failure("a space and a time") }
    skipSpaces()
    // "~*" is any day, from either end of the month.
    let day = parts.removeLast()
    expression.days = try day.field(isFromEnd && !day.elements.isEmpty ? .dayFromEnd : .day)
    expression.months = try parts.removeLast().field(.month)
    expression.years = try parts.popLast()?.field(.year) ?? expression.years
  }

  private mutating func dateMark(orColon: Bool) throws(CalendarError) -> Bool {
    if accept("~") { return true }
    guard accept("-") else { throw failure("\"-\"\(orColon ? ", \"~\" or \":\"" : " or \"~\"") after a number") }
    return false
  }

  /// `hour:minute` or `hour:minute:second`, or nothing, which is midnight.
  private mutating func time(into expression: inout CalendarExpression) throws(CalendarError) {
    guard !isAtEnd else { return }
    let hours = try list()
    guard accept(":") else { throw failure("\":\" and minutes, or \"-\" and a day") }
    let minutes = try list()
    expression.hours = try hours.field(.hour)
    expression.minutes = try minutes.field(.minute)
    guard !isAtEnd else { return }
    guard accept(":") else { throw failure("\":\" and seconds, or the end") }
    expression.seconds = try list(scale: CalendarUnit.second.scale).field(.second)
    guard isAtEnd else { throw failure("the end of the time") }
  }

  /// Seconds since the epoch, after `@`.
  private mutating func moment(into expression: inout CalendarExpression) throws(CalendarError) {
    let start = position
    var seconds: Int64 = 0
    while let byte = peek, Self.isDigit(byte), seconds < Self.lastMoment {
      seconds = seconds * 10 + Int64(byte - UInt8(ascii: "0"))
      position += 1
    }
    guard position > start, isAtEnd, seconds <= Self.lastMoment else {
      throw CalendarError(column: start + 1, expected: "seconds since 1970, 0 to \(Self.lastMoment)")
    }
    let time = LocalTime(secondsAsUTC: seconds)
    expression.years = CalendarField(time.year, .year)
    expression.months = CalendarField(time.month, .month)
    expression.days = CalendarField(time.day, .day)
    expression.hours = CalendarField(time.hour, .hour)
    expression.minutes = CalendarField(time.minute, .minute)
    expression.seconds = CalendarField(time.second * CalendarUnit.second.scale, .second)
    expression.zone = .utc
  }

  /// The last second of the year 2199.
  private static let lastMoment: Int64 = 7_258_118_399

  private mutating func list(scale: Int = 1) throws(CalendarError) -> CalendarListParser.List {
    var parser = CalendarListParser(bytes, at: position, scale: scale)
    let list = try parser.parse()
    position = parser.position
    return list
  }

  // MARK: Bytes

  private static let space = UInt8(ascii: " ")

  private var isAtEnd: Bool { position == bytes.count }
  private var peek: UInt8? { isAtEnd ? nil : bytes[position] }

  private func failure(_ expected: String) -> CalendarError { CalendarError(column: position + 1, expected: expected) }

  private mutating func accept(_ text: String) -> Bool {
    guard bytes[position...].starts(with: text.utf8) else { return false }
    position += text.utf8.count
    return true
  }

  private mutating func skipSpaces() {
    while peek == Self.space {
      position += 1
    }
  }

  /// The weekday whose name, whole or in three letters and in any case, begins here.
  private mutating func weekday() -> Weekday? {
    for day in Weekday.allCases {
      for name in [day.name, day.abbreviation] {
        let word = bytes[position...].prefix(name.utf8.count)
        guard String(decoding: word, as: UTF8.self).lowercased() == name.lowercased() else { continue }
        position += word.count
        return day
      }
    }
    return nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
