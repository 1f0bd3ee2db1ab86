import CLinux
import Glibc
import Testing

/// `rotatectl logrotate`, as cron and scripts call it. What it does with logs is compared with logrotate in LogrotateDifferentialTests.
@Suite("The command of logrotate")
struct LogrotateCommandTests {
  let scratch = Scratch()

  /// Runs the command with a state file and a config of this text.
  private func logrotate(_ text: String, _ options: String..., state: String = "status") throws -> (
    code: Int32, text: String
  ) {
    try scratch.write(text, to: "config")
    return try run(options + ["-s", scratch[state], scratch["config"]])
  }

  private func run(_ arguments: [String]) throws -> (code: Int32, text: String) {
    try Program.run(
      Program.rotatectl, ["logrotate"] + arguments,
      environment: ["STATE_DIRECTORY": scratch["daemon"], "TZ": "UTC", "XDG_RUNTIME_DIR": scratch.path])
  }

  private func stanza(_ directives: String, log: String = "logs/app.log") -> String {
    "\(scratch[log]) {\n\(directives)\n}\n"
  }

  @Test("options are those of logrotate: questions exit with 0, a wrong one with 2, none at all with 1")
  func options() throws {
    for question in ["--usage", "-?", "--help", "--version"] {
      let (code, text) = try run([question])
      #expect(code == 0 && text.contains(question == "--version" ? "logrotate 3." : "Usage: logrotate"), "\(text)")
    }
    for wrong in [["--foo", "c"], ["-x", "c"], ["-s"], ["--state"], ["--force=1", "c"]] {
      let (code, text) = try run(wrong)
      #expect(code == 2 && text.hasPrefix("logrotate: bad argument -"), "\(text)")
    }
    let (code, text) = try run([])
    #expect(code == 1 && text.contains("Usage: logrotate"))
    #expect(try run(["--skip-state-lock", "--wait-for-state-lock", "c"]).code == 1)
    let missing = try run(["-s", scratch["status"], scratch["nothing"]])
    #expect(missing.code == 1 && missing.text.contains("error: cannot stat \(scratch["nothing"])"), "\(missing.text)")
  }

  @Test("a log that is due is rotated, once in its period, and the state file has the time")
  func rotates() throws {
    try scratch.write("one\n", to: "logs/app.log")
    try scratch.write("logrotate state -- version 2\n\"\(scratch["logs/app.log"])\" 2020-1-1-0:0:0\n", to: "status")
    // A state that everybody can read is warned of, as by logrotate.
    chmod(scratch["status"], 0o640)
    let config = stanza("daily\nrotate 2\ncreate")
    let (code, text) = try logrotate(config)
    #expect(code == 0 && text.isEmpty, "\(text)")
    #expect(scratch.contents("logs") == ["app.log": "", "app.log.1": "one\n"])
    #expect(scratch.read("status")?.contains("2020") == false)
    try scratch.append("two\n", to: "logs/app.log")
    #expect(try logrotate(config).code == 0)
    #expect(scratch.contents("logs") == ["app.log": "two\n", "app.log.1": "one\n"])
    #expect(try logrotate(config, "--force").code == 0)
    #expect(scratch.contents("logs") == ["app.log": "", "app.log.1": "two\n", "app.log.2": "one\n"])
  }

  @Test("-d changes nothing, and says what is due")
  func debug() throws {
    try scratch.write("one\n", to: "logs/app.log")
    let (code, text) = try logrotate(stanza("size 1\nrotate 2\ncreate"), "-d")
    #expect(code == 0 && text.contains("log needs rotating"), "\(text)")
    #expect(scratch.list("logs") == ["app.log"])
    #expect(scratch.list() == ["config", "logs"])
  }

  @Test("entries of other logs stay in the state file, and its mode and its age limit are those of logrotate")
  func foreign() throws {
    let others = "\"/var/log/syslog\" 2026-11-1-6:25:1\n\"/srv/\\\"odd\\\\\\n\" 2026-10-1-0:0:0\n"
    try scratch.write("logrotate state -- version 1\n\(others)\"/gone\" 2001-1-1-0:0:0\n", to: "status")
    #expect(chmod(scratch["status"], 0o644) == 0)
    let (code, text) = try logrotate(stanza("daily\nmissingok"))
    #expect(code == 0 && text.contains("world-readable"), "\(text)")
    let lines = try #require(scratch.read("status"))
    #expect(lines.hasPrefix("logrotate state -- version 2\n\(others)\"\(scratch["logs/app.log"])\" 2"), "\(lines)")
    #expect(!lines.contains("/gone"))
    #expect(try scratch.status("status").st_mode & 0o777 == 0o640)
    #expect(!scratch.list().contains(".rotated-new"))
  }

