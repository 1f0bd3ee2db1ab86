import Glibc
import Testing

@Suite("rotatectl plan --against and forecast")
struct CommandOutlookTests {
  let scratch = Scratch()

  /// Runs plan with another config against the daemon of this test.
  private func plan(_ config: String, _ more: String...) throws -> (code: Int32, text: String) {
    try scratch.write(config, to: "next.toml")
    return try Program.run(
      Program.rotatectl,
      ["plan", "--config", scratch["next.toml"], "--state", scratch["state"], "--against=\(scratch["run/control"])"]
        + more)
  }

  @Test("plan --against shows what a config changes in the daemon, and what would be removed at once; nothing changes")
  func against() throws {
    for log in ["app", "old", "new"] { try scratch.append("line\n", to: "logs/\(log).log") }
    for number in 1...3 { try scratch.write("old\n", to: "logs/app.log.\(number)") }
    let former = scratch.job("app", "every = '1h'", "keep = 5") + scratch.job("old", "every = '1h'")
    let daemon = try RunningDaemon(scratch, former)
    let same = try plan(former)
    #expect(same.code == 0 && same.text.contains("  nothing would change\n"), "\(same.text)")
    let next = scratch.job("app", "every = '1h'", "keep = 1") + scratch.job("new", "every = '1h'")
    let (code, text) = try plan(next)
    #expect(code == 0)
    for line in [
      "Against the config in force (\(scratch["rotated.toml"])):", "  job new: added", "  job app: changed",
      "  job old: removed",
      "  \(scratch["logs/new.log"]): would be rotated, by job new",
      "  \(scratch["logs/old.log"]): would not be rotated any more; job old has it",
      "  removed at once: 2 archives, ",
    ] {
      #expect(text.contains(line), "\(line) in \(text)")
    }
    for number in 2...3 { #expect(text.contains("\(scratch["logs/app.log"]).\(number) ("), "\(text)") }
    #expect(!text.contains("app.log.1 (4"), "\(text)")
    let json = try plan(next, "--json").text.split(separator: "\n").last ?? ""
    #expect(json.contains("\"added\":[\"new\"],\"changed\":[\"app\"],\"removed\":[\"old\"]"), "\(json)")
    #expect(scratch.list("logs").count == 6)
    try daemon.stop()
  }

  @Test("when the file of the daemon is another by now, plan --against says so, and compares with what the daemon has")
  func changedFile() throws {
    try scratch.append("line\n", to: "logs/app.log")
    let daemon = try RunningDaemon(scratch, scratch.job("app", "every = '1h'", "keep = 5"))
    let next = scratch.job("app", "every = '1h'", "keep = 1") + scratch.job("new", "every = '1h'")
    try scratch.write(next, to: "rotated.toml")
    let (code, text) = try plan(next)
    #expect(code == 0 && text.contains("The file has changed since the daemon read it"), "\(text)")
    #expect(text.contains("job new: added") && !text.contains("job app: changed"), "\(text)")
    try daemon.stop()
  }

  @Test("--format says in which language a config is, whatever the command and its other options")
  func format() throws {
    try scratch.append("line\n", to: "logs/app.log")
    let text = "\(scratch["logs/app.log"]) {\n  daily\n  rotate 3\n}\n"
    try scratch.write(text, to: "next.toml")
    let daemon = try RunningDaemon(scratch, scratch.job("app", "every = '1h'", "keep = 5"))
    let log = scratch["logs/app.log"]
    let commands = [
      ["plan"], ["plan", "--json"], ["plan", "--against=\(scratch["run/control"])"], ["explain", log], ["forecast"],
      ["rotate", log],
    ]
    for command in commands {
      let files = ["--config", scratch["next.toml"], "--state", scratch["own-state"], "--format"]
      let right = try Program.run(Program.rotatectl, command + files + ["logrotate"])
      #expect(right.code == 0, "\(command): \(right.text)")
      let wrong = try Program.run(Program.rotatectl, command + files + ["toml"])
      #expect(wrong.code == 78, "\(command): \(wrong.text)")
    }
    try daemon.stop()
  }

  @Test("a pattern is the name of a job of logrotate's files, unless it is the name of a log")
  func pattern() throws {
    for name in ["app.log", "[x].log"] { try scratch.append("line\n", to: "logs/\(name)") }
    let patterns = ["logs/a*.log", "logs/[[]x].log"].map { scratch[$0] }
    let text = patterns.map { "\($0) {\n  daily\n  rotate 3\n}\n" }.joined()
    try scratch.write(text, to: "next.conf")
    func plan(_ name: String) throws -> (code: Int32, text: String) {
      try Program.run(Program.rotatectl, ["plan", "--config", scratch["next.conf"], "--state", scratch["none"], name])
    }
    let job = try plan(patterns[0])
    #expect(job.code == 0 && job.text.contains("app.log") && !job.text.contains("[x].log"), "\(job.text)")
    let log = try plan(scratch["logs/[x].log"])
    #expect(log.code == 0 && log.text.contains("[x].log") && !log.text.contains("app.log"), "\(log.text)")
    let none = try plan(scratch["logs/b*.log"])
    #expect(none.code == 64 && none.text.contains("did you mean '\(patterns[0])'?"), "\(none.text)")
  }

  @Test("without a daemon, plan --against says so and exits with 3")
  func notRunning() throws {
    let (code, text) = try plan(scratch.job("app", "every = '1h'"))
    #expect(code == 3 && text.contains("rotated is not running: nobody listens at"), "\(text)")
  }

  @Test("forecast shows each job with its plot, as a table and as JSON, and exits with 1 where a bound will be hit")
  func forecast() throws {
    let line = String(repeating: "x", count: 1000)
    for number in 1...3 {
      try scratch.write(line, to: "logs/app.log.\(number)")
      let age = try Program.run("touch", ["-d", "\(number) days ago", scratch["logs/app.log.\(number)"]])
      try #require(age.code == 0)
    }
    try scratch.write(line, to: "logs/app.log")
    try scratch.write(scratch.job("app", "every = '1d'", "keep = 9"), to: "rotated.toml")
    let (code, text) = try scratch.rotatectl("forecast", ["--days", "20", "--state", scratch["state"]])
    #expect(code == 0, "\(text)")
    for word in ["JOB", "+20D", "app", "All jobs", "in 20 days", "█"] {
      #expect(text.contains(word), "\(word): \(text)")
    }
    let json = try scratch.rotatectl("forecast", ["--days", "3", "--json", "app"]).text
    #expect(json.hasPrefix("{\"name\":\"app\",\"logs\":1,\"unmeasured\":0,"), "\(json)")
    try scratch.write(scratch.job("app", "every = '1d'", "keep = 9", "max-total = '6K'"), to: "rotated.toml")
    let bound = try scratch.rotatectl("forecast", ["--days", "20"])
    #expect(bound.code == 1 && bound.text.contains("`max-total` of 6K removes archives"), "\(bound.text)")
    #expect(try scratch.rotatectl("forecast", ["--days", "0"]).code == 64)
    #expect(scratch.list("logs").count == 4)
    let page = try scratch.rotatectl("forecast", ["--svg", scratch["page.svg"]])
    #expect(page.text.contains("JOB") && readWholeFile(scratch["page.svg"])?.hasPrefix("<svg ") == true)
    let alone = try scratch.rotatectl("forecast", ["--svg", "-"]).text
    #expect(alone.hasPrefix("<svg ") && alone.hasSuffix("</svg>\n"), "\(alone)")
    #expect(try scratch.rotatectl("forecast", ["--svg", scratch["none/page.svg"]]).text.contains("no such file"))
  }
}
