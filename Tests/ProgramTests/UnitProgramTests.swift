import Glibc
import Testing

/// The built daemon with a systemctl of the test's own in its path.
@Suite("The daemon notifies units")
struct UnitProgramTests {
  let tests: NoticeProgramTests
  var scratch: Scratch { tests.scratch }

  init() throws {
    tests = try NoticeProgramTests()
    try scratch.makeDirectory("bin")
    try scratch.write("x\n", to: "logs/app.log")
  }

  /// Starts the daemon where systemctl is this line for the shell.
  private func start(_ hooks: String, systemctl line: String) throws -> Program {
    try scratch.write("#!/bin/sh\n\(line)\n", to: "bin/systemctl")
    try #require(chmod(scratch["bin/systemctl"], 0o755) == 0)
    return try tests.start(tests.job(hooks), environment: ["PATH": "\(scratch["bin"]):/usr/bin:/bin"])
  }

  @Test("by systemctl, with the unit's name where no option is looked for, and with plain words")
  func command() throws {
    let variables =
      "$LC_ALL,$SYSTEMD_COLORS,$SYSTEMD_LOG_LEVEL,$SYSTEMD_OFFLINE,${SYSTEMD_PAGER-unset},${NOTIFY_SOCKET-unset}"
    let program = try start(
      "notify = [{ unit = \"app\", reload = true }, { unit = \"-H.service\", signal = \"USR1\" }]",
      systemctl: "echo \"$* \(variables)\" >>\(scratch["calls"])")
    let log = scratch["logs/app.log"]
    try program.waitForOutput("notified app.service (reload) of \(log)")
    try program.waitForOutput("notified -H.service (USR1) of \(log)")
    let calls = (scratch.read("calls") ?? "").split(separator: "\n").sorted()
    #expect(
      calls == [
        "--no-ask-password kill --kill-whom=main --signal=10 -- -H.service C,0,err,0,,unset",
        "--no-ask-password reload -- app.service C,0,err,0,,unset",
      ])
    try tests.stop(program)
  }

  @Test("a failure is reported once, in the first line of systemctl's words, and tried again until it succeeds")
  func failure() throws {
    let words = "Job for app.service failed because the control process exited with error code."
    let program = try start(
      "notify = { unit = \"app\", reload = true }",
      systemctl: "test -e \(scratch["ready"]) || { printf '%s\\n' '\(words)' 'See more.' >&2; exit 1; }")
    let head = "cannot notify app.service (reload) of \(scratch["logs/app.log"]): "
    try program.waitForOutput("\(head)systemctl: exit code 1: \(words); trying again")
    try eventually("a status that says so") {
      tests.socket.receive().contains { $0.contains { $0.contains("not notified: app.service (reload)") } }
    }
    try scratch.write("", to: "ready")
    try program.waitForOutput(", at attempt ")
    #expect(program.read().split(separator: "\n").count { $0.contains(words) } == 1, "\(program.text)")
    #expect(!program.text.contains("See more."))
    try tests.stop(program)
  }

  @Test("a systemctl that hangs holds up no rotation")
  func hang() throws {
    let program = try start(
      "notify = { unit = \"app\", reload = true }", systemctl: "echo $$ >\(scratch["pid"]); exec sleep 1000")
    try eventually("a systemctl; \(program.read())") { scratch.read("pid")?.hasSuffix("\n") == true }
    let systemctl = try #require(pid_t(scratch.read("pid")?.dropLast() ?? ""))
    try scratch.write("y\n", to: "logs/app.log")
    try eventually("another rotation; \(program.read())") { scratch.read("logs/app.log.1") == "y\n" }
    #expect(program.threads == 1)
    // As the daemon does at the limit.
    kill(-systemctl, SIGKILL)
    try program.waitForOutput("systemctl: killed by signal 9; trying again")
    program.send(SIGKILL)
    try program.waitForEnd()
    if let next = pid_t(scratch.read("pid")?.dropLast() ?? "") { kill(-next, SIGKILL) }
  }

  @Test("where there is no systemctl, and where no systemd runs, that is said")
  func missing() throws {
    let hook = tests.job("notify = { unit = \"rotated-test-none\", reload = true }")
    let head = "cannot notify rotated-test-none.service (reload) of \(scratch["logs/app.log"]): systemctl: "
    let lost = try tests.start(hook, environment: ["PATH": scratch["bin"]])
    try lost.waitForOutput("\(head)cannot start it: no such file or directory (ENOENT); trying again")
    try tests.stop(lost)
    // The real one.
    let program = try tests.start(hook)
    try program.waitForOutput("\(head)exit code ")
    if access("/run/systemd/system", F_OK) != 0 {
      try program.waitForOutput("System has not been booted with systemd as init system (PID 1). Can't operate.")
    }
    try tests.stop(program)
  }
}
