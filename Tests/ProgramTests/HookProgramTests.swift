import Glibc
import Testing

/// The built daemon and the built tool, with real writers and real commands.
@Suite("The daemon notifies writers")
struct HookProgramTests {
  let scratch = Scratch()

  private func job(_ more: String, every: String = "every = '200ms'") -> String {
    scratch.job("app", "keep = 500", every, more)
  }

  @Test("a writer that reopens its log at HUP has every line in the log or an archive, once and in order")
  func pidFile() throws {
    // The shell opens the log again between two lines.
    let script = """
      log=$1; exec 3>>"$log"; trap 'exec 3>>"$log"' HUP; echo $$ >"$2"
      n=0; while [ ! -e "$3" ]; do n=$((n + 1)); echo "line $n" >&3; done; echo $n >"$3"
      """
    let writer = try Program(
      "/bin/sh", ["-c", script, "sh", scratch["logs/app.log"], scratch["pid"], scratch["end"]])
    try eventually("a pidfile") { scratch.read("pid")?.hasSuffix("\n") == true }
    let daemon = try RunningDaemon(
      scratch, job("notify = { pidfile = '\(scratch["pid"])', signal = 'HUP' }\ncompress = 'gzip'"))
    try daemon.eventually("five archives that are compressed") {
      scratch.list("logs").count { $0.hasSuffix(".gz") } >= 5
    }
    try daemon.waitForOutput("job app: notified \(scratch["pid"]) (HUP) of \(scratch["logs/app.log"])")
    try scratch.write("", to: "end")
    #expect(try writer.waitForEnd() == 0)
    try daemon.stop()
    let last = try #require(Int(scratch.read("end")?.dropLast() ?? ""))
    let archives = scratch.list("logs").sorted { number(of: $0) > number(of: $1) }
    let (code, text) = try Program.run("zcat", ["-f"] + archives.map { scratch["logs/\($0)"] })
    #expect(code == 0)
    let lines = text.split(separator: "\n")
    #expect(lines.count == last)
    #expect(lines.elementsEqual((1...last).lazy.map { "line \($0)" }, by: { $0 == $1 }))
  }

  /// 0 for the live log.
  private func number(of name: String) -> Int {
    Int(name.split(separator: ".").dropFirst(2).first ?? "") ?? 0
  }

  @Test("commands that have ended leave no descriptor open in the daemon")
  func descriptors() throws {
    let daemon = try RunningDaemon(
      scratch, job("before = { command = ['true'] }\nnotify = { command = ['true'] }\nif-empty = true"))
    try scratch.write("x\n", to: "logs/app.log")
    try daemon.eventually("archives") { scratch.list("logs").count >= 4 }
    let after = daemon.descriptors
    try daemon.eventually("more archives") { scratch.list("logs").count >= 14 }
    // Those of children that run right now come and go.
    try daemon.eventually("as few descriptors as \(after) again") { daemon.descriptors <= after }
    try daemon.stop()
  }

  @Test("a command finds job, log and archive in its environment, and no notify socket; its output is reported")
  func environment() throws {
    try scratch.write("x\n", to: "logs/app.log")
    let variables = "$ROTATED_JOB,$ROTATED_LOG,$ROTATED_ARCHIVE,$ROTATED_COUNT,${NOTIFY_SOCKET-none}"
    let daemon = try RunningDaemon(scratch, job("notify = { shell = 'echo \"\(variables)\"' }"))
    let log = scratch["logs/app.log"]
    try daemon.waitForOutput("app,\(log),\(log).1,1,none")
    try daemon.stop()
  }

  @Test(
    "a hook that hangs is killed at its limit, with everything that it has started, and other jobs continue meanwhile")
  func hangs() throws {
    for name in ["app", "free"] { try scratch.write("x\n", to: "logs/\(name).log") }
    let hang = "sleep 1000 & echo $! >\(scratch["grandchild"]); wait; wait"
    let daemon = try RunningDaemon(
      scratch, job("notify = { shell = '\(hang)', timeout = '1s' }") + scratch.job("free", "every = '200ms'"))
    try daemon.eventually("a grandchild") { scratch.read("grandchild")?.hasSuffix("\n") == true }
    let grandchild = try #require(pid_t(scratch.read("grandchild")?.dropLast() ?? ""))
    try daemon.waitFor("logs/free.log.1", "x\n")
    try daemon.waitForOutput("killed, as it took longer than 1s")
    try daemon.eventually("the end of the grandchild") {
      let state = readWholeFile("/proc/\(grandchild)/stat")?.split(separator: " ")[2]
      return state == nil || state == "Z" || state == "X"
    }
    // It is tried again; the stop has its own bound.
    try daemon.kill()
  }

