import Glibc
import Testing

@Suite("The command lines")
struct CommandLineTests {
  let scratch = Scratch()

  /// The output of rotated and rotatectl for a config.
  private func checks(_ path: String) throws -> [(code: Int32, text: String)] {
    [
      try Program.run(Program.rotated, ["--check", "--config", path]),
      try Program.run(Program.rotatectl, ["check", "--config", path]),
    ]
  }

  @Test(
    "a wrong argument ends rotated with 64 and one line",
    arguments: [
      (["--conifg", "x"], "unknown option '--conifg'"), (["--config"], "'--config' needs a value"),
      (["-x"], "unknown option"), (["extra"], "unexpected argument 'extra'"),
    ])
  func misuse(arguments: [String], message: String) throws {
    let (code, text) = try Program.run(Program.rotated, arguments)
    #expect(code == 64)
    #expect(text.contains(message), "\(text)")
    #expect(text.contains("--help"))
    #expect(text.split(separator: "\n").count == 1)
  }

  @Test("--help and --version answer with 0")
  func help() throws {
    for option in ["--help", "--version"] {
      let (code, text) = try Program.run(Program.rotated, [option])
      #expect(code == 0)
      #expect(text.contains("rotated"))
    }
  }

  @Test("both checks report what the config would remove now, and missing directories, and remove nothing")
  func doubts() throws {
    for number in 1...3 { try scratch.write("old\n", to: "logs/app.log.\(number)") }
    let logs = "logs = ['\(scratch["logs/app.log"])', '\(scratch["nowhere/x.log"])']"
    try scratch.write("[job.a]\n\(logs)\nsize = 1\nkeep = 0\n", to: "c.toml")
    for (code, text) in try checks(scratch["c.toml"]) {
      #expect(code == 0)
      #expect(text.contains("warning: job a: there is no directory \(scratch["nowhere"])"), "\(text)")
      #expect(text.contains("`keep` is 0, so") && text.contains("would remove 3 archives, "), "\(text)")
    }
    #expect(scratch.list("logs").count == 3)
  }

  @Test("both checks report every error at its position, with the nearest right name, and exit 78")
  func check() throws {
    try scratch.write("[job.a]\nlogs = \"/x.log\"\nevry = \"1h\"\nkeep = -1\n", to: "bad.toml")
    for (code, text) in try checks(scratch["bad.toml"]) {
      #expect(code == 78, "\(text)")
      #expect(text.contains("bad.toml:3:1"), "\(text)")
      #expect(text.contains("every"), "\(text)")
      #expect(text.contains("bad.toml:4:8"), "\(text)")
    }
    try scratch.write(scratch.job("a", "every = '1h'"), to: "good.toml")
    #expect(try checks(scratch["good.toml"]).allSatisfy { $0.code == 0 })
  }

  @Test("a missing config is an error that says so, with 78")
  func missingConfig() throws {
    let (code, text) = try Program.run(Program.rotated, ["--config", scratch["none.toml"]])
    #expect(code == 78)
    #expect(text.contains("none.toml") && text.contains("no such file"), "\(text)")
    #expect(text.contains("see rotated.toml(5)"), "\(text)")
  }

  @Test("a config that cannot be read for now ends the daemon with 1, so that systemd tries again, and not with 78")
  func unreadableConfig() throws {
    // Reading it is an input/output error, as on a disk that fails.
    let start = try Program.run(Program.rotated, ["--config", "/proc/self/mem"])
    for (code, text) in try checks("/proc/self/mem") + [start] {
      #expect(code == 1, "\(text)")
      #expect(text.contains("input/output error (EIO)"), "\(text)")
    }
    // Only a person can correct these.
    let (code, _) = try Program.run(Program.rotated, ["--config", scratch["logs"]])
    #expect(code == 78)
  }

  @Test(
    "an account that cannot be looked up, as /etc/passwd cannot be read, ends the daemon with 1, and an unknown one with 78",
    .enabled(if: geteuid() == 0, "mounts of its own need root"), arguments: ["passwd", "group"])
  func unreadableAccounts(_ file: String) throws {
    let key = file == "passwd" ? "user" : "group"
    try scratch.write(
      "[job.a]\nlogs = \"/x.log\"\nevery = \"1h\"\ncreate = { \(key) = \"nobody-knows\" }\n", to: "account.toml")
    let command = [Program.rotated, "--config", scratch["account.toml"], "--state", scratch["state"]]
    #expect(try Program.run(command[0], Array(command.dropFirst())).code == 78)
    // Reading it from its beginning is an input/output error.
    let script = "mount --bind /proc/\(getpid())/mem /etc/\(file) && exec \"$@\""
    let (code, text) = try Program.run("unshare", ["-m", "sh", "-c", script, "sh"] + command)
    #expect(code == 1, "\(text)")
    #expect(text.contains("not started: the config cannot be read at the moment: input/output error (EIO)"), "\(text)")
  }

  @Test("a failure to start is reported with the priority of an error, each finding with its position")
  func startFailure() throws {
    try scratch.write("[job.a]\nlogs = \"/x.log\"\nevry = \"1h\"\nkeep = -1\n", to: "bad.toml")
    let (code, text) = try Program.run(
      Program.rotated, ["--config", scratch["bad.toml"], "--log-format", "systemd"])
    #expect(code == 78)
    let lines = text.split(separator: "\n")
    #expect(lines.count > 2 && lines.allSatisfy { $0.hasPrefix("<3>") }, "\(text)")
    #expect(text.contains("<3>\(scratch["bad.toml"]):3:1: "), "\(text)")
    #expect(text.contains("<3>\(scratch["bad.toml"]):4:8: "), "\(text)")
    #expect(lines.last == "<3>not started: the config has errors", "\(text)")
  }