  @Test("a state file that is locked is waited for, skipped, or exit code 3")
  func lock() throws {
    try scratch.write("logrotate state -- version 2\n", to: "status")
    #expect(chmod(scratch["status"], 0o640) == 0)
    let holder = try scratch.open("status", O_RDWR)
    defer { close(holder) }
    try #require(flock(holder, LOCK_EX) == 0)
    let config = stanza("daily\nmissingok")
    let (code, text) = try logrotate(config)
    #expect(code == 3 && text.contains("is already locked"), "\(text)")
    #expect(try logrotate(config, "--skip-state-lock").code == 0)
    let waiter = try Program(
      Program.rotatectl, ["logrotate", "--wait-for-state-lock", "-s", scratch["status"], scratch["config"]],
      environment: ["STATE_DIRECTORY": scratch["daemon"]])
    // The run that skipped the lock has replaced the file: this one opens the new one, which nobody has locked.
    #expect(try waiter.waitForEnd() == 0)
    #expect(try run(["-s", "\(scratch.path)/no/status", scratch["config"]]).code == 3)
  }

  @Test("with /dev/null for a state nothing is known and nothing is written")
  func noState() throws {
    try scratch.write("one\n", to: "logs/app.log")
    try scratch.write(stanza("size 1\nrotate 1"), to: "config")
    let (code, text) = try run(["-s", "/dev/null", scratch["config"]])
    #expect(code == 0, "\(text)")
    #expect(scratch.contents("logs") == ["app.log.1": "one\n"])
    #expect(scratch.list() == ["config", "logs"])
  }

  @Test("a line of the state file that cannot be read is an error, and the others stay")
  func badState() throws {
    try scratch.write("logrotate state -- version 2\n\"/a\" never\n\"/b\" 2026-1-1-0:0:0\n", to: "status")
    let (code, text) = try logrotate(stanza("daily\nmissingok"))
    #expect(code == 1 && text.contains("error: bad line 2 in state file"), "\(text)")
    #expect(scratch.read("status")?.contains("\"/b\" 2026-1-1-0:0:0\n") == true)
  }

  @Test("a script gets what logrotate gives it, and its output is that of the command")
  func scripts() throws {
    try scratch.write("one\n", to: "logs/app.log")
    let (code, text) = try logrotate(
      stanza("size 1\nrotate 1\ncompress\npostrotate\n  echo \"$0:$1:$2\"; cat \"$2\"; echo oops >&2\nendscript"))
    #expect(code == 0, "\(text)")
    #expect(
      text.contains("logrotate_script:\(scratch["logs/app.log"]):\(scratch["logs/app.log.1"])\none\n"), "\(text)")
    #expect(text.contains("oops"))
    #expect(scratch.list("logs") == ["app.log.1.gz"])
  }

  @Test("what a process has open for writing is neither compressed nor removed, and the next run does it")
  func writer() throws {
    try scratch.write("one\n", to: "logs/app.log")
    let writer = try scratch.open("logs/app.log")
    let config = stanza("size 1\nrotate 1\ncompress\ncreate")
    let (code, text) = try logrotate(config)
    #expect(code == 0, "\(text)")
    #expect(scratch.list("logs") == ["app.log", "app.log.1"])
    try #require(Glibc.write(writer, "late\n", 5) == 5)
    close(writer)
    try scratch.append("two\n", to: "logs/app.log")
    #expect(try logrotate(config.replacing("rotate 1", with: "rotate 2")).code == 0)
    #expect(try scratch.unpacked("logs/app.log.2.gz") == "one\nlate\n")
    #expect(try scratch.unpacked("logs/app.log.1.gz") == "two\n")
  }

  @Test(
    "the daemon rotates the logs that it has, and the state file gets the time",
    .enabled(if: geteuid() == 0, "root is needed to put a socket into the place of the system's daemon"))
  func daemon() throws {
    try scratch.write("one\n", to: "logs/app.log")
    try scratch.write("two\n", to: "logs/other.log")
    let daemon = try RunningDaemon(
      scratch, scratch.job("app", "every = '1h'", "keep = 3"), environment: ["RUNTIME_DIRECTORY": scratch["rotated"]])
    try daemon.waitForSleep()
    try scratch.write(stanza("size 1\nrotate 1\nnocreate", log: "logs/*.log"), to: "config")
    // Root asks the system's daemon and no other, so this one has its place for this process alone.
    let place = "mount -t tmpfs none /run && mkdir /run/rotated && ln -s \"$0\" /run/rotated/control && exec \"$@\""
    let (code, text) = try Program.run(
      "unshare",
      [
        "--mount", "sh", "-c", place, scratch["rotated/control"], Program.rotatectl, "logrotate", "-s",
        scratch["status"], scratch["config"],
      ])
    #expect(code == 0, "\(text)")
    // The daemon's job makes a new log, the stanza does not.
    #expect(scratch.list("logs") == ["app.log", "app.log.1", "other.log.1"])
    #expect(scratch.read("status")?.contains(scratch["logs/app.log"]) == true)
    try daemon.stop()
  }
}

extension String {
  /// With one text instead of another.
  fileprivate func replacing(_ old: String, with new: String) -> String {
    guard let range = firstRange(of: old) else { return self }
    return self[..<range.lowerBound] + new + self[range.upperBound...]
  }

  private func firstRange(of text: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
