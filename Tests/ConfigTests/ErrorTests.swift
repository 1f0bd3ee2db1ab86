import Config
import Rotation
import Testing

@Suite("Errors of meaning")
struct ErrorTests {
  static let known =
    "known keys are `logs`, `exclude`, `every`, `calendar`, `hourly`, `daily`, `weekly`, `monthly`, `yearly`, "
    + "`catch-up`, `jitter`, `min-size`, `min-age`, `size`, `check`, `min-interval`, `keep`, `if-empty`, `create`, `method`, `truncate-by`, `archive-names`, "
    + "`date-format`, `extension`, `archive-dir`, `before`, `notify`, `reopen-timeout`, `on-stuck`, `on-failure`, `compress`, "
    + "`compress-level`, `compress-after`, `compress-from`, `max-age`, `max-total`, `keep-min`, `retain`, `retain-confirmed` and "
    + "`use-owner-rights`"

  static let oneSchedule =
    "(make a job for each, or write a list: `calendar = [\"hourly\", \"Mon 02:30\"]`)"

  /// Lines below `[job.x]`, which also has a valid log and a schedule: the first line of each case is line 4.
  static let inJob: [(lines: String, findings: [String])] = [
    ("kep = 3", ["4:1: error: unknown key `kep` in job `x` (did you mean `keep`?)"]),
    ("if_empty = true", ["4:1: error: unknown key `if_empty` in job `x` (did you mean `if-empty`?)"]),
    ("Keep = 3", ["4:1: error: unknown key `Keep` in job `x` (did you mean `keep`?)"]),
    (
      "postrotate = 'x'",
      [
        "4:1: error: unknown key `postrotate` in job `x` (this is logrotate's word; write "
          + "`notify = { unit = \"app.service\", signal = \"HUP\" }` or `notify = { shell = \"…\" }`)"
      ]
    ),
    ("postrotat = 'x'", ["4:1: error: unknown key `postrotat` in job `x` (\(known))"]),
    ("\"a\\u001Bb\" = 1", ["4:1: error: unknown key `a\\u{1B}b` in job `x` (\(known))"]),
    (
      "daily = true",
      [
        "4:1: error: job `x` has two schedules, `every` and `daily`; a job can have one \(oneSchedule)"
      ]
    ),
    (
      "monthly = true\nweekly = false\nyearly = true",
      ["6:1: error: job `x` has 3 schedules, `every`, `monthly` and `yearly`; a job can have one \(oneSchedule)"]
    ),
    (
      "calendar = 'Mon'",
      ["4:1: error: job `x` has two schedules, `every` and `calendar`; a job can have one \(oneSchedule)"]
    ),
    (
      "jitter = '5min'",
      [
        "4:1: error: job `x` has `jitter` with `every`: an interval counts from when the job was first seen, "
          + "not from a moment that others share (remove `jitter`, or use `calendar`)"
      ]
    ),
    ("catch-up = 'no'", ["4:12: error: `catch-up` is the string \"no\"; expected true or false, without quotes"]),
    ("keep = -1", ["4:8: error: `keep` is -1; expected 0 to 9999"]),
    ("keep = 10000", ["4:8: error: `keep` is 10000; expected 0 to 9999"]),
    (
      "keep = '7'",
      [
        "4:8: error: `keep` is the string \"7\"; expected a whole number from 0 to 9999 (write it without quotes: `keep = 7`)"
      ]
    ),
    ("keep = 1.5", ["4:8: error: `keep` is the decimal 1.5; expected a whole number from 0 to 9999"]),
    ("keep = []", ["4:8: error: `keep` is a list; expected a whole number from 0 to 9999"]),
    ("if-empty = 'yes'", ["4:12: error: `if-empty` is the string \"yes\"; expected true or false, without quotes"]),
    ("size = 0", ["4:8: error: `size` is 0; expected at least one byte"]),
    ("size = '0K'", ["4:8: error: `size` is \"0K\"; expected at least one byte"]),
    ("size = -5", ["4:8: error: `size` is -5; expected at least one byte"]),
    (
      "size = '10MB'",
      [
        "4:11: error: `size` is \"10MB\": \"MB\" is not a unit of size; the units are B, K, M, G, T, P and E "
          + "(sizes look like \"512K\", \"10M\" or \"1.5G\")"
      ]
    ),
    (
      "size = 1.5",
      [
        "4:8: error: `size` is the decimal 1.5; expected a size in quotes, or a whole number of bytes "
          + "(write it as `size = \"10M\"`)"
      ]
    ),
    (
      "check = '5s'",
      [
        "4:1: error: job `x` has `check` without `size`: there is no size to check "
          + "(add `size = \"10M\"`, or remove `check`)"
      ]
    ),
    (
      "size = 10\nmin-size = 11",
      [
        "5:1: error: job `x` has `min-size` greater than `size`, which rotates the log first (remove `min-size`)"
      ]
    ),
    ("size = 1\ncheck = '0s'", ["5:9: error: `check` is \"0s\"; expected a span from 10ms to 100y"]),
    ("size = 1\ncheck = '200y'", ["5:9: error: `check` is \"200y\"; expected a span from 10ms to 100y"]),
    (
      "size = 1\ncheck = 'never'",
      [
        "5:10: error: `check` is \"never\": a number with its unit is missing here (spans look like \"30s\", \"1h 30min\" or \"2 weeks\")"
      ]
    ),
    (
      "size = 1\ncheck = '-1s'",
      [
        "5:10: error: `check` is \"-1s\": a time span cannot be negative (spans look like \"30s\", \"1h 30min\" or \"2 weeks\")"
      ]
    ),
    (
      "size = 1\ncheck = 5",
      [
        "5:9: error: `check` is the integer 5; expected a time span in quotes (seconds are written `check = \"5s\"`)"
      ]
    ),
    (
      "size = 1\ncheck = '5'",
      ["5:10: error: `check` is \"5\": the number 5 has no unit (seconds are written `check = \"5s\"`)"]
    ),
    (
      "size = 1\ncheck = \"1h 3 fortnights\"",
      [
        "5:15: error: `check` is \"1h 3 fortnights\": \"fortnights\" is not a unit of time; the units are us, ms, s, min, h, d, w, month and y "
          + "(spans look like \"30s\", \"1h 30min\" or \"2 weeks\")"
      ]
    ),
    (
      "create = '0640'",
      [
        "4:10: error: `create` is the string \"0640\"; expected true, false or a table of `mode`, `user` and `group` "
          + "(write it as `create = { mode = \"0640\", user = \"root\", group = \"adm\" }`)"
      ]
    ),
    (
      "create = { mode = 640 }",
      [
        "4:19: error: `mode` is the integer 640; expected an octal number in quotes, up to 0777 (quote it: `mode = \"0640\"`)"
      ]
    ),
    (
      "create = { mode = 0o600 }",
      [
        "4:19: error: `mode` is the integer 384; expected an octal number in quotes, up to 0777 (quote it: `mode = \"0600\"`)"
      ]
    ),
    (
      "create = { mode = 'rw-r' }",
      ["4:19: error: `mode` is the string \"rw-r\"; expected three or four octal digits, up to 0777"]
    ),
    (
      "create = { mode = '4755' }",
      ["4:19: error: `mode` is the string \"4755\"; expected three or four octal digits, up to 0777"]
    ),
    (
      "create = { mode = '+640' }",
      ["4:19: error: `mode` is the string \"+640\"; expected three or four octal digits, up to 0777"]
    ),
    ("create = { user = 'www' }", ["4:19: error: there is no user \"www\" on this system"]),
    ("create = { group = '' }", ["4:20: error: there is no group \"\" on this system"]),
    (
      "create = { group = '4294967295' }",
      ["4:20: error: `group` is the string \"4294967295\"; expected a number up to 4294967294"]
    ),
    (
      "create = { user = 33 }",
      ["4:19: error: `user` is the integer 33; expected a name or a number in quotes (quote it: `user = \"33\"`)"]
    ),
    (
      "[job.x.create]\nmod = '0640'\nowner = 'root'",
      [
        "5:1: error: unknown key `mod` in `create` (did you mean `mode`?)",
        "6:1: error: unknown key `owner` in `create` (known keys are `mode`, `user` and `group`)",
      ]
    ),
    (
      "exclude = 3",
      ["4:11: error: `exclude` is the integer 3; expected a path or pattern in quotes, or a list of them"]
    ),
    (
      "exclude = ['/ok', 'debug*', 3]",
      [
        "4:19: error: \"debug*\" is not an absolute path (write the path from the root: \"/var/log/app.log\")",
        "4:29: error: `exclude` contains the integer 3; expected paths and patterns in quotes",
      ]
    ),
  ]

