import Glibc
import Testing

@Suite("rotatectl history")
struct CommandHistoryTests {
  let scratch = Scratch()
  private static let rotated = "aa14a573af2640859ab5aa1b9f5b0913"
  private static let removed = "14949673ed5a4a21835bd60bbe05798b"

  /// Runs history with a journalctl that prints these lines, notes its arguments in a file, and exits with a code.
  private func history(_ lines: [String], code: Int = 0, _ more: String...) throws -> (code: Int32, text: String) {
    try scratch.write(lines.joined(separator: "\n"), to: "entries")
    let script = "#!/bin/sh\necho \"$@\" >\(scratch["arguments"])\ncat \(scratch["entries"])\nexit \(code)\n"
    try scratch.write(script, to: "journalctl")
    try #require(chmod(scratch["journalctl"], 0o755) == 0)
    return try Program.run(
      Program.rotatectl, ["history", "--state", scratch["state"]] + more,
      environment: ["PATH": "\(scratch.path):/usr/bin:/bin", "TZ": "UTC"])
  }

  private func entry(_ id: String, _ second: Int, _ message: String, job: String, _ more: String = "") -> String {
    """
    {"__REALTIME_TIMESTAMP":"\(1_790_000_000 + second)000000","MESSAGE_ID":"\(id)","PRIORITY":"6","MESSAGE":"\(message)",\
    "ROTATED_JOB":"\(job)","ROTATED_LOG":"/var/log/\(job).log"\(more)}
    """
  }

  private var entries: [String] {
    [
      entry(Self.rotated, 0, "job a: rotated", job: "a", ",\"ROTATED_BYTES\":\"17\""),
      entry(Self.rotated, 1, "job b: rotated, removed b.log.5", job: "b", ",\"ROTATED_REMOVED\":\"1\""),
      entry(
        Self.removed, 2, "job a: removed a.log.3: older than 10min", job: "a",
        ",\"ROTATED_REASON\":\"older than 10min\""),
    ]
  }

