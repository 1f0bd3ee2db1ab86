import Rotation
import Timekeeping

/// The keys of a job, by what they are about.
enum JobKeys {}

/// Which logs a job has, and when they are due.
extension JobKeys {
  static let which: [Key<JobDraft>] = [
    Key(
      "logs", \.logs, example: #"logs = ["/var/log/app.log", "/var/log/app/*.log"]"#, isRequired: true,
      #"""
      the path of a log or a pattern of such paths, or a list of them. Paths start at the root. In a pattern `*` stands for
      any characters of one name, `?` for one, `[a-z]` and `[!a-z]` for one of a set and one of none of it (glob(7)); none of
      them stands for a leading dot. A path without any of `*?[` is taken as it is; in a pattern a `\` makes the character
      behind it an ordinary one (use single quotes: '/var/log/odd\*.log'). A pattern is matched again each time the job is
      due, and with a `size` new files are seen as they appear. A name that an archive of a log would have is never taken for
      a log: for a path that is an error; where a pattern matches such a name, only what a rotation has made is treated as an
      archive, and `rotatectl check` warns. Exclude such names if they are archives. Where two jobs claim one log, a plain
      path goes before a pattern, then the pattern with more text before its first wildcard, then the job that comes first.
      """#
    ) { $0.patterns($1, mayBeEmpty: false) },
    Key(
      "exclude", \.exclude, default: "[]", example: #"exclude = "/var/log/app/debug*""#,
      "paths and patterns that are taken away from `logs`, written in the same way."
    ) { $0.patterns($1, mayBeEmpty: true).patterns },
  ]

  static let schedules: [Key<JobDraft>] = [
    schedule(
      "every", example: #"#every = "6h""#,
      """
      rotate each time this span has passed. A span is written as for systemd: "30s", "1h 30min", "2 weeks", with the units
      us, ms, s, min, h, d, w, month and y. The unit is never left out.
      """
    ) { $0.span($1, hint: .units).map { .interval($0) } },
    schedule(
      "calendar", example: #"#calendar = ["Mon..Fri 22:30", "Sat 06:00 Europe/Berlin"]"#,
      """
      rotate at moments of the calendar: an expression of systemd.time(7), "Calendar Events", or a list of them, of which each
      adds its moments: "Mon..Fri 22:30", "*-*~01 23:00" (the last day of each month), "00/6:00". A name of the IANA database
      at the end is its time zone, "02:30 Europe/Berlin"; without, the local clock counts. Try one with
      `rotatectl calendar "Mon..Fri 22:30"`. A time that a day does not have runs at the first moment after the gap; one that
      it has twice runs once, the first time; what is due in every hour of the day goes by the clock as it runs.
      """
    ) { $0.calendar($1).map { .calendar($0) } },
    schedule(
      "hourly", default: "false", example: "#hourly = true",
      #"true rotates at each full hour. For other minutes write `calendar = "*:30"`."#
    ) { $0.shorthand($1, hint: #"for other minutes of the hour write `calendar = "*:30"`"#) },
    schedule(
      "daily", default: "false", example: #"daily = "03:30""#,
      #"true rotates each day at midnight, "HH:MM" or "HH:MM:SS" at that time, by the local clock."#
    ) { $0.daily($1) },
    schedule(
      "weekly", default: "false", example: "#weekly = true",
      #"true rotates each Monday at midnight. For another time write `calendar = "Sun 04:00"`."#
    ) { $0.shorthand($1, hint: #"for a time write `calendar = "Mon 02:30"`"#) },
    schedule(
      "monthly", default: "false", example: "#monthly = true",
      "true rotates on the first day of each month at midnight."
    ) { $0.shorthand($1, hint: #"for a time write `calendar = "*-*-01 02:30"`"#) },
    schedule(
      "yearly", default: "false", example: "#yearly = true",
      "true rotates on the first of January at midnight."
    ) { $0.shorthand($1, hint: #"for a time write `calendar = "*-01-01 02:30"`"#) },
  ]

  private static func schedule(
    _ name: String, default value: String? = nil, example: String, _ sentence: String,
    read: @escaping @Sendable (SettingsReader, Field) -> Schedule?
  ) -> Key<JobDraft> {
    Key(name, \.newSchedule, default: value, example: example, sentence) { .some(read($0, $1)) }
  }

  static let timing: [Key<JobDraft>] = [
    Key(
      "catch-up", \.catchesUp, default: "true", example: "catch-up = true",
      """
      whether a due time that was missed is made up for, once, however many were missed: the daemon was down, the machine
      suspended, the clock set forward. With false it is skipped when it is noticed more than 60 s late.
      """
    ) { $0.flag($1) },
    Key(
      "jitter", \.jitter, example: #"jitter = "10min""#,
      rules: [
        Rule(
          "with `every`: an interval counts from when the job was first seen, not from a moment that others share",
          hint: "take `jitter` away, or use `calendar`"
        ) { $0.schedule.isInterval }
      ],
      """
      a span, up to "31d", by which the due times of a calendar are spread over machines and jobs. Each job acts later by its
      own share of it, always the same on one machine (see machine-id(5)). Not for `every`, whose phase is the job's own
      already.
      """
    ) { $0.span($1, in: .zero...Limits.longestJitter) },
  ]

  static let conditions: [Key<JobDraft>] = [
    Key(
      "min-size", \.rules.minSize, example: #"min-size = "1M""#,
      rules: [
        needsSchedule, Rule("more than `size`, which rotates the log before") { $0.isAbove(size: $0.rules.minSize) },
      ],
      """
      a log with fewer bytes than this is not rotated when its schedule is due; the next due time asks again. A rotation by
      `size` or by hand does not ask. Only with a schedule.
      """
    ) { $0.size($1, isBound: false) },
    Key(
      "min-age", \.rules.minAge, example: #"min-age = "7d""#, rules: [needsSchedule],
      """
      a log is not rotated when its schedule is due, if its last rotation is less long ago than this span or, where it never
      was rotated, if its file was made since. An hour less is enough, or a tenth of the span where that is shorter: so `daily`
      with a `min-age` of "7d" rotates each seventh day. A rotation by `size` or by hand does not ask. Only with a schedule.
      """
    ) { $0.span($1, hint: .units) },
  ]

  private static let needsSchedule = Rule<JobDraft>.needs(
    "a schedule", "it is asked when a due time has come", adding: "`daily = true`"
  ) { $0.schedule.schedule != nil }

  static let sizes: [Key<JobDraft>] = [
    Key(
      "size", \.sizeBytes, example: #"size = "100M""#,
      """
      rotate a log that has at least this many bytes: a number, or a size with a unit, "512K", "10M", "1.5G". The units K, M,
      G, T, P and E are powers of 1024, as for systemd and logrotate.
      """
    ) { $0.size($1, isBound: false) },
    Key(
      "check", \.check, default: #""auto""#, example: #"#check = "5s""#,
      rules: [.needs("`size`", "there is nothing to look at", adding: #"`size = "10M"`"#) { $0.has(.size) }],
      """
      when to look at the size. "auto" leaves it to the kernel to report that a log was written to, and looks when its growth
      says that it is near the limit: within milliseconds of it, at no cost for a log that rests. A span, "5s", looks that
      often instead. On network file systems, where the kernel cannot report it, "auto" looks every 10 s. Only with `size`.
      """
    ) { $0.sizeCheck($1) },
    Key(
      "min-interval", \.minInterval, example: #"min-interval = "10s""#,
      rules: [.needs("`size`", "it holds rotations by size apart", adding: #"`size = "10M"`"#) { $0.has(.size) }],
      """
      a log is rotated by size no sooner than this span after its last rotation, whatever it has grown to. Where a program
      follows the log and ships it elsewhere, "10s" gives it the time to finish each file before the next. Only with `size`.
      """
    ) { $0.span($1, hint: .units) },
  ]
}
