import Glibc
import Testing

@Suite("rotatectl doctor")
struct CommandDoctorTests {
  let scratch = Scratch()

  /// Runs doctor on `rotated.toml`, with the other programs' settings of an empty machine that the test fills.
  private func doctor(_ more: String...) throws -> (code: Int32, text: String) {
    try scratch.rotatectl("doctor", ["--root", scratch["root"]] + more)
  }

  private func makeMachine() throws {
    for directory in ["root", "root/etc", "root/etc/logrotate.d", "root/etc/cron.daily", "root/etc/tmpfiles.d"] {
      try scratch.makeDirectory(directory)
    }
    try scratch.write("line\n", to: "logs/app.log")
    try scratch.write(scratch.job("app", "every = '1h'"), to: "rotated.toml")
  }

  @Test("a healthy machine has no findings, exits with 0, and is left as it was")
  func healthy() throws {
    try makeMachine()
    let (code, text) = try doctor()
    #expect(code == 0, "\(text)")
    #expect(text.contains("Nothing found that will go wrong.\n"), "\(text)")
    #expect(text.contains("not checked: inotify"), "\(text)")
    #expect(scratch.list("logs") == ["app.log"])
    #expect(scratch.list() == ["logs", "root", "rotated.toml"])
  }

  @Test("logrotate, tmpfiles.d and open directories are found with their place, and exit with 1, in text as in JSON")
  func others() throws {
    try makeMachine()
    try scratch.write("#!/bin/sh\n", to: "root/etc/cron.daily/logrotate")
    let stanza = "# ours\n\(scratch["logs"])/*.log {\n  daily\n}\n"
    try scratch.write(stanza, to: "root/etc/logrotate.d/app")
    try scratch.write(stanza, to: "root/etc/logrotate.d/app.dpkg-old")
    #expect(try !doctor().text.contains("rotates it"))
    try scratch.write("weekly\ninclude /etc/logrotate.d\n", to: "root/etc/logrotate.conf")
    // run-parts(8) leaves out what cannot be executed.
    #expect(try !doctor().text.contains("rotates it"))
    try #require(chmod(scratch["root/etc/cron.daily/logrotate"], 0o755) == 0)
    try scratch.write("e \(scratch["logs"]) - - - 7d\n", to: "root/etc/tmpfiles.d/app.conf")
    try #require(chmod(scratch["logs"], 0o777) == 0)
    let (code, text) = try doctor()
    #expect(code == 1)
    let path = scratch["logs/app.log"]
    #expect(
      text.contains(
        "error: job app, \(path): logrotate (/etc/cron.daily/logrotate) rotates it, too: /etc/logrotate.d/app:2"),
      "\(text)")
    #expect(text.contains("systemd-tmpfiles removes what was not used for 7d"), "\(text)")
    #expect(text.contains("every user can rename and remove"), "\(text)")
    #expect(text.contains("-> chmod o-w \(scratch["logs"])"), "\(text)")
    #expect(text.contains("1 error, 2 warnings\n"), "\(text)")
    let json = try doctor("--json", "app")
    let objects = json.text.split(separator: "\n").filter { $0.hasPrefix("{") }
    #expect(json.code == 1 && objects.count == 3)
    #expect(
      objects.first?.hasPrefix("{\"severity\":\"error\",\"check\":\"rotators\",\"job\":\"app\",\"path\":") == true)
  }

  @Test("a writer without O_APPEND to a log that is truncated is named")
  func offsetWriter() throws {
    try makeMachine()
    try scratch.write(scratch.job("app", "every = '1h'", "method = 'truncate'"), to: "rotated.toml")
    #expect(try doctor().code == 0)
    let writer = try Program("sh", ["-c", "exec 3<>\(scratch["logs/app.log"]); echo ready; read -r _ <&3; sleep 60"])
    try writer.waitForOutput("ready")
    let (code, text) = try doctor()
    #expect(code == 1 && text.contains("pid \(writer.pid) ("), "\(text)")
    #expect(text.contains("without O_APPEND"), "\(text)")
  }

  @Test("a log that is append-only is found, where the file system has such a flag")
  func appendOnly() throws {
    try makeMachine()
    guard try Program.run("chattr", ["+a", scratch["logs/app.log"]]).code == 0 else { return }
    defer { _ = try? Program.run("chattr", ["-a", scratch["logs/app.log"]]) }
    let (code, text) = try doctor()
    #expect(code == 1 && text.contains("the log is append-only"), "\(text)")
    #expect(text.contains("-> chattr -a \(scratch["logs/app.log"])"), "\(text)")
  }

  @Test("a config with errors exits with 78, a job that is none with 64, a log that no job has with 1")
  func misuse() throws {
    try makeMachine()
    #expect(try doctor("ap").code == 64)
    let (code, text) = try doctor("/none.log")
    #expect(code == 1 && text.contains("no job has /none.log"), "\(text)")
    try scratch.write("[job.a]\n", to: "rotated.toml")
    #expect(try doctor().code == 78)
  }
}
