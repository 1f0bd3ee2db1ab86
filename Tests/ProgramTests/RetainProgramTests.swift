import CLinux
import Glibc
import Testing

@Suite("The daemon and a job with retain")
struct RetainProgramTests {
  let scratch = Scratch()

  /// Makes a file whose last change was this many hours ago.
  private func make(_ name: String, hours: Int) throws {
    try scratch.write("\(name)\n", to: "logs/\(name)")
    let time = timespec(tv_sec: Glibc.time(nil) - hours * 3600, tv_nsec: 0)
    var times = [time, time]
    try #require(utimensat(AT_FDCWD, scratch["logs/\(name)"], &times, 0) == 0)
  }

  private func rotatectl(_ arguments: String...) throws -> (code: Int32, text: String) {
    let commands = ["check", "plan", "forecast", "doctor"]
    let socket = ["--control", scratch["run/control"]]
    let config = ["--config", scratch["rotated.toml"], "--state", scratch["state"]]
    return try Program.run(Program.rotatectl, arguments + (commands.contains(arguments[0]) ? config : socket))
  }

  private func config(_ lines: String) -> String {
    "[job.pg]\nretain = '\(scratch["logs/*.log"])'\n\(lines)\n"
      + scratch.job("other", logs: "other.log", "every = '1h'")
  }

  @Test("only reports until it is confirmed; then it removes what plan has shown, and never what a process writes")
  func confirmed() throws {
    for hours in 1...6 { try make("\(hours).log", hours: hours) }
    try make("0.txt", hours: 100)
    try scratch.write("x\n", to: "other.log")
    mkdir(scratch["logs/dir.log"], 0o755)
    try #require(symlink("/etc/passwd", scratch["logs/link.log"]) == 0)
    try make("twin.log", hours: 50)
    try #require(link(scratch["logs/twin.log"], scratch["twin"]) == 0)
    let all = scratch.list("logs")

    let daemon = try RunningDaemon(scratch, config("keep = 2"))
    try daemon.waitForOutput("job pg: would remove 4 files")
    #expect(try rotatectl("rotate", "--force", "pg").code == 0)
    #expect(try rotatectl("status").text.contains("not confirmed"))
    #expect(scratch.list("logs") == all)

    let writer = open(scratch["logs/5.log"], O_WRONLY | O_APPEND | O_CLOEXEC)
    try #require(writer >= 0)
    try scratch.write(config("keep = 2\nretain-confirmed = true"), to: "rotated.toml")
    #expect(try rotatectl("reload").code == 0)
    try daemon.waitForOutput("job pg: will remove 4 files")
    let plan = try rotatectl("plan", "pg")
    #expect(plan.code == 0, "\(plan.text)")
    for hours in 3...6 {
      #expect(plan.text.contains("/logs/\(hours).log (") && plan.text.contains("would be removed"), "\(plan.text)")
    }
    for name in ["/1.log", "/2.log", "twin", "dir.log", "link.log", "0.txt"] {
      #expect(!plan.text.contains(name), "\(name)")
    }
    #expect(scratch.list("logs") == all)

    let explained = try rotatectl("explain", scratch["logs/6.log"])
    #expect(
      explained.text.contains("job pg removes it") && explained.text.contains("more archives than `keep`"),
      "\(explained.text)")
    #expect(try rotatectl("explain", scratch["logs/1.log"]).text.contains("no rule of job pg removes it now"))

    let rotated = try rotatectl("rotate", "--force", "--wait", "pg")
    #expect(rotated.code == 0 && rotated.text.contains("removed 3 files"), "\(rotated.text)")
    let left = all.filter { !["3.log", "4.log", "6.log"].contains($0) }
    try daemon.waitForList(left)
    try daemon.waitForWriter(of: "5.log")
    #expect(try rotatectl("metrics").text.contains("rotated_removed_files_total{job=\"pg\",reason=\"keep\"} 3"))
    close(writer)
    #expect(try rotatectl("rotate", "--force", "pg").code == 0)
    try daemon.waitForList(left.filter { $0 != "5.log" })
    try daemon.stop()
  }

  @Test("twenty thousand files are removed while the daemon answers, and the newest stays")
  func many() throws {
    for number in 0..<20_000 {
      let file = open(scratch["logs/\(number).log"], O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
      try #require(file >= 0)
      var times = [timespec(tv_sec: 1_000_000 + number, tv_nsec: 0), timespec(tv_sec: 1_000_000 + number, tv_nsec: 0)]
      futimens(file, &times)
      close(file)
    }
    let daemon = try RunningDaemon(
      scratch, config("max-age = '1d'\nretain-confirmed = true"), environment: ["ROTATED_TIME_PIECES": "1"])
    try daemon.waitForOutput("job pg: will remove")
    #expect(try rotatectl("rotate", "--force", "pg").code == 0)
    try daemon.waitForList(["19999.log"])
    try daemon.waitForOutput("job pg: removed 19999 files")
    try daemon.stop()
  }
}