  @Test("if `before` fails, nothing is rotated, and it is reported; when it succeeds again, the log is rotated")
  func before() throws {
    try scratch.write("x\n", to: "logs/app.log")
    let daemon = try RunningDaemon(
      scratch, job("before = { shell = 'echo called; test -e \(scratch["ready"])' }"))
    try daemon.waitForOutput("not rotated: the `before` command ")
    try daemon.waitForOutput("exit code 1: called")
    #expect(scratch.list("logs") == ["app.log"])
    try scratch.write("", to: "ready")
    try daemon.waitFor("logs/app.log.1", "x\n")
    try daemon.stop()
  }

  @Test("a stop waits for a hook that runs")
  func stopWaits() throws {
    try scratch.write("x\n", to: "logs/app.log")
    try #require(mkfifo(scratch["go"], 0o600) == 0)
    let daemon = try RunningDaemon(
      scratch,
      job("notify = { shell = 'echo >\(scratch["begun"]); read x <\(scratch["go"]); echo >\(scratch["done"])' }"))
    try daemon.eventually("a notice") { scratch.read("begun") != nil }
    daemon.send(SIGTERM)
    try daemon.waitForMessage("STOPPING=1")
    try daemon.eventually("a longer time for the stop") {
      daemon.socket.messages.joined().contains { $0.hasPrefix("EXTEND_TIMEOUT_USEC=") }
    }
    #expect(scratch.read("done") == nil)
    try scratch.append("\n", to: "go")
    #expect(try daemon.waitForEnd() == 0, "\(daemon.text)")
    #expect(scratch.read("done") != nil)
  }

  @Test("a daemon that is killed before the hook has succeeded sends it at its next start, and then no more")
  func killed() throws {
    try scratch.write("x\n", to: "logs/app.log")
    let config = job(
      "notify = { shell = 'echo $ROTATED_ARCHIVE >>\(scratch["calls"]); test -e \(scratch["ready"])' }",
      every: "size = 1\ncheck = '50ms'")
    let killed = try RunningDaemon(scratch, config)
    try killed.waitForOutput("cannot notify")
    try killed.kill()
    try scratch.write("", to: "ready")
    try scratch.write("", to: "calls")
    let second = try RunningDaemon(scratch)
    try second.waitForOutput("job app: notified 'echo")
    #expect(scratch.read("calls") == scratch["logs/app.log.1"] + "\n")
    try second.stop()
    try RunningDaemon(scratch).stop()
    #expect(scratch.read("calls") == scratch["logs/app.log.1"] + "\n")
  }

  @Test("rotatectl rotate runs `before` and the hooks, and ends with 1 if one fails")
  func byHand() throws {
    let log = scratch["logs/app.log"]
    func rotate(_ more: String) throws -> (code: Int32, text: String) {
      try scratch.write("x\n", to: "logs/app.log")
      try scratch.write(job(more), to: "rotated.toml")
      return try scratch.rotatectl("rotate")
    }
    let good = try rotate("before = { shell = 'echo first' }\nnotify = { shell = 'echo then $ROTATED_ARCHIVE' }")
    #expect(good.code == 0, "\(good.text)")
    for text in [
      "first", "job app: rotated \(log) (2B) to app.log.1: by hand, in ", "then \(log).1",
      "job app: notified 'echo then",
    ] {
      #expect(good.text.contains(text), "\(good.text)")
    }
    let failing = try rotate("notify = [{ shell = 'exit 3' }, { pidfile = '/nonexistent', signal = 'HUP' }]")
    #expect(failing.code == 1)
    #expect(
      failing.text.contains("job app: cannot notify 'exit 3' of \(log): exit code 3; it is notified at the next start"),
      "\(failing.text)")
    #expect(failing.text.contains("job app: cannot notify /nonexistent (HUP) of \(log): "), "\(failing.text)")
    let refused = try rotate("before = { shell = 'exit 4' }")
    #expect(refused.code == 1)
    #expect(
      refused.text.contains("job app: not rotated: the `before` command 'exit 4' failed: exit code 4"),
      "\(refused.text)")
    #expect(scratch.read("logs/app.log") == "x\n")
  }
}
