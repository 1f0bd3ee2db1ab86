import Rotation
import Testing
import Timekeeping

@Suite struct CalendarTests {
  /// The examples of systemd.time(7), and what they leave out.
  static let normalForms: [(text: String, normalForm: String)] = [
    ("Sat,Thu,Mon..Wed,Sat..Sun", "Mon..Thu,Sat,Sun *-*-* 00:00:00"),
    ("Mon,Sun 12-*-* 2,1:23", "Mon,Sun 2012-*-* 01,02:23:00"), ("Wed *-1", "Wed *-*-01 00:00:00"),
    ("Wed..Wed,Wed *-1", "Wed *-*-01 00:00:00"), ("Wed, 17:48", "Wed *-*-* 17:48:00"),
    ("Wed..Sat,Tue 12-10-15 1:2:3", "Tue..Sat 2012-10-15 01:02:03"), ("*-*-7 0:0:0", "*-*-07 00:00:00"),
    ("10-15", "*-10-15 00:00:00"), ("monday *-12-* 17:00", "Mon *-12-* 17:00:00"),
    ("Mon,Fri *-*-3,1,2 *:30:45", "Mon,Fri *-*-01,02,03 *:30:45"),
    ("12,14,13,12:20,10,30", "*-*-* 12,13,14:10,20,30:00"), ("12..14:10,20,30", "*-*-* 12..14:10,20,30:00"),
    ("mon,fri *-1/2-1,3 *:30:45", "Mon,Fri *-01/2-01,03 *:30:45"), ("03-05 08:05:40", "*-03-05 08:05:40"),
    ("05:40:23.4200004/3.1700005", "*-*-* 05:40:23.420000/3.170001"), ("2003-02..04-05", "2003-02..04-05 00:00:00"),
    ("2003-03-05 05:40 UTC", "2003-03-05 05:40:00 UTC"), ("daily utc", "*-*-* 00:00:00 UTC"),
    ("*:2/3", "*-*-* *:02/3:00"), ("*-02~03", "*-02~03 00:00:00"), ("Mon *-05~07/1", "Mon *-05~07/1 00:00:00"),
    ("minutely", "*-*-* *:*:00"), ("hourly", "*-*-* *:00:00"), ("daily", "*-*-* 00:00:00"),
    ("weekly", "Mon *-*-* 00:00:00"), ("monthly", "*-*-01 00:00:00"), ("Quarterly", "*-01,04,07,10-01 00:00:00"),
    ("semi-annually", "*-01,07-01 00:00:00"), ("yearly", "*-01-01 00:00:00"), ("annually", "*-01-01 00:00:00"),
    ("Mon..Sun", "*-*-* 00:00:00"), ("Mon-Wed,", "Mon..Wed *-*-* 00:00:00"), ("*-*~*", "*-*-* 00:00:00"),
    ("69-1-1", "2069-01-01 00:00:00"), ("70..99-1-1", "1970..1999-01-01 00:00:00"),
    ("*-1..12/5-1", "*-01..11/5-01 00:00:00"), ("*-1..2/3-1", "*-01-01 00:00:00"), ("*:*:*", "*-*-* *:*:*"),
    ("*:*:0/1,30", "*-*-* *:*:*"), ("*:*:0/1,30.5", "*-*-* *:*:00/1,30.500000"),
    ("12:00:00.999999..59", "*-*-* 12:00:00.999999..58.999999"), ("12:0:58.9999995", "*-*-* 12:00:59"),
    ("@1395716396", "2014-03-25 02:59:56 UTC"), ("Tue @7258118399", "Tue 2199-12-31 23:59:59 UTC"),
    ("2026-01-01  ", "2026-01-01 00:00:00"), ("2026-01-01  12:00", "2026-01-01 12:00:00"),
  ]

