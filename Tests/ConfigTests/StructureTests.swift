import Config
import Rotation
import Testing

@Suite("Errors of structure")
struct StructureTests {
  static let noJob =
    "the config has no job (a job is a table `[job.NAME]` with `logs`, and a schedule or a `size`)"
  static let noJobYet =
    "the config has no job yet, so nothing is rotated (a job is a table `[job.NAME]` with `logs`, and a schedule or a `size`)"
  static let noLogs = "job `x` has no `logs` (name a path or pattern: `logs = \"/var/log/app.log\"`)"
  static let neverDue =
    "job `x` is never due: it has neither a schedule nor a `size` "
    + "(write `daily = true`, `every = \"1h\"` or `size = \"10M\"`)"

  static let whole: [(text: String, findings: [String])] = [
    ("", ["1:1: error: \(noJob)"]),
    ("# nothing\n", ["1:1: error: \(noJob)"]),
    ("[defaults]\nkeep = 3\n", ["1:1: warning: \(noJobYet)"]),
    ("[daemon]\n", ["1:1: warning: \(noJobYet)"]),
    ("include = 'sites/*.toml'\n", ["1:1: warning: \(noJobYet)"]),
    ("\n[job]\n", ["2:2: error: \(noJob)"]),
    ("[job.x]\n", ["1:6: error: \(noLogs)", "1:6: error: \(neverDue)"]),
    ("keep = 3\n", ["1:1: error: `keep` is outside of a job (put it below `[defaults]` or `[job.NAME]`)"]),
    ("[jobs.x]\nlogs = '/a'\nsize = 1\n", ["1:2: error: unknown key `jobs` in the config (did you mean `job`?)"]),
    (
      "[defualts]\nkeep = -3\n[job.x]\nlogs = '/a'\nsize = 1\n",
      [
        "1:2: error: unknown key `defualts` in the config (did you mean `defaults`?)",
        "2:8: error: `keep` is -3; expected 0 to 9999",
      ]
    ),
    (
      "[service]\n",
      [
        "1:2: error: unknown key `service` in the config (known keys are `daemon`, `metrics`, `defaults`, `logrotate` and `job`)"
      ]
    ),
    ("job = 3\n", ["1:7: error: `job` is the integer 3; expected one table for each job (write `[job.NAME]`)"]),
    ("[[job]]\n", ["1:1: error: `job` is a list; expected one table for each job (write `[job.NAME]`)"]),
    (
      "[job]\nlogs = '/a'\n",
      ["2:1: error: `logs` is in the table `[job]`, which lacks the name of a job (write `[job.NAME]`)"]
    ),
    ("[job]\nx = 3\n", ["2:5: error: job `x` is the integer 3; expected a table (write `[job.x]`)"]),
    ("[[job.x]]\n", ["1:1: error: job `x` is a list; expected a table (write `[job.x]`)"]),
    (
      "defaults = true\n",
      ["1:12: error: `defaults` is the boolean true; expected a table (write `[defaults]` on a line of its own)"]
    ),
    (
      "[defaults]\nlogs = '/a'\n[job.x]\nsize = 1\n",
      ["2:1: error: `logs` is not allowed in `[defaults]` (set it in each job)", "3:6: error: \(noLogs)"]
    ),
    (
      "[defaults]\nevery = 5\n[job.x]\nlogs = '/a'\n[job.y]\nlogs = '/b'\n",
      [
        "2:9: error: `every` is the integer 5; expected a time span in quotes (write the number with its unit, in quotes: us, ms, s, min, h, d, w, month or y)"
      ]
    ),
    (
      "[defaults]\nevery = '5s'\ndaily = true\n[job.x]\nlogs = '/a'\n",
      [
        "3:1: error: `[defaults]` has two schedules, `every` and `daily`; a job can have one "
          + ErrorTests.oneSchedule
      ]
    ),
    (
      "[job.\"a\\nb\"]\nlogs = '/a'\nsize = 1\n[job.'']\nlogs = '/b'\nsize = 1\n",
      [
        "1:6: error: the name of job `a\\u{A}b` has control characters", "4:6: error: a job has an empty name",
      ]
    ),
  ]

  @Test("a config without required parts is an error that names them", arguments: whole.indices)
  func structure(_ index: Int) {
    let (text, expected) = Self.whole[index]
    #expect(findings(read(text)) == expected)
  }

  @Test("all errors of all jobs are reported at once, in the order of the text")
  func allAtOnce() {
    let result = read(
      """
      [job.b]
      logs = "b"
      size = "x"
      [defaults]
      kep = 3
      [job.a]
      evry = "3"
      """)
    #expect(result.diagnostics.map(\.line) == [2, 3, 5, 6, 7, 7])
    #expect(result.diagnostics.allSatisfy { $0.severity == .error && $0.file == "c.toml" })
    #expect(result.configuration == nil)
  }

  @Test("a condition without a schedule is an error, but not in [defaults]")
  func conditionWithoutSchedule() {
    #expect(
      findings(read("[job.x]\nlogs = '/a'\nsize = 1\nmin-age = '7d'\n"))
        == [
          "4:1: error: job `x` has `min-age` without a schedule: it is a condition for rotations by schedule "
            + "(add `daily = true`, or remove `min-age`)"
        ])
    #expect(findings(read("[defaults]\nmin-age = '7d'\n[job.x]\nlogs = '/a'\nsize = 1\n")) == [])
  }

  @Test("`check` in [defaults] is no error for a job without size")
  func checkInDefaults() {
    let result = read("[defaults]\ncheck = '5s'\n[job.x]\nlogs = '/a'\ndaily = true\n")
    #expect(findings(result) == [])
    #expect(result.configuration?.jobs.first?.sizeLimit == nil)
  }

  @Test("a text that is not UTF-8 is refused at its first wrong byte")
  func encodings() {
    #expect(
      findings(read(Array("[job.x]\nlogs = 'é".utf8) + [0xE9, 0x27]))
        == ["2:10: error: the byte 0xE9 is not valid UTF-8; a config must be UTF-8 (save the file as UTF-8)"])
    #expect(
      findings(read([0xFF, 0xFE, 0x5B, 0]))
        == ["1:1: error: the file is UTF-16; a config must be UTF-8 (save it as UTF-8)"])
  }

  @Test("a file beyond the size limit is refused before it is read")
  func tooBig() {
    let bytes = [UInt8](repeating: 0x20, count: Limits.maxConfigBytes + 1)
    #expect(findings(read(bytes)) == ["1:1: error: the file has 67108865 bytes; the limit is 67108864"])
  }
}
