import Config
import Rotation
import Testing

@Suite("Errors of schedules")
struct ScheduleErrorTests {
  static let grammar =
    "(systemd.time(7) describes the syntax; `rotatectl calendar` shows what an expression means)"

  static let schedules: [(line: String, findings: [String])] = [
    (
      "every = 30",
      [
        "3:9: error: `every` is the integer 30; expected a time span in quotes (write the number with its unit, in quotes: us, ms, s, min, h, d, w, month or y)"
      ]
    ),
    (
      "every = '1h 30'",
      [
        "3:13: error: `every` is \"1h 30\": the number 30 has no unit (spans look like \"30s\", \"1h 30min\" or \"2 weeks\")"
      ]
    ),
    (
      "every = '0'",
      [
        "3:10: error: `every` is \"0\": the number 0 has no unit (write the number with its unit, in quotes: us, ms, s, min, h, d, w, month or y)"
      ]
    ),
    ("every = '0s'", ["3:9: error: `every` is \"0s\"; expected a span from 10ms to 100y"]),
    (
      "daily = 03:30:00",
      [
        "3:9: error: `daily` is a date or time without quotes; expected true, false or a time \"HH:MM\" or \"HH:MM:SS\" "
          + "in quotes, up to 23:59:59 (quote it: `daily = \"03:30:00\"`)"
      ]
    ),
    (
      "daily = '24:00'",
      [
        "3:9: error: `daily` is the string \"24:00\"; expected true, false or a time \"HH:MM\" or \"HH:MM:SS\" "
          + "in quotes, up to 23:59:59"
      ]
    ),
    (
      "daily = 1",
      [
        "3:9: error: `daily` is the integer 1; expected true, false or a time \"HH:MM\" or \"HH:MM:SS\" "
          + "in quotes, up to 23:59:59"
      ]
    ),
    (
      "daily = false",
      [
        "1:6: error: job `x` is never due: it has neither a schedule nor a `size` "
          + "(write `daily = true`, `every = \"1h\"` or `size = \"10M\"`)"
      ]
    ),
    (
      "calendar = 'Mon 25:00'",
      ["3:17: error: `calendar` is \"Mon 25:00\"; expected an hour, 0 to 23 \(grammar)"]
    ),
    (
      "calendar = \"12:00 Europe/Berlln\"",
      [
        "3:19: error: `calendar` is \"12:00 Europe/Berlln\"; expected a time zone, as in \"UTC\" or "
          + "\"Europe/Berlin\" \(grammar)"
      ]
    ),
    (
      "calendar = [\n'hourly',\n  'Mon 12:0x', 7]",
      [
        "5:12: error: `calendar` is \"Mon 12:0x\"; expected \",\", \"..\", \"/\" or the end of the list \(grammar)",
        "5:16: error: `calendar` contains the integer 7; expected calendar expressions in quotes",
      ]
    ),
    ("calendar = []", ["3:12: error: `calendar` is an empty list; expected at least one expression"]),
    (
      "calendar = true",
      [
        "3:12: error: `calendar` is the boolean true; expected a calendar expression in quotes, or a list of them "
          + "(write it as `calendar = \"Mon..Fri 22:30\"`)"
      ]
    ),
    ("calendar = '02-30'", ["3:12: error: `calendar` is \"02-30\": no day before the year 2200 matches it"]),
    (
      "weekly = 'Mon 02:00'",
      [
        "3:10: error: `weekly` is the string \"Mon 02:00\"; expected true or false, without quotes "
          + "(for a time write `calendar = \"Mon 02:30\"`)"
      ]
    ),
    (
      "daily = true\njitter = '32d'",
      ["4:10: error: `jitter` is \"32d\"; expected a span from 0 to 1month 13h 30min"]
    ),
    ("evry = '30s'", ["3:1: error: unknown key `evry` in job `x` (did you mean `every`?)"]),
    (
      "dayly = '30s'",
      [
        "3:1: error: unknown key `dayly` in job `x` (did you mean `daily`?)",
        "3:9: error: `daily` is the string \"30s\"; expected true, false or a time \"HH:MM\" or \"HH:MM:SS\" "
          + "in quotes, up to 23:59:59",
      ]
    ),
  ]

  @Test(
    "a wrong schedule is reported at its position, and its consequences are not", arguments: schedules.indices)
  func wrongSchedule(_ index: Int) {
    let (line, expected) = Self.schedules[index]
    #expect(findings(read("[job.x]\nlogs = '/a'\n\(line)\n")) == expected)
  }
}