  @Test(
    "an expression has the normal form that systemd gives it, and is the same when that is read", arguments: normalForms
  )
  func normalForm(_ sample: (text: String, normalForm: String)) throws {
    let expression = try CalendarExpression.parse(sample.text, zones: { _ in nil })
    #expect(expression.description == sample.normalForm)
    #expect(try CalendarExpression.parse(sample.normalForm, zones: { _ in nil }) == expression)
  }

  static let errors: [(text: String, error: CalendarError)] = [
    ("", CalendarError(column: 1, expected: whole)), ("often", CalendarError(column: 1, expected: whole)),
    ("Mo", CalendarError(column: 1, expected: whole)), (" daily", CalendarError(column: 1, expected: whole)),
    ("Mondays", CalendarError(column: 7, expected: "\",\", \"..\" or a space")),
    ("Mon,12:00", CalendarError(column: 5, expected: "a weekday, as in \"Mon\" or \"Monday\"")),
    ("Mon..", CalendarError(column: 6, expected: "a weekday, as in \"Mon\" or \"Monday\"")),
    (
      "Wed..Monday",
      CalendarError(column: 6, expected: "a weekday from Wed to Sun: a range cannot cross the end of the week")
    ),
    ("Mon..Tue..Wed", CalendarError(column: 9, expected: "\",\" or a space")),
    ("12", CalendarError(column: 3, expected: "\":\" and minutes, or \"-\" and a day")),
    ("12:", CalendarError(column: 4, expected: "a number or \"*\"")),
    ("12:00:", CalendarError(column: 7, expected: "a number or \"*\"")),
    ("12:00 ", CalendarError(column: 6, expected: "\":\" and seconds, or the end")),
    ("12:00:00 h", CalendarError(column: 10, expected: zone)),
    ("25:00", CalendarError(column: 1, expected: "an hour, 0 to 23")),
    ("2:60", CalendarError(column: 3, expected: "a minute, 0 to 59")),
    ("2:0:60", CalendarError(column: 5, expected: "a second, 0 to 59.999999")),
    ("*-13-1", CalendarError(column: 3, expected: "a month, 1 to 12")),
    ("*-1-32", CalendarError(column: 5, expected: "a day of the month, 1 to 31")),
    ("*-*~29", CalendarError(column: 5, expected: "a day before the end of the month, 1 to 28")),
    ("100-1-1", CalendarError(column: 1, expected: "a year, 1970 to 2199, or 0 to 99")),
    ("5,12..3:00", CalendarError(column: 7, expected: "a value greater than the first")),
    ("20..25:00", CalendarError(column: 5, expected: "an hour, 0 to 23")),
    ("*:0/60", CalendarError(column: 5, expected: "a step of at most 59")),
    ("*:0/0", CalendarError(column: 5, expected: "a step that is not 0")),
    ("*-*~1/1", CalendarError(column: 7, expected: "no step here")),
    ("*/2:00", CalendarError(column: 2, expected: "\"-\", \"~\" or \":\" after a number")),
    ("1x:00", CalendarError(column: 2, expected: "\",\", \"..\", \"/\" or the end of the list")),
    ("1/2x:00", CalendarError(column: 4, expected: "\",\" or the end of the list")),
    ("1/:00", CalendarError(column: 3, expected: "a number")),
    ("12:00:1.", CalendarError(column: 9, expected: "a digit")),
    ("99999999999999999999:00", CalendarError(column: 1, expected: "a smaller number")),
    ("2026-01-01T12:00", CalendarError(column: 11, expected: "\",\", \"..\", \"/\" or the end of the list")),
    ("2026~01~01", CalendarError(column: 8, expected: "a space and a time")),
    ("12:00 Mars/Olympus", CalendarError(column: 7, expected: zone)),
    ("@7258118400", CalendarError(column: 2, expected: "seconds since 1970, 0 to 7258118399")),
    (
      "12:00:01..01.5",
      CalendarError(column: 11, expected: "a second, at least one after the first; or \"/\" and a step")
    ),
  ]
  static let whole = "weekdays, a date, a time or a shorthand, as in \"Mon..Fri 22:30\", \"*-*-01\" or \"daily\""
  static let zone = "a time zone, as in \"UTC\" or \"Europe/Berlin\""

