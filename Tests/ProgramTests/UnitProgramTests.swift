import Glibc
import Testing

/// The built daemon with a systemctl of the test's own in its path.
@Suite("The daemon notifies units")
struct UnitProgramTests {
  let scratch = Scratch()

  /// Starts a daemon that rotates a log, where systemctl is this line for the shell.
  private func start(_ hooks: String, systemctl line: String) throws -> RunningDaemon {
    try scratch.makeDirectory("bin")
    try scratch.write("#!/bin/sh\n\(line)\n", to: "bin/systemctl")
    try #require(chmod(scratch["bin/systemctl"], 0o755) == 0)
    return try start(hooks, path: "\(scratch["bin"]):/usr/bin:/bin")
  }

  private func start(_ hooks: String, path: String) throws -> RunningDaemon {
    try scratch.append("x\n", to: "logs/app.log")
    return try RunningDaemon(
      scratch, scratch.job("app", "keep = 500", "every = '200ms'", hooks), environment: ["PATH": path])
  }

  @Test("by systemctl, with the unit's name in a position where no option is read, and with plain messages")
  func command() throws {
    let variables =
      "$LC_ALL,$SYSTEMD_COLORS,$SYSTEMD_LOG_LEVEL,$SYSTEMD_OFFLINE,${SYSTEMD_PAGER-unset},${NOTIFY_SOCKET-unset}"
    let daemon = try start(
      "notify = [{ unit = 'app', reload = true }, { unit = '-H.service', signal = 'USR1' }]",
      systemctl: "echo \"$* \(variables)\" >>\(scratch["calls"])")
    let log = scratch["logs/app.log"]
    try daemon.waitForOutput("notified app.service (reload) of \(log)")
    try daemon.waitForOutput("notified -H.service (USR1) of \(log)")
    let calls = (scratch.read("calls") ?? "").split(separator: "\n").sorted()
    #expect(
      calls == [
        "--no-ask-password kill --kill-whom=main --signal=10 -- -H.service C,0,err,0,,unset",
        "--no-ask-password reload -- app.service C,0,err,0,,unset",
      ])
    try daemon.stop()
  }

  @Test("a failure is reported once, with the first line of systemctl's output, and tried again until it succeeds")
  func failure() throws {
    let words = "Job for app.service failed because the control process exited with error code."
    let daemon = try start(
      "notify = { unit = 'app', reload = true }",
      systemctl: "test -e \(scratch["ready"]) || { printf '%s\\n' '\(words)' 'See more.' >&2; exit 1; }")
    let head = "cannot notify app.service (reload) of \(scratch["logs/app.log"]): "
    try daemon.waitForOutput("\(head)systemctl: exit code 1: \(words); trying again")
    try daemon.waitForStatus("not notified: app.service (reload)")
    try scratch.write("", to: "ready")
    try daemon.waitForOutput(", at attempt ")
    #expect(daemon.count(of: words) == 1, "\(daemon.text)")
    #expect(!daemon.text.contains("See more."))
    try daemon.stop()
  }

  @Test("a systemctl that hangs delays no rotation")
  func hang() throws {
    let daemon = try start(
      "notify = { unit = 'app', reload = true }", systemctl: "echo $$ >\(scratch["pid"]); exec sleep 1000")
    try daemon.eventually("a systemctl") { scratch.read("pid")?.hasSuffix("\n") == true }
    let systemctl = try #require(pid_t(scratch.read("pid")?.dropLast() ?? ""))
    try scratch.write("y\n", to: "logs/app.log")
    try daemon.waitFor("logs/app.log.1", "y\n")
    // As the daemon does at the time limit.
    kill(-systemctl, SIGKILL)
    try daemon.waitForOutput("systemctl: killed by signal 9; trying again")
    try daemon.kill()
    if let next = pid_t(scratch.read("pid")?.dropLast() ?? "") { kill(-next, SIGKILL) }
  }

  @Test("a missing systemctl, and a missing systemd, is reported")
  func missing() throws {
    let notice = "notify = { unit = 'rotated-test-none', reload = true }"
    let head = "cannot notify rotated-test-none.service (reload) of \(scratch["logs/app.log"]): systemctl: "
    let lost = try start(notice, path: scratch["bin"])
    try lost.waitForOutput("\(head)cannot start it: no such file or directory (ENOENT); trying again")
    try lost.stop()
    // The real one, with which the next start sends what is owed.
    let daemon = try RunningDaemon(scratch)
    try daemon.waitForOutput("\(head)exit code ")
    if access("/run/systemd/system", F_OK) != 0 {
      try daemon.waitForOutput("System has not been booted with systemd as init system (PID 1). Can't operate.")
    }
    try daemon.stop()
  }
}