  @Test("every rotation and removal is a line, in the order of the journal, which is asked for no other entries")
  func all() throws {
    let (code, text) = try history(entries)
    #expect(code == 0)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.count == 3)
    #expect(
      lines.first?.hasSuffix("job a: rotated") == true && lines.last?.contains("older than 10min") == true, "\(text)")
    let arguments = scratch.read("arguments") ?? ""
    for word in ["--output=json", "SYSLOG_IDENTIFIER=rotated", Self.rotated, Self.removed] {
      #expect(arguments.contains(word), "\(arguments)")
    }
    #expect(!arguments.contains("--since"))
  }

  @Test("--removed shows what has removed archives, by whatever rule, and names of jobs and logs choose")
  func selection() throws {
    let removed = try history(entries, "--removed").text
    #expect(removed.split(separator: "\n").count == 2 && !removed.contains("job a: rotated"), "\(removed)")
    #expect(try history(entries, "a").text.split(separator: "\n").count == 2)
    let log = try history(entries, "/var/log/b.log").text
    #expect(log.split(separator: "\n").count == 1 && log.contains("job b"), "\(log)")
  }

  @Test("--json is an event a line, and a path that is no UTF-8 keeps its bytes")
  func json() throws {
    let odd = """
      {"__REALTIME_TIMESTAMP":"1790000000000000","MESSAGE_ID":"\(Self.rotated)","MESSAGE":["first","second"],\
      "ROTATED_LOG":[47,120,252]}
      """
    let (code, text) = try history([odd] + entries, "--json")
    #expect(code == 0)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.count == 4)
    #expect(lines[0].contains("\"message\":\"first\"") && lines[0].contains("\"path\":\"/x\\\\xfc\""), "\(lines[0])")
    #expect(lines[1].contains("\"kind\":\"rotated\"") && lines[1].contains("\"bytes\":17"), "\(lines[1])")
    #expect(lines[3].contains("\"reason\":\"older than 10min\""), "\(lines[3])")
  }

  @Test(
    "--since takes times as people write them, and leaves out what was before",
    arguments: ["1h", "today", "2026-01-02", "2026-01-02T03:04:05Z"])
  func since(_ time: String) throws {
    let (code, _) = try history(entries, "--since", time)
    #expect(code == 0)
    #expect(scratch.read("arguments")?.contains("--since=@") == true)
    let later = try history(entries, "--since", "2199-01-01")
    #expect(later.code == 0 && later.text == "The history has nothing of this.\n", "\(later.text)")
    #expect(try history(entries, "--since", "soonish").code == 64)
  }

  @Test("a journal that cannot be read is said, with 1, and so are entries that make no sense")
  func unreadable() throws {
    let failed = try history([], code: 5)
    #expect(failed.code == 1 && failed.text.contains("journalctl has failed with exit code 5"), "\(failed.text)")
    let none = try historyWithoutJournal()
    #expect(none.code == 1 && none.text.contains("journalctl is not installed, and no history in"), "\(none.text)")
    let odd = try history(["no JSON", "{\"MESSAGE_ID\":\"x\"}"] + entries)
    #expect(odd.code == 0 && odd.text.contains("2 entries of the journal could not be read"), "\(odd.text)")
  }

  /// One without journalctl.
  private func historyWithoutJournal(_ more: String...) throws -> (code: Int32, text: String) {
    try Program.run(
      Program.rotatectl, ["history", "--state", scratch["state"]] + more,
      environment: ["PATH": scratch.path + "/nowhere", "TZ": "UTC"])
  }

  @Test(
    "a daemon without a journal keeps its rotations and removals itself, and what is shown of them is what it reported")
  func ownFile() throws {
    try scratch.write("a line\n", to: "logs/app.log")
    let daemon = try RunningDaemon(scratch, scratch.job("app", "every = '1h'", "keep = 1"))
    for round in 1...3 {
      try scratch.write("a line\n", to: "logs/app.log")
      let control = ["rotate", "--control", scratch["run/control"], "--wait", "--force", "app"]
      #expect(try Program.run(Program.rotatectl, control).code == 0)
      try daemon.eventually("rotation \(round) in the history") {
        (scratch.read("state/history") ?? "").split(separator: "\n").count == round
      }
    }
    let text = try historyWithoutJournal().text
    #expect(
      text.split(separator: "\n").count == 3 && text.contains("job app: rotated \(scratch["logs/app.log"])"), "\(text)")
    let json = try historyWithoutJournal("--json").text
    #expect(json == scratch.read("state/history"))
    #expect(json.contains("\"kind\":\"rotated\"") && json.contains("\"removed\":1"), "\(json)")
    #expect(try historyWithoutJournal("--removed").text.split(separator: "\n").count == 2)
    #expect(try historyWithoutJournal("other").text == "The history has nothing of this.\n")
    #expect(try scratch.status("state/history").st_mode & 0o777 == 0o600)
    try daemon.stop()
  }

  @Test("what rotatectl rotates where no daemon runs is in the history, too")
  func byHand() throws {
    try scratch.write("a line\n", to: "logs/app.log")
    try scratch.write(scratch.job("app", "every = '1h'", "keep = 1"), to: "rotated.toml")
    for _ in 1...2 { #expect(try scratch.rotatectl("rotate").code == 0) }
    #expect(scratch.list("logs").contains("app.log.1"))
    let text = try historyWithoutJournal().text
    #expect(text.split(separator: "\n").count == 1, "\(text)")
    #expect(text.contains("job app: rotated \(scratch["logs/app.log"])"), "\(text)")
  }

  @Test(
    "the history has two files of bounded size, what makes no sense in them is counted, and the journal's goes between")
  func bounds() throws {
    try scratch.makeDirectory("state")
    let line = { (second: Int, job: String) in
      "{\"at\":\"2026-09-21T14:13:2\(second)Z\",\"kind\":\"rotated\",\"severity\":\"info\",\"message\":\"job \(job): own\",\"job\":\"\(job)\"}\n"
    }
    try scratch.write(line(0, "a") + "{\"at\": half", to: "state/history.1")
    try scratch.write("nonsense\n" + line(1, "b") + line(3, "b"), to: "state/history")
    // The journal's entries are of second 0 to 2.
    let (code, text) = try history(entries)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(code == 0 && lines.count == 7 && lines.contains { $0.hasPrefix("2 lines of ") }, "\(text)")
    let jobs = lines.filter { $0.contains("job ") }
    #expect(jobs.map { $0.contains("own") } == [true, false, true, false, false, true], "\(text)")
    // The daemon begins another file when this one is full.
    try scratch.write(String(repeating: line(1, "b"), count: 11_000), to: "state/history")
    let before = try scratch.status("state/history")
    #expect(before.st_size > 1 << 20)
    try scratch.write("a line\n", to: "logs/app.log")
    let daemon = try RunningDaemon(scratch, scratch.job("app", "every = '1s'", "keep = 1"))
    try daemon.waitForOutput("job app: rotated")
    try daemon.stop()
    #expect(try scratch.status("state/history.1").st_ino == before.st_ino)
    #expect(scratch.read("state/history")?.hasPrefix("{\"at\":") == true)
    #expect(try scratch.status("state/history").st_size < 2000)
  }

  @Test("a history that cannot be written is said once, and logs are rotated all the same")
  func unwritable() throws {
    try scratch.makeDirectory("state")
    try scratch.makeDirectory("state/history")
    try scratch.write("a line\n", to: "logs/app.log")
    let daemon = try RunningDaemon(scratch, scratch.job("app", "every = '100ms'", "if-empty = true", "keep = 1"))
    try daemon.eventually("three rotations") { daemon.count(of: "job app: rotated") >= 3 }
    #expect(daemon.count(of: "cannot write the history \(scratch["state/history"])") == 1, "\(daemon.text)")
    try daemon.stop()
    let failed = try historyWithoutJournal()
    #expect(failed.code == 1 && failed.text.contains("cannot read the history in"), "\(failed.text)")
  }
}
