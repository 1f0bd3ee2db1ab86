import Rotation
import Timekeeping

/// The keys of a job, by topic.
enum JobKeys {}

/// Which logs a job has, and when they are due.
extension JobKeys {
  static let which: [Key<JobDraft>] = [
    Key(
      "logs", \.logs, example: #"logs = ["/var/log/app.log", "/var/log/app/*.log"]"#, isRequired: true,
      #"""
      the absolute path of a log, a pattern of such paths, or a list of both. In a pattern, `*` matches any characters of one
      name, `?` matches one character, `[a-z]` one character of a set, and `[!a-z]` one character outside of a set (glob(7)).
      None of them matches a leading dot. A path without `*`, `?` and `[` is taken literally. In a pattern, a `\` makes the
      next character literal; use single quotes: '/var/log/odd\*.log'. A pattern is matched again each time the job is due.
      With a `size`, new files are found as they appear. A file with the name of an archive is never rotated as a log. A path
      with such a name is an error. Where a pattern matches such a name, `rotatectl check` warns, and the file is treated as
      an archive only if the state says that a rotation made it; if such files are archives, exclude them. Where two jobs
      name one log, a plain path takes precedence over a pattern, then the pattern with more text before its first wildcard,
      then the job that comes first in this file. A job with `retain` has no `logs`.
      """#
    ) { $0.patterns($1, mayBeEmpty: false) },
    Key(
      "exclude", \.exclude, default: "[]", example: #"exclude = "/var/log/app/debug*""#,
      "paths and patterns that `logs` and `retain` do not include, in the same syntax."
    ) { $0.patterns($1, mayBeEmpty: true).patterns },
  ]

  static let schedules: [Key<JobDraft>] = [
    schedule(
      "every", example: #"#every = "6h""#,
      """
      rotates each time this time span has passed. Time spans have systemd's syntax: "30s", "1h 30min", "2 weeks". The units
      are us, ms, s, min, h, d, w, month and y; a number always needs its unit.
      """
    ) { $0.span($1, hint: .units).map { .interval($0) } },
    schedule(
      "calendar", example: #"#calendar = ["Mon..Fri 22:30", "Sat 06:00 Europe/Berlin"]"#,
      """
      rotates at times of the calendar: an expression of systemd.time(7), "Calendar Events", or a list of them, all of which
      count: "Mon..Fri 22:30", "*-*~01 23:00" (the last day of each month), "00/6:00". An expression may end with a time zone
      of the IANA database, "02:30 Europe/Berlin"; without one it is in local time. `rotatectl calendar "Mon..Fri 22:30"`
      shows when an expression is due. A time that a clock change skips is due at the first moment after the gap. A time that
      occurs twice is due once, the first time. But an expression that is due in every hour of the day is due in each hour
      that the clock shows.
      """
    ) { $0.calendar($1).map { .calendar($0) } },
    schedule(
      "hourly", default: "false", example: "#hourly = true",
      #"true rotates at each full hour. For another minute write `calendar = "*:30"`."#
    ) { $0.shorthand($1, hint: #"for other minutes of the hour write `calendar = "*:30"`"#) },
    schedule(
      "daily", default: "false", example: #"daily = "03:30""#,
      #"true rotates each day at midnight, "HH:MM" or "HH:MM:SS" at that local time."#
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
      whether missed due times are caught up, because the daemon was down, the machine was suspended or the clock was set
      forward. All missed due times together cause one rotation. With false, a due time that is noticed more than 60 s late is
      skipped.
      """
    ) { $0.flag($1) },
    Key(
      "jitter", \.jitter, example: #"jitter = "10min""#,
      rules: [
        Rule(
          "with `every`: an interval counts from when the job was first seen, not from a moment that others share",
          hint: "remove `jitter`, or use `calendar`"
        ) { $0.schedule.isInterval }
      ],
      """
      a time span, up to "31d", over which the rotations of several machines and jobs are spread. Each job is delayed by its
      own part of the span, which is always the same on one machine (see machine-id(5)). Not with `every`, because each job
      has its own phase anyway.
      """
    ) { $0.span($1, in: .zero...Limits.longestJitter) },
  ]

  static let conditions: [Key<JobDraft>] = [
    Key(
      "min-size", \.rules.minSize, example: #"min-size = "1M""#,
      rules: [
        needsSchedule, Rule("greater than `size`, which rotates the log first") { $0.isAbove(size: $0.rules.minSize) },
      ],
      """
      when the schedule is due, a log with fewer bytes than this is not rotated. The next due time checks it again. Rotations
      by `size` and by hand ignore this key. Only with a schedule.
      """
    ) { $0.size($1, isBound: false) },
    Key(
      "min-age", \.rules.minAge, example: #"min-age = "7d""#, rules: [needsSchedule],
      """
      when the schedule is due, a log is not rotated if its last rotation is less than this span ago. A log that was never
      rotated is as old as its file. There is a tolerance of an hour, or of a tenth of the span if that is shorter, so `daily`
      with a `min-age` of "7d" rotates each seventh day. Rotations by `size` and by hand ignore this key. Only with a
      schedule.
      """
    ) { $0.span($1, hint: .units) },
  ]

  private static let needsSchedule = Rule<JobDraft>.needs(
    "a schedule", "it is a condition for rotations by schedule", adding: "`daily = true`"
  ) { $0.schedule.schedule != nil }

  static let sizes: [Key<JobDraft>] = [
    Key(
      "size", \.sizeBytes, example: #"size = "100M""#,
      rules: [
        Rule(
          "with `method = \"copy\"` and without `min-interval`: the log stays as large as it is",
          hint: "add `min-interval`"
        ) { $0.method == .copy && $0.minInterval == nil }
      ],
      """
      rotates a log that has at least this size: a number of bytes, or a number with a unit, "512K", "10M", "1.5G". The units
      K, M, G, T, P and E are powers of 1024, as in systemd and logrotate.
      """
    ) { $0.size($1, isBound: false) },
    Key(
      "check", \.check, default: #""auto""#, example: #"#check = "5s""#,
      rules: [.needs("`size`", "there is no size to check", adding: #"`size = "10M"`"#) { $0.has(.size) }],
      """
      when the size is checked. With "auto", the kernel reports when a log is written to, and rotated then checks the log as
      its growth requires: the log is rotated within milliseconds of the limit, and a log that does not grow costs nothing. A
      time span, "5s", checks at that interval instead. On network file systems the kernel does not report writes, so "auto"
      checks every 10 s. Only with `size`.
      """
    ) { $0.sizeCheck($1) },
    Key(
      "min-interval", \.minInterval, example: #"min-interval = "10s""#,
      rules: [
        .needs("`size`", "it is the time between rotations by size", adding: #"`size = "10M"`"#) { $0.has(.size) }
      ],
      """
      the shortest time between the last rotation of a log and its next rotation by size, whatever its size is by then. Where
      a log shipper follows the log, "10s" gives it time to finish one file before the next. Only with `size`.
      """
    ) { $0.span($1, hint: .units) },
  ]
}