  @Test("a wrong key or value is reported at its position", arguments: inJob.indices)
  func wrongInJob(_ index: Int) {
    let (lines, expected) = Self.inJob[index]
    let result = read("[job.x]\nlogs = '/a'\nevery = '1h'\n\(lines)\n")
    #expect(findings(result) == expected)
    #expect(result.configuration == nil)
  }

  static let paths: [(value: String, findings: [String])] = [
    ("[]", ["2:8: error: `logs` is an empty list; expected at least one path or pattern"]),
    ("''", ["2:8: error: `logs` contains an empty path (write the path from the root: \"/var/log/app.log\")"]),
    (
      "'app.log'",
      ["2:8: error: \"app.log\" is not an absolute path (write the path from the root: \"/var/log/app.log\")"]
    ),
    ("'~/a'", ["2:8: error: \"~/a\" is not an absolute path (write the path from the root: \"/var/log/app.log\")"]),
    ("'/a/../b'", ["2:12: error: \"/a/../b\": a path cannot contain `..`"]),
    ("'/a/./b'", ["2:12: error: \"/a/./b\": a path cannot contain empty components or `.` (remove them)"]),
    ("'/a//b'", ["2:12: error: \"/a//b\": a path cannot contain empty components or `.` (remove them)"]),
    (
      "'/a/'",
      ["2:11: error: \"/a/\": this is the path of a directory, not of a log (\"/a/*\" means the files in it)"]
    ),
    (
      "'/'", ["2:9: error: \"/\": this is the path of a directory, not of a log (\"/*\" means the files in it)"]
    ),
    (#""/a\u0000b""#, [#"2:11: error: "/a\u{0}b": a path cannot contain a NUL character"#]),
    (
      #""/é/[x""#,
      [#"2:12: error: "/é/[x": `[` without `]` (for the character `[` itself write `\[`, in single quotes)"#]
    ),
    (
      #""/\u00e9/[x""#,
      [#"2:8: error: "/é/[x": `[` without `]` (for the character `[` itself write `\[`, in single quotes)"#]
    ),
    (
      "'/a/*\\'",
      [#"2:13: error: "/a/*\": nothing follows the `\` (for the character `\` itself write `\\`, in single quotes)"#]
    ),
    ("'/a/[z-a]'", ["2:13: error: \"/a/[z-a]\": the range is in reverse order"]),
    (
      "'/a/**/b'",
      [
        "2:12: error: \"/a/**/b\": `**` would match one level, like `*`; patterns are not recursive "
          + "(write each level: `/*/*`)"
      ]
    ),
    ("3", ["2:8: error: `logs` is the integer 3; expected a path or pattern in quotes, or a list of them"]),
    (
      "[\n  ['/a'],\n  '/b',\n  true ]",
      [
        "3:3: error: `logs` contains a list; expected paths and patterns in quotes",
        "5:3: error: `logs` contains the boolean true; expected paths and patterns in quotes",
      ]
    ),
  ]

  @Test("a wrong path or pattern is reported at its position", arguments: paths.indices)
  func wrongPath(_ index: Int) {
    let (value, expected) = Self.paths[index]
    #expect(findings(read("[job.x]\nlogs = \(value)\nsize = 1\n")) == expected)
  }

  @Test("a path that no file system accepts is refused")
  func longPaths() {
    let name = String(repeating: "n", count: 256)
    #expect(findings(read("[job.x]\nlogs = '/\(name)'\nsize = 1\n"))[0].hasSuffix(": a name longer than 255 bytes"))
    let path = String(repeating: "/nnnn", count: 820)
    #expect(findings(read("[job.x]\nlogs = '\(path)'\nsize = 1\n"))[0].hasSuffix(": longer than 4095 bytes"))
  }
}
