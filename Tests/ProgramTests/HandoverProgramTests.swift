import CLinux
import Glibc
import Testing

/// The daemon with a config that takes over from logrotate.
@Suite("Going on from logrotate, as a program")
struct HandoverProgramTests {
  let scratch = Scratch()
  private let now = time(nil)

  /// A zone in which it is noon, so that no day ends during a test.
  private var zone: String { "TST\((now / 3600) % 24 - 12)" }

  /// The time so many days before now, as a state file has it in that zone.
  private func entry(_ name: String, daysAgo days: Int) -> String {
    var moment = now - ((now / 3600) % 24 - 12) * 3600 - days * 86_400
    var parts = tm()
    gmtime_r(&moment, &parts)
    let day = "\(parts.tm_year + 1900)-\(parts.tm_mon + 1)-\(parts.tm_mday)"
    return "\"\(scratch["logs/\(name)"])\" \(day)-\(parts.tm_hour):\(parts.tm_min):\(parts.tm_sec)\n"
  }

  /// Three logs, a stanza that has them, and the config that includes it.
  private func prepare(_ state: String?) throws {
    for name in ["today.log", "days-ago.log", "new.log"] { try scratch.write("\(name)\n", to: "logs/\(name)") }
    try scratch.write("\(scratch["logs"])/*.log {\n  daily\n  rotate 4\n  create\n}\n", to: "logrotate.conf")
    try scratch.write(
      "[logrotate]\ninclude = '\(scratch["logrotate.conf"])'\nstate = '\(scratch["status"])'\n", to: "rotated.toml")
    if let state { try scratch.write("logrotate state -- version 2\n\(state)", to: "status") }
  }

  private func daemon(_ more: [String: String] = [:]) throws -> RunningDaemon {
    try RunningDaemon(scratch, environment: ["TZ": zone].merging(more) { $1 })
  }

  private let untouched = ["days-ago.log", "new.log", "today.log"]

  @Test("a log that was rotated today waits, one of three days ago is rotated at the start, and a new one waits")
  func atStart() throws {
    try prepare(entry("today.log", daysAgo: 0) + entry("days-ago.log", daysAgo: 3) + entry("gone.log", daysAgo: 9))
    let wanted = [
      "days-ago.log": "", "days-ago.log.1": "days-ago.log\n", "new.log": "new.log\n", "today.log": "today.log\n",
    ]
    for _ in 0..<3 {
      let daemon = try self.daemon()
      try daemon.waitForContents(wanted)
      try daemon.waitForSleep()
      try daemon.stop()
      #expect(scratch.contents("logs") == wanted)
    }
    // A state that is read later changes nothing any more.
    try scratch.write("logrotate state -- version 2\n\(entry("today.log", daysAgo: 5))", to: "status")
    let daemon = try self.daemon()
    try daemon.waitForSleep()
    try daemon.stop()
    #expect(scratch.contents("logs") == wanted)
  }

  @Test("a state file that is missing, foreign or a pipe is said once, and nothing is rotated for it", arguments: 0...2)
  func badState(_ kind: Int) throws {
    try prepare(nil)
    if kind == 1 { try scratch.write("hello\n", to: "status") }
    if kind == 2 { try #require(mkfifo(scratch["status"], 0o600) == 0) }
    let daemon = try self.daemon()
    try daemon.waitForSleep()
    #expect(daemon.count(of: "the state of logrotate, \(scratch["status"])") == 1, "\(daemon.text)")
    try daemon.stop()
    #expect(scratch.list("logs") == untouched)
  }

  @Test("a state file of 200,000 lines holds nobody up")
  func longState() throws {
    var text = ""
    for number in 0..<200_000 { text += "\"/var/log/some/directory/of/many/app-\(number).log\" 2026-11-1-6:25:1\n" }
    try prepare(text + entry("today.log", daysAgo: 0) + entry("days-ago.log", daysAgo: 3))
    let daemon = try self.daemon(["ROTATED_TIME_PIECES": "1"])
    try daemon.waitFor("logs/days-ago.log.1", "days-ago.log\n")
    try daemon.stop()
    let words = daemon.text.split(separator: "\n").last { $0.contains("longest piece of work") }
    let longest = try #require(words?.split(separator: " ").compactMap { Int($0) }.last)
    print("the longest piece of work: \(longest) us")
    // In one piece, it takes seconds.
    #expect(longest < 300_000, "\(daemon.text)")
    #expect(scratch.list("logs") == ["days-ago.log", "days-ago.log.1", "new.log", "today.log"])
  }

  @Test(
    "the command of logrotate does not rotate again what the daemon has rotated, and its state file gets the time",
    .enabled(if: geteuid() == 0, "root is needed to put a socket into the place of the system's daemon"))
  func command() throws {
    try prepare(entry("today.log", daysAgo: 3) + entry("days-ago.log", daysAgo: 3))
    let daemon = try self.daemon(["RUNTIME_DIRECTORY": scratch["rotated"]])
    let wanted = [
      "days-ago.log": "", "days-ago.log.1": "days-ago.log\n", "new.log": "new.log\n", "today.log": "",
      "today.log.1": "today.log\n",
    ]
    try daemon.waitForContents(wanted)
    try scratch.append("more\n", to: "logs/today.log")
    let place = "mount -t tmpfs none /run && mkdir /run/rotated && ln -s \"$0\" /run/rotated/control && exec \"$@\""
    let (code, text) = try Program.run(
      "unshare",
      [
        "--mount", "sh", "-c", place, scratch["rotated/control"], Program.rotatectl, "logrotate", "-s",
        scratch["status"], scratch["logrotate.conf"],
      ], environment: ["TZ": zone])
    #expect(code == 0, "\(text)")
    #expect(scratch.contents("logs") == wanted.merging(["today.log": "more\n"]) { $1 })
    let day = entry("today.log", daysAgo: 0).split(separator: " ")[1].prefix { $0 != ":" }
    #expect(scratch.read("status")?.contains("\"\(scratch["logs/today.log"])\" \(day)") == true)
    try daemon.stop()
  }
}
