import Config
import Rotation
import Testing
import Timekeeping

@Suite("The policy of a job in a config")
struct PolicyTests {
  private func rules(_ lines: String, defaults: String = "") -> Policy.Rules? {
    let result = read("[defaults]\n\(defaults)\n[job.x]\nlogs = '/a'\nevery = '1h'\n\(lines)\n")
    #expect(findings(result) == [])
    return result.configuration?.jobs.first?.policy.rules
  }

  @Test("each key has its effect")
  func keys() {
    #expect(rules("") == Policy.Rules(keep: 7))
    #expect(rules("method = 'truncate'")?.method == .truncate(by: .auto))
    #expect(rules("method = 'truncate'\ntruncate-by = 'punch'")?.method == .truncate(by: .punch))
    #expect(rules("method = 'copy'")?.method == .copy)
    let format = DateFormat(text: ".%Y%m%d%H")
    #expect(rules("archive-names = 'dated'\ndate-format = '.%Y%m%d%H'")?.naming.style == .dated(format))
    #expect(rules("extension = true")?.naming.ending == .extension_)
    #expect(rules("extension = '.log'")?.naming.ending == .suffix(".log"))
    #expect(rules("archive-dir = 'old'")?.archiveDirectory == ArchiveDirectory(path: "old"))
    #expect(
      rules("archive-dir = { path = '/old', mode = '0750', user = 'root', group = 'adm' }")?.archiveDirectory
        == ArchiveDirectory(path: "/old", mode: 0o750, user: 0, group: 4))
    #expect(rules("archive-dir = '.'", defaults: "archive-dir = '/old'")?.archiveDirectory == nil)
    #expect(rules("reopen-timeout = '5s'")?.reopenTimeout == .seconds(5))
    #expect(rules("on-stuck = 'undo'")?.undoesWhenStuck == true)
    #expect(rules("max-age = '2d'")?.maxAge == .seconds(2 * 86_400))
    #expect(rules("max-total = '1K'")?.maxTotal == 1024)
    #expect(rules("keep-min = 3")?.keepMin == 3)
    #expect(rules("min-size = '1M'")?.minSize == 1 << 20)
    #expect(rules("min-age = '7d'")?.minAge == .seconds(7 * 86_400))
    #expect(rules("use-owner-rights = false")?.actsAsOwner == false)
    #expect(rules("on-failure = { command = ['/bin/page', 'me'] }")?.onFailure == [.program(["/bin/page", "me"])])
  }

  @Test("commands and hooks are read in every form")
  func hooks() {
    #expect(
      rules("before = [{ command = ['/bin/a', 'b'] }, { shell = 'c; d' }]")?.before
        == [.program(["/bin/a", "b"]), .shell("c; d")])
    #expect(
      rules(
        """
        notify = [
          { unit = 'nginx', reload = true }, { unit = 'a@b.service', signal = 'SIGUSR1' },
          { pidfile = '/run/a.pid', signal = 'RTMIN+1' },
          { command = ['true'] }, { shell = 'x', timeout = '3s' },
        ]
        """)?.hooks == [
          .reload(unit: "nginx.service"), .signal(unit: "a@b.service", 10), .pidFile(path: "/run/a.pid", signal: 35),
          .run(.program(["true"]), limit: .seconds(60)), .run(.shell("x"), limit: .seconds(3)),
        ])
    #expect(
      rules("notify = []", defaults: "notify = { unit = 'a', reload = true }")?.hooks.isEmpty == true)
  }

  @Test("a compressor is a command and a suffix, and its keys may come from two tables")
  func compression() {
    #expect(rules("compress = true")?.compression?.suffix == ".zst")
    #expect(
      rules("compress-level = 9\ncompress-after = '1h'", defaults: "compress = 'gzip'\ncompress-from = 2")?
        .compression
        == Compression(command: ["gzip", "-c", "-n", "-9"], suffix: ".gz", after: .seconds(3600), from: 2))
    // The level of another compressor means nothing to this one.
    #expect(
      rules("compress = 'xz'", defaults: "compress = 'zstd'\ncompress-level = 19")?.compression?.command
        == ["xz", "-c", "-T1"])
    #expect(rules("compress = false", defaults: "compress = 'gzip'")?.compression == nil)
    #expect(
      rules("compress = { command = ['brotli', '-c'], suffix = '.br' }")?.compression
        == Compression(command: ["brotli", "-c"], suffix: ".br"))
  }

  @Test("settings that belong to no job are in [daemon]")
  func daemon() {
    let text = "[daemon]\nmax-children = 3\nkeep-free = '5%'\nwarn-free = '1.5G'\n[job.x]\nlogs = '/a'\nevery = '1h'\n"
    #expect(
      read(text).configuration?.daemon
        == DaemonSettings(maxChildren: 3, keepFree: .basisPoints(500), warnFree: .bytes(1_610_612_736)))
    #expect(
      read("[daemon]\nkeep-free = '12.5%'\n[job.x]\nlogs = '/a'\nevery = '1h'\n").configuration?.daemon.keepFree
        == .basisPoints(1250))
    #expect(
      read("[daemon]\non-failure = { shell = 'page' }\n[job.x]\nlogs = '/a'\nevery = '1h'\n").configuration?.daemon
        .onFailure
        == [.shell("page")])
  }

  @Test("jobs with equal policies share one")
  func sharing() {
    let jobs = read(
      "[defaults]\ncompress = true\nevery = '1h'\n[job.x]\nlogs = '/a'\n[job.y]\nlogs = '/b'\ncompress-from = 1\n"
    ).configuration?.jobs
    #expect(jobs?.count == 2)
    #expect(jobs?[0].policy == jobs?[1].policy)
  }

  static let errors: [(lines: String, findings: [String])] = [
    (
      "method = 'copied'",
      ["4:10: error: `method` is the string \"copied\"; expected \"copy\", \"move\" or \"truncate\""]
    ),
    (
      "method = 'copy'\nsize = '1M'",
      [
        "5:1: error: job `x` has `size` with `method = \"copy\"` and without `min-interval`: the log stays as large as it is "
          + "(add `min-interval`)"
      ]
    ),
    (
      "truncate-by = 'punch'",
      [
        "4:1: error: job `x` has `truncate-by` without `method = \"truncate\"` "
          + "(add the method, or remove `truncate-by`)"
      ]
    ),
    (
      "method = 'truncate'\ncreate = false",
      [
        "5:1: error: job `x` has `create` with a `method` other than \"move\": the log stays, so none is made (remove `create`)"
      ]
    ),
    (
      "date-format = '-%Y'",
      [
        "4:1: error: job `x` has `date-format` without `archive-names = \"dated\"` "
          + "(add `archive-names = \"dated\"`, or remove `date-format`)"
      ]
    ),
    (
      "extension = 'log'",
      [
        "4:13: error: `extension` is the string \"log\"; expected an extension with its dot, neither a number nor that of a compressor (write it as `extension = \".log\"`)"
      ]
    ),
    (
      "archive-dir = '../old'",
      [
        "4:15: error: `archive-dir` is \"../old\"; expected an absolute path or one from the log's directory, "
          + "without empty components, `.` or `..`"
      ]
    ),
    ("archive-dir = { mode = '0700' }", ["4:15: error: `archive-dir` has no `path`"]),
    (
      "notify = { unit = 'a' }",
      ["4:10: error: a unit is notified by `reload = true` or by a `signal`, not by both or neither"]
    ),
    (
      "notify = { pidfile = '/a', signal = 'HUPP' }",
      [
        "4:37: error: `signal` is the string \"HUPP\"; expected one of `ALRM`, `CONT`, `HUP`, `INT`, `IO`, `PIPE`, `QUIT`, "
          + "`TERM`, `URG`, `USR1`, `USR2` and `WINCH`, or `RTMIN+N` (did you mean \"HUP\"?)"
      ]
    ),
    (
      "notify = { command = 'killall -HUP a' }",
      [
        "4:22: error: `command` is the string \"killall -HUP a\"; expected a list of a program and its arguments in quotes "
          + "(write a command line for the shell as `shell = \"…\"`)"
      ]
    ),
    (
      "notify = { unit = 'a', comand = ['b'] }",
      [
        "4:10: error: this table has `unit` and `command`; expected only one of them (write a list of tables, one for each)",
        "4:24: error: unknown key `comand` in `notify` (did you mean `command`?)",
      ]
    ),
    ("notify = { shell = 'a', signal = 'HUP' }", ["4:25: error: `signal` cannot be used with `shell`"]),
    (
      "before = {}",
      ["4:10: error: this table does not say what to notify or to run; expected one of `command` and `shell`"]
    ),
    (
      "before = { command = ['./a'] }",
      ["4:22: error: \"./a\" is a relative path; expected an absolute path or a name to find in PATH"]
    ),
    (
      "compress = 'zstdd'",
      [
        "4:12: error: `compress` is the string \"zstdd\"; expected true, false, one of `zstd`, `gzip`, `xz`, `bzip2` and "
          + "`lz4` in quotes, or a table of `command` and `suffix` (did you mean \"zstd\"?)"
      ]
    ),
    (
      "compress = 'gzip'\ncompress-level = 19", ["5:18: error: `compress-level` is 19; for gzip expected 1 to 9"]
    ),
    (
      "compress-from = 2",
      [
        "4:1: error: job `x` has `compress-from` without `compress` (add `compress = true`, or remove `compress-from`)"
      ]
    ),
    (
      "compress = { command = ['a'], suffix = '.1' }",
      [
        "4:40: error: `suffix` is the string \".1\"; expected a dot followed by letters and digits, not by digits alone "
          + "(such as \".br\")"
      ]
    ),
    (
      "keep = 2\nkeep-min = 3",
      ["5:1: error: job `x` has `keep-min` greater than `keep` (a log never has that many archives)"]
    ),
    ("max-total = 0", ["4:13: error: `max-total` is 0; expected at least one byte"]),
  ]

  @Test("errors are reported at their positions", arguments: errors)
  func refusals(_ lines: String, _ expected: [String]) {
    let result = read("[job.x]\nlogs = '/a'\nevery = '1h'\n\(lines)\n")
    #expect(findings(result) == expected)
    #expect(result.configuration == nil)
  }

  @Test("a compressor that is not installed is a warning, not an error")
  func missingCompressor() {
    let result = read("[job.x]\nlogs = '/a'\nevery = '1h'\ncompress = 'lz4'\n")
    #expect(
      findings(result) == [
        "4:12: warning: the program `lz4` is not installed: archives stay uncompressed until it is"
      ])
    #expect(result.configuration?.jobs[0].policy.compression?.suffix == ".lz4")
  }

  @Test(
    "a share outside of 0.01% to 99.99%, or in another form, is refused",
    arguments: ["0%", "100%", "5 %", "x%", "1.555%"])
  func shares(_ text: String) {
    let result = read("[daemon]\nkeep-free = '\(text)'\n[job.x]\nlogs = '/a'\nevery = '1h'\n")
    #expect(
      findings(result) == [
        "2:13: error: `keep-free` is the string \"\(text)\"; expected a size, or a share from 0.01% to 99.99% "
          + "(a share is written with `%`, a size with its unit: K, M, G, T, P or E)"
      ])
  }

  private static let noUnit =
    "is the integer 30; expected a time span in quotes (write the number with its unit, in quotes: us, ms, s, min, h, d, w, month or y)"

  static let removing: [(line: String, finding: String)] = [
    (
      "max-age = 30",
      "is the integer 30; expected a time span in quotes (write the number with its unit, in quotes: us, ms, s, min, h, d, w, month or y; `max-age = \"30d\"` means 30 days)"
    ),
    (
      "max-age = '30'",
      "is \"30\": the number 30 has no unit (write the number with its unit, in quotes: us, ms, s, min, h, d, w, month or y; `max-age = \"30d\"` means 30 days)"
    ),
    (
      "max-age = 2592000",
      "is the integer 2592000; expected a time span in quotes (write the number with its unit, in quotes: us, ms, s, min, h, d, w, month or y)"
    ),
    (
      "max-age = true",
      "is the boolean true; expected a time span in quotes (write the number with its unit, in quotes: us, ms, s, min, h, d, w, month or y)"
    ),
    (
      "max-age = 'month'",
      "is \"month\": a number with its unit is missing here (write the number with its unit, in quotes: us, ms, s, min, h, d, w, month or y)"
    ),
    ("every = 30", noUnit),
    ("min-interval = 30", noUnit),
    ("reopen-timeout = 30", noUnit),
    (
      "max-total = true",
      "is the boolean true; expected a size in quotes, or a whole number of bytes (write the number with its unit, in quotes: K, M, G, T, P or E, powers of 1024)"
    ),
    (
      "max-total = '2GB'",
      "is \"2GB\": \"GB\" is not a unit of size; the units are B, K, M, G, T, P and E (write the number with its unit, in quotes: K, M, G, T, P or E, powers of 1024)"
    ),
    (
      "max-total = 2",
      "is 2 bytes, which is less than a megabyte (write the number with its unit, in quotes: K, M, G, T, P or E, powers of 1024)"
    ),
    ("keep = '0'", "is the string \"0\"; expected a whole number from 0 to 9999"),
    ("keep-min = '0'", "is the string \"0\"; expected a whole number from 0 to 9999"),
  ]

  @Test("a hint never suggests a value that removes archives earlier than intended", arguments: removing)
  func hints(_ line: String, _ finding: String) {
    let found = findings(read("[job.x]\nlogs = '/a'\nsize = 1\n\(line)\n"))
    #expect(found.contains { $0.hasSuffix(finding) }, "\(found)")
  }

  @Test(
    "a key that only resembles one that removes archives is not read as it",
    arguments: [("mat-ages", nil), ("max-age-days", nil), ("keep-max", nil), ("max_age", "max-age"), ("keeps", "keep")])
  func riskyNames(_ key: String, _ meant: String?) {
    let found = findings(read("[job.x]\nlogs = '/a'\nsize = 1\n\(key) = 1\n")).first ?? ""
    #expect(found.contains("did you mean `\(meant ?? "")`?") == (meant != nil), "\(found)")
    #expect(meant != nil || found.contains("known keys are"), "\(found)")
  }
}