  @Test("plan prints the steps and changes nothing; rotate carries them out")
  func planAndRotate() throws {
    for (name, content) in ["app.log": "live", "app.log.1": "one", "app.log.2": "two"] {
      try scratch.write(content, to: "logs/\(name)")
    }
    try scratch.write(scratch.job("app", "every = '1h'", "keep = 2"), to: "rotated.toml")
    let before = scratch.contents("logs")
    let plan = try scratch.rotatectl("plan")
    #expect(plan.code == 0, "\(plan.text)")
    let exchanges = [
      "create .app.log.rotated", "exchange app.log with .app.log.rotated", "exchange .app.log.rotated with app.log.1",
      "exchange .app.log.rotated with app.log.2",
      "remove .app.log.rotated, or rename it to app.log.3 while a process writes",
    ]
    let renames = [
      "create .app.log.rotated", "app.log.2 to app.log.3", "app.log.1 to app.log.2", "remove app.log.3",
    ]
    // By the file system of the test.
    #expect(
      [exchanges, renames].contains { steps in steps.allSatisfy { plan.text.contains($0) } }, "\(plan.text)")
    #expect(scratch.contents("logs") == before)
    #expect(scratch.list() == ["logs", "rotated.toml"])

    let rotate = try scratch.rotatectl("rotate")
    #expect(rotate.code == 0, "\(rotate.text)")
    #expect(scratch.contents("logs") == ["app.log": "", "app.log.1": "live", "app.log.2": "one"])
    let wrong = try scratch.rotatectl("rotate", "ap")
    #expect(wrong.code != 0)
    #expect(wrong.text.contains("'app'"), "\(wrong.text)")
  }

  @Test("plan shows what would keep a log from being rotated at a due time")
  func planWithConditions() throws {
    try scratch.write("live", to: "logs/app.log")
    try scratch.write(scratch.job("app", "every = '1h'", "min-size = '1M'"), to: "rotated.toml")
    let reason = "if its schedule were due now, it would not be rotated: it has 4B, and `min-size` is 1M"
    let plan = try scratch.rotatectl("plan")
    #expect(plan.text.contains(reason) && plan.text.contains("exchange app.log"), "\(plan.text)")
    try scratch.write(scratch.job("app", "every = '1h'", "min-size = 4"), to: "rotated.toml")
    #expect(try !scratch.rotatectl("plan").text.contains("if its schedule"))
  }

  @Test("calendar prints normal form and elapses, in the local zone, the expression's and UTC")
  func calendar() throws {
    let (code, text) = try Program.run(
      Program.rotatectl,
      ["calendar", "12:00 America/New_York", "daily", "--iterations", "2", "--base", "2026-03-28 12:00"],
      environment: ["TZ": "Europe/Berlin"])
    #expect(code == 0)
    for line in [
      "        Original form: 12:00 America/New_York\n      Normalized form: *-*-* 12:00:00 America/New_York\n",
      "          Next elapse: Sat 2026-03-28 17:00:00 CET\n(in America/New_York): Sat 2026-03-28 12:00:00 EDT\n",
      "             (in UTC): Sat 2026-03-28 16:00:00 UTC\n             From now: ",
      "            Iter. #2: Sun 2026-03-29 18:00:00 CEST\n",
      "\n\n  Original form: daily\nNormalized form: *-*-* 00:00:00\n    Next elapse: Sun 2026-03-29 00:00:00 CET\n",
    ] {
      #expect(text.contains(line), "\(text)")
    }
  }

  @Test("wrong expressions and spans are shown with a caret under the position, and what is allowed there")
  func misfits() throws {
    let calendar = try Program.run(Program.rotatectl, ["calendar", "hourly", "Mon 25:00", "--base", "@0"])
    #expect(calendar.code == 1)
    #expect(calendar.text.contains("  Mon 25:00\n      ^ expected an hour, 0 to 23\n"), "\(calendar.text)")
    #expect(calendar.text.contains("Next elapse: Thu 1970-01-01 01:00:00 UTC"), "\(calendar.text)")
    let span = try Program.run(Program.rotatectl, ["timespan", "1h 5 parsecs"])
    #expect(span.code == 1)
    #expect(span.text.contains("  1h 5 parsecs\n       ^ \"parsecs\" is not a unit of time"), "\(span.text)")
  }

  @Test("calendar and timespan print JSON")
  func json() throws {
    let calendar = try Program.run(
      Program.rotatectl, ["calendar", "--json", "--base", "2026-07-01 12:00", "13:00:00.5 Asia/Kolkata", "1999-1-1"],
      environment: ["TZ": "Asia/Kolkata"])
    #expect(
      calendar.text == """
        [{"original":"13:00:00.5 Asia/Kolkata","normalized":"*-*-* 13:00:00.500000 Asia/Kolkata","zone":"Asia/Kolkata",\
        "elapses":[{"microseconds":1782891000500000,"utc":"2026-07-01T07:30:00.500000Z",\
        "local":"2026-07-01T13:00:00.500000+05:30"}]},{"original":"1999-1-1","normalized":"1999-01-01 00:00:00",\
        "zone":null,"elapses":[]}]

        """)
    let spans = try Program.run(Program.rotatectl, ["timespan", "--json", "90s"])
    #expect(spans.text == "[{\"original\":\"90s\",\"microseconds\":90000000,\"human\":\"1min 30s\"}]\n")
  }
}
