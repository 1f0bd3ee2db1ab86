import Rotation
import Testing
import Timekeeping

@Suite("Time spans")
struct TimeSpanTests {
  // The microseconds are what `systemd-analyze timespan` of systemd 252 prints for the text.
  static let systemd: [(String, Int64)] = [
    ("30s", 30_000_000), ("500ms", 500_000), ("1h 30min", 5_400_000_000), ("1h30min", 5_400_000_000),
    ("2 weeks", 1_209_600_000_000), ("1month", 2_629_800_000_000), ("1M", 2_629_800_000_000),
    ("1m", 60_000_000), ("1y", 31_557_600_000_000), ("0.1y", 3_155_760_000_000), ("1.5s", 1_500_000),
    (".5s", 500_000), ("+5s", 5_000_000), ("1.5us", 1), ("3 sec", 3_000_000), ("3second", 3_000_000),
    ("2 seconds", 2_000_000), ("5 minute", 300_000_000), ("5minutes", 300_000_000), ("2hr", 7_200_000_000),
    ("2hours 1hour", 10_800_000_000), ("1d 1day 2days", 345_600_000_000), ("1w", 604_800_000_000),
    ("1week", 604_800_000_000), ("1year 2years", 94_672_800_000_000), ("2months", 5_259_600_000_000),
    ("7usec", 7), ("7us", 7), ("7µs", 7), ("7μs", 7), ("9msec", 9000), ("  1s\t2s\n", 3_000_000),
    ("0s", 0), ("0.333h", 1_198_800_000), ("0.0000001s", 0), ("1.999999999s", 1_999_999),
  ]

  @Test("a span means what it means to systemd", arguments: systemd)
  func parses(_ text: String, _ microseconds: Int64) throws {
    #expect(try TimeSpan.parse(text) == Span(nanoseconds: microseconds * 1000))
  }

  @Test(
    "a text that is no span is refused at its position",
    arguments: [
      ("", 0, "the text is empty"), ("  ", 0, "the text is empty"), ("30", 0, "the number 30 has no unit"),
      ("1h 30", 3, "the number 30 has no unit"), ("-5s", 0, "a time span cannot be negative"),
      ("1h -5s", 3, "a time span cannot be negative"), ("infinity", 0, "such a job would never run"),
      ("5 parsecs", 2, "\"parsecs\" is not a unit of time; the units are us, ms, s, min, h, d, w, month and y"),
      ("5S", 1, "\"S\" is not a unit of time; the units are us, ms, s, min, h, d, w, month and y"),
      ("5.s", 0, "a number with its unit is missing here"), ("s", 0, "a number with its unit is missing here"),
      ("5sec x", 5, "a number with its unit is missing here"), ("300y", 0, "longer than 292 years, the maximum"),
      ("99999999999999999999s", 0, "longer than 292 years, the maximum"),
      ("200y 200y", 5, "longer than 292 years, the maximum"),
    ])
  func refuses(_ text: String, _ offset: Int, _ reason: String) {
    #expect(throws: TimeSpanError(offset: offset, reason: reason)) { try TimeSpan.parse(text) }
  }

  @Test(
    "a span is described in systemd's format",
    arguments: [
      ("90min", "1h 30min"), ("0s", "0"), ("1500ms", "1.500s"), ("500ms", "500ms"), ("90s", "1min 30s"),
      ("61s 250ms", "1min 1.250s"), ("400us", "400us"), ("1001us", "1ms"), ("1month 6d 2h 6min", "1month 6d 2h 6min"),
      ("1d 1ms", "1d 1ms"), ("1d 1us", "1d"), ("59s 999999us", "59.999s"),
    ])
  func describes(_ text: String, _ description: String) throws {
    #expect(TimeSpan.describe(try TimeSpan.parse(text)) == description)
  }

  @Test("a description with full accuracy reads back as the same span")
  func roundTrip() throws {
    var microseconds: Int64 = 1
    while microseconds < Int64.max / 7000 {
      let span = Span(nanoseconds: microseconds * 1000)
      let text = TimeSpan.describe(span, accuracy: Span(nanoseconds: 1000))
      #expect(try TimeSpan.parse(text) == span, "\(text)")
      microseconds = microseconds * 7 + 3
    }
    #expect(TimeSpan.describe(.seconds(-90)) == "-1min 30s")
  }

  @Test(
    "a span of a config is shown as it was written",
    arguments: ["90d", "1d", "36h", "30min", "90min", "45s", "500ms", "1month", "1y", "30d", "365d", "10us"])
  func shown(text: String) throws {
    #expect(TimeSpan.show(try TimeSpan.parse(text)) == text)
  }

  @Test("a span that is no whole number of any unit is shown in several")
  func shownInSeveral() throws {
    #expect(TimeSpan.show(try TimeSpan.parse("1d 1s")) == "1d 1s")
    #expect(TimeSpan.show(.zero) == "0")
  }
}
