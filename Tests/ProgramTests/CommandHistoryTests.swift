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
      Program.rotatectl, ["history"] + more, environment: ["PATH": "\(scratch.path):/usr/bin:/bin", "TZ": "UTC"])
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
    #expect(later.code == 0 && later.text == "The journal has nothing of this.\n", "\(later.text)")
    #expect(try history(entries, "--since", "soonish").code == 64)
  }

  @Test("a journal that cannot be read is said, with 1, and so are entries that make no sense")
  func unreadable() throws {
    let failed = try history([], code: 5)
    #expect(failed.code == 1 && failed.text.contains("journalctl has failed with exit code 5"), "\(failed.text)")
    let none = try Program.run(Program.rotatectl, ["history"], environment: ["PATH": scratch.path + "/nowhere"])
    #expect(none.code == 1 && none.text.contains("journalctl is not installed"), "\(none.text)")
    let odd = try history(["no JSON", "{\"MESSAGE_ID\":\"x\"}"] + entries)
    #expect(odd.code == 0 && odd.text.contains("2 entries of the journal could not be read"), "\(odd.text)")
  }
}
