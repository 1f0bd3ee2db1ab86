import Glibc
import Testing

/// The built daemon and the built tool, with real writers and real commands.
@Suite("The daemon tells writers")
struct NoticeProgramTests {
  let scratch: Scratch
  let socket: NotifySocket

  init() throws {
    scratch = try Scratch()
    socket = try NotifySocket(scratch["notify"])
    try scratch.makeDirectory("logs")
  }

  func start(_ config: String, environment: [String: String] = [:]) throws -> Program {
    try scratch.write(config, to: "rotated.toml")
    return try Program(
      Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]],
      environment: ["NOTIFY_SOCKET": socket.path].merging(environment) { $1 })
  }

  func stop(_ program: Program) throws {
    #expect(program.threads == 1)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0, "\(program.text)")
  }

  func job(_ more: String, every: String = "every = \"200ms\"") -> String {
    "[job.app]\nlogs = \"\(scratch["logs/app.log"])\"\nkeep = 500\n\(every)\n\(more)\n"
  }

  @Test("a writer that reopens its log at HUP has every line in the log or an archive, once and in order")
  func pidFile() throws {
    // The shell opens the log again between two lines.
    try scratch.write(
      """
      log=$1; exec 3>>"$log"; trap 'exec 3>>"$log"' HUP; echo $$ >"$2"
      n=0; while [ ! -e "$3" ]; do n=$((n + 1)); echo "line $n" >&3; done; echo $n >"$3"
      """, to: "writer.sh")
    let writer = try Program(
      "/bin/sh", [scratch["writer.sh"], scratch["logs/app.log"], scratch["pid"], scratch["end"]])
    try eventually("a pidfile") { scratch.read("pid")?.hasSuffix("\n") == true }
    let program = try start(job("notify = { pidfile = \"\(scratch["pid"])\", signal = \"HUP\" }\ncompress = \"gzip\""))
    try eventually("five archives that are compressed; \(program.read())") {
      _ = socket.receive()
      return scratch.list("logs").count { $0.hasSuffix(".gz") } >= 5
    }
    try program.waitForOutput("job app: notified \(scratch["pid"]) (HUP) of \(scratch["logs/app.log"])")
    try scratch.write("", to: "end")
    #expect(try writer.waitForEnd() == 0)
    try stop(program)
    let last = try #require(Int(scratch.read("end")?.dropLast() ?? ""))
    let archives = scratch.list("logs").sorted { number(of: $0) > number(of: $1) }
    let (code, text) = try Program.run(
      "/bin/sh",
      ["-c", "for f; do case $f in *.gz) zcat $f;; *) cat $f;; esac; done", "sh"]
        + archives.map { scratch["logs/\($0)"] })
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
    let program = try start(
      job("before = { command = [\"true\"] }\nnotify = { command = [\"true\"] }\nif-empty = true"))
    try scratch.write("x\n", to: "logs/app.log")
    try eventually("archives; \(program.read())") { scratch.list("logs").count >= 4 }
    let after = names(in: "/proc/\(program.pid)/fd").count
    try eventually("more archives") {
      // A full socket would hold up the daemon.
      _ = socket.receive()
      return scratch.list("logs").count >= 14
    }
    // Those of children that run right now come and go.
    try eventually("as few descriptors as \(after) again") {
      _ = socket.receive()
      return names(in: "/proc/\(program.pid)/fd").count <= after
    }
    try stop(program)
  }

  @Test("a command finds job, log and archive in its environment, and no notify socket; its output is told")
  func environment() throws {
    try scratch.write("x\n", to: "logs/app.log")
    let program = try start(
      job(
        "notify = { shell = 'echo \"$ROTATED_JOB,$ROTATED_LOG,$ROTATED_ARCHIVE,$ROTATED_COUNT,${NOTIFY_SOCKET-none}\"' }"
      ))
    let log = scratch["logs/app.log"]
    try program.waitForOutput("app,\(log),\(log).1,1,none")
    try stop(program)
  }

  @Test("a notice that hangs is killed at its limit, with everything it has started, and other jobs go on meanwhile")
  func hangs() throws {
    try scratch.write("x\n", to: "logs/app.log")
    try scratch.write("x\n", to: "logs/free.log")
    let hang = "sleep 1000 & echo $! >\(scratch["grandchild"]); wait; wait"
    let program = try start(
      job("notify = { shell = '\(hang)', timeout = \"1s\" }")
        + "[job.free]\nlogs = \"\(scratch["logs/free.log"])\"\nevery = \"200ms\"\n")
    try eventually("a grandchild; \(program.read())") { scratch.read("grandchild")?.hasSuffix("\n") == true }
    let grandchild = try #require(pid_t(scratch.read("grandchild")?.dropLast() ?? ""))
    try eventually("a version of free.log") { scratch.read("logs/free.log.1") == "x\n" }
    #expect(program.threads == 1)
    try program.waitForOutput("killed, as it took longer than 1s")
    try eventually("the end of the grandchild") {
      let state = readWholeFile("/proc/\(grandchild)/stat")?.split(separator: " ")[2]
      return state == nil || state == "Z" || state == "X"
    }
    // It is tried again; the stop has its own bound.
    program.send(SIGKILL)
    try program.waitForEnd()
  }

  @Test("where `before` fails nothing is rotated, and it is said; when it succeeds again, the log is")
  func before() throws {
    try scratch.write("x\n", to: "logs/app.log")
    let program = try start(job("before = { shell = 'echo called; test -e \(scratch["ready"])' }"))
    try program.waitForOutput("nothing is rotated: before")
    try program.waitForOutput("exit code 1: called")
    #expect(scratch.list("logs") == ["app.log"])
    try scratch.write("", to: "ready")
    try eventually("a version; \(program.read())") { scratch.read("logs/app.log.1") == "x\n" }
    try stop(program)
  }

  @Test("a stop waits for a notice that runs")
  func stopWaits() throws {
    try scratch.write("x\n", to: "logs/app.log")
    let program = try start(
      job("notify = { shell = 'echo >\(scratch["begun"]); sleep 1; echo >\(scratch["done"])' }"))
    try eventually("a notice") { scratch.read("begun") != nil }
    #expect(scratch.read("done") == nil)
    try stop(program)
    #expect(scratch.read("done") != nil)
    #expect(socket.receive().contains { $0.contains { $0.hasPrefix("EXTEND_TIMEOUT_USEC=") } })
  }

  @Test("a daemon that is killed before the notice has succeeded tells it at its next start, and then no more")
  func killed() throws {
    try scratch.write("x\n", to: "logs/app.log")
    let config = job(
      "notify = { shell = 'echo $ROTATED_ARCHIVE >>\(scratch["told"]); test -e \(scratch["ready"])' }",
      every: "size = 1\ncheck = \"50ms\"")
    let first = try start(config)
    try first.waitForOutput("cannot notify")
    #expect(first.threads == 1)
    first.send(SIGKILL)
    try first.waitForEnd()
    try scratch.write("", to: "ready")
    try scratch.write("", to: "told")
    let second = try start(config)
    try second.waitForOutput("job app: notified 'echo")
    #expect(scratch.read("told") == scratch["logs/app.log.1"] + "\n")
    try stop(second)
    let third = try start(config)
    try third.waitForOutput("started with")
    try stop(third)
    #expect(scratch.read("told") == scratch["logs/app.log.1"] + "\n")
  }

  @Test("rotatectl rotate runs `before` and the notices, and ends with 1 where one fails")
  func byHand() throws {
    let log = scratch["logs/app.log"]
    func rotate(_ more: String) throws -> (code: Int32, text: String) {
      try scratch.write("x\n", to: "logs/app.log")
      try scratch.write(job(more), to: "rotated.toml")
      return try Program.run(
        Program.rotatectl, ["rotate", "--config", scratch["rotated.toml"], "--state", scratch["state"]])
    }
    let good = try rotate("before = { shell = 'echo first' }\nnotify = { shell = 'echo then $ROTATED_ARCHIVE' }")
    #expect(good.code == 0, "\(good.text)")
    for text in [
      "first", "job app: rotated \(log) (2B) to app.log.1: by hand, in ", "then \(log).1",
      "job app: notified 'echo then",
    ] {
      #expect(good.text.contains(text), "\(good.text)")
    }
    let failing = try rotate("notify = [{ shell = 'exit 3' }, { pidfile = \"/nonexistent\", signal = \"HUP\" }]")
    #expect(failing.code == 1)
    #expect(
      failing.text.contains("job app: cannot notify 'exit 3' of \(log): exit code 3; it is notified at the next start"),
      "\(failing.text)")
    #expect(failing.text.contains("job app: cannot notify /nonexistent (HUP) of \(log): "), "\(failing.text)")
    let refused = try rotate("before = { shell = 'exit 4' }")
    #expect(refused.code == 1)
    #expect(refused.text.contains("job app: nothing is rotated: before 'exit 4': exit code 4"), "\(refused.text)")
    #expect(scratch.read("logs/app.log") == "x\n")
  }
}