  @Test("a text that is no expression is refused, with the position and what is allowed there", arguments: errors)
  func refusal(_ sample: (text: String, error: CalendarError)) {
    #expect(throws: sample.error) { try CalendarExpression.parse(sample.text, zones: { _ in nil }) }
  }

  @Test("moments are exact to the microsecond")
  func fractions() throws {
    let expression = try CalendarExpression.parse("12:00:00.5/1.25", zones: { _ in nil })
    var time = utc("2026-01-01 12:00:00")
    for milliseconds in [500, 1750, 3000, 4250] {
      time = try #require(expression.next(after: time, in: .utc))
      #expect(time == utc("2026-01-01 12:00:00") + .milliseconds(Int64(milliseconds)))
    }
    let justBefore = WallTime(nanoseconds: time.nanoseconds - 1)
    #expect(expression.next(after: justBefore, in: .utc) == time)
  }

  @Test(
    "rare days are found, and days that never come are detected",
    arguments: [
      ("*-02-29", "2026-01-01", "2028-02-29 00:00:00"), ("*-02-29", "2096-03-01", "2104-02-29 00:00:00"),
      ("Tue *-02-29", "2028-03-01", "2056-02-29 00:00:00"), ("Mon *-*-31", "2198-01-01", "2198-12-31 00:00:00"),
      ("2199-12-31 23:59:59", "2026-01-01", "2199-12-31 23:59:59"), ("*-*-* *:*:*", "2199-12-31 23:59:59", nil),
      ("2023-02-30", "2020-01-01", nil), ("*-02-31", "2026-01-01", nil),
      ("*-02,04,06,09,11-31 *:*:*", "1970-01-01", nil),
      ("Mon 2026-11-24", "2026-01-01", nil), ("2025-01-01", "2026-01-01", nil),
    ] as [(String, String, String?)])
  func rareDays(text: String, after: String, next: String?) throws {
    let expression = try CalendarExpression.parse(text, zones: { _ in nil })
    #expect(expression.next(after: utc(after), in: .utc) == next.map { utc($0) })
  }

  @Test("searches at the ends of the clock have a result")
  func endsOfTime() throws {
    for text in ["*-*-* *:*:*", "*-*~01 02:30", "hourly", "2000-01-01"] {
      let expression = try CalendarExpression.parse(text, zones: { _ in nil })
      #expect(expression.next(after: WallTime(nanoseconds: .max), in: .utc) == nil)
      #expect(try #require(expression.next(after: WallTime(nanoseconds: .min), in: .utc)) <= utc("2000-01-01"))
    }
  }

  @Test("the recorded results of systemd are found", .enabled(if: ZoneSamples.areInstalled, "needs tzdata"))
  func corpus() throws {
    let lines = CalendarCorpus.text.split(separator: "\n")
    #expect(lines.count > 100)
    for (question, answer) in zip(lines, lines.dropFirst()) where !question.hasPrefix("=") {
      // `zone @base expression`, and below it `= normal form @moment @moment …`.
      let words = question.split(separator: " ", maxSplits: 2)
      let parts = answer.dropFirst(2).split(separator: "@").map { $0.split(separator: " ").joined(separator: " ") }
      let zone = try ZoneSamples.zone(String(words[0]))
      var time = WallTime(seconds: try #require(Int64(words[1].dropFirst())))
      let expression = try CalendarExpression.parse(String(words[2]), zones: ZoneSamples.cached)
      #expect(expression.description == parts[0])
      for moment in parts.dropFirst() {
        let next = expression.next(after: time, in: zone, clockChangeRule: .asSystemd)
        #expect(next?.seconds == Int64(moment), "\(question)")
        time = next ?? time
      }
      if parts.count - 1 < CalendarDifferentialTests.iterations {
        #expect(expression.next(after: time, in: zone, clockChangeRule: .asSystemd) == nil, "\(question)")
      }
    }
  }
}
