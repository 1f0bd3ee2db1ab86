import CLinux
import Glibc
import Testing

/// The built daemon, on real files and signals, with a notify socket in the place of systemd.
@Suite("The daemon")
struct DaemonTests {
  let scratch: Scratch
  let socket: NotifySocket

  init() throws {
    scratch = try Scratch()
    socket = try NotifySocket(scratch["notify"])
    try scratch.makeDirectory("logs")
  }

  func start(_ config: String, _ more: [String] = [], environment: [String: String] = [:]) throws -> Program {
    try scratch.write(config, to: "rotated.toml")
    var variables = ["NOTIFY_SOCKET": socket.path]
    variables.merge(environment) { $1 }
    return try Program(
      Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]] + more,
      environment: variables)
  }

  func stop(_ program: Program) throws {
    #expect(program.threads == 1)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0, "\(program.text)")
  }

  @Test("reports READY, rotates by interval up to what is kept, and stops with STOPPING and exit 0")
  func interval() throws {
    try scratch.write("a\n", to: "logs/app.log")
    let program = try start("[job.app]\nlogs = \"\(scratch["logs/app.log"])\"\nevery = \"200ms\"\nkeep = 2\n")
    let ready = try socket.wait(for: "READY=1")
    #expect(ready.contains { $0.hasPrefix("STATUS=1 job") })
    for content in ["b\n", "c\n", "d\n"] {
      try eventually("an empty live log") { scratch.read("logs/app.log") == "" }
      try scratch.append(content, to: "logs/app.log")
    }
    let end = ["app.log": "", "app.log.1": "d\n", "app.log.2": "c\n"]
    try eventually("two versions; there is \(scratch.contents("logs")); \(program.read())") {
      scratch.contents("logs") == end
    }
    try program.waitForOutput("rotated \(scratch["logs/app.log"]) (2B) to app.log.1: every 200ms")
    try stop(program)
    #expect(socket.receive().contains { $0.contains("STOPPING=1") })
    #expect(scratch.contents("logs") == end)
  }

  @Test("rotates by size only what has reached the limit, files of a pattern that are new too")
  func size() throws {
    try scratch.write("0123456789", to: "logs/big.log")
    try scratch.write("012345678", to: "logs/small.log")
    let program = try start(
      "[job.size]\nlogs = \"\(scratch["logs/*.log"])\"\nsize = 10\ncheck = \"50ms\"\nkeep = 3\n")
    try eventually("a version of big.log") { scratch.read("logs/big.log.1") == "0123456789" }
    try scratch.write("9876543210", to: "logs/new.log")
    try eventually("a version of new.log") { scratch.read("logs/new.log.1") == "9876543210" }
    #expect(scratch.list("logs") == ["big.log", "big.log.1", "new.log", "new.log.1", "small.log"])
    try stop(program)
  }

  @Test("gives the new log mode, owner and group of the old one, or what the config says")
  func attributes() throws {
    try scratch.write("x", to: "logs/kept.log")
    try scratch.write("x", to: "logs/set.log")
    #expect(chmod(scratch["logs/kept.log"], 0o604) == 0)
    let program = try start(
      """
      [defaults]
      size = 1
      check = "50ms"
      [job.kept]
      logs = "\(scratch["logs/kept.log"])"
      [job.set]
      logs = "\(scratch["logs/set.log"])"
      create = { mode = "0620" }
      [job.left]
      logs = "\(scratch["logs/left.log"])"
      create = false
      """)
    try scratch.write("x", to: "logs/left.log")
    try eventually("three archives") { scratch.list("logs").filter { $0.hasSuffix(".1") }.count == 3 }
    #expect(mode("logs/kept.log") == 0o604)
    #expect(mode("logs/set.log") == 0o620)
    #expect(scratch.read("logs/left.log") == nil)
    try stop(program)
  }

  private func mode(_ name: String) -> UInt32 {
    var status = stat()
    return stat(scratch[name], &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test("on SIGHUP takes a good config into use, and keeps the old one when the new one is bad")
  func reload() throws {
    let program = try start("[job.one]\nlogs = \"\(scratch["logs/one.log"])\"\nevery = \"1h\"\n")
    try socket.wait(for: "READY=1")
    try scratch.write(
      "[job.one]\nlogs = \"\(scratch["logs/one.log"])\"\nevery = \"1h\"\n"
        + "[job.two]\nlogs = \"\(scratch["logs/two.log"])\"\nsize = 1\ncheck = \"50ms\"\n", to: "rotated.toml")
    program.send(SIGHUP)
    let reloading = try socket.wait(for: "RELOADING=1")
    let microseconds = reloading.first { $0.hasPrefix("MONOTONIC_USEC=") }.flatMap { Int64($0.dropFirst(15)) }
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let age = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000 - (microseconds ?? 0)
    #expect(age >= 0 && age < 60_000_000)
    try socket.wait(for: "READY=1", times: 2)
    try program.waitForOutput("1 added, 0 changed, 0 removed, 1 unchanged")
    try scratch.write("x", to: "logs/two.log")
    try eventually("job two at work") { scratch.read("logs/two.log.1") == "x" }

    try scratch.write("[job.two]\nlogs = \"relative\"\nevry = \"1h\"\n", to: "rotated.toml")
    program.send(SIGHUP)
    let refused = try socket.wait(for: "READY=1", times: 3)
    #expect(refused.contains { $0.hasPrefix("STATUS=") && $0.contains("rejected") })
    try program.waitForOutput("rotated.toml:3:1:")
    try scratch.append("y", to: "logs/two.log")
    try eventually("job two still at work") { scratch.read("logs/two.log.2") == "x" }
    try stop(program)
  }

  @Test("a reload does not wait for a pipe in the place of the config")
  func pipeAsConfig() throws {
    let program = try start("[job.one]\nlogs = \"\(scratch["logs/one.log"])\"\nevery = \"200ms\"\n")
    try socket.wait(for: "READY=1")
    #expect(unlink(scratch["rotated.toml"]) == 0 && mkfifo(scratch["rotated.toml"], 0o600) == 0)
    program.send(SIGHUP)
    try program.waitForOutput("rotated.toml:1:1: cannot be read again: it is not a regular file")
    try socket.wait(for: "READY=1", times: 2)
    try scratch.write("x", to: "logs/one.log")
    try eventually("the old config at work") { scratch.read("logs/one.log.1") == "x" }
    try stop(program)
  }

  @Test("on SIGUSR1 looks at every job now")
  func lookNow() throws {
    let program = try start("[job.one]\nlogs = \"\(scratch["logs/one.log"])\"\nsize = 1\ncheck = \"1h\"\n")
    try socket.wait(for: "READY=1")
    try scratch.write("x", to: "logs/one.log")
    program.send(SIGUSR1)
    try eventually("a version") { scratch.read("logs/one.log.1") == "x" }
    try stop(program)
  }

  @Test("refuses to start on a state that another daemon holds, naming its pid")
  func secondDaemon() throws {
    let config = "[job.one]\nlogs = \"\(scratch["logs/one.log"])\"\nevery = \"1h\"\n"
    let first = try start(config)
    try socket.wait(for: "READY=1")
    let second = try start(config)
    #expect(try second.waitForEnd() == 1)
    #expect(second.text.contains("pid \(first.pid)"), "\(second.text)")
    let rotate = try Program.run(
      Program.rotatectl, ["rotate", "--config", scratch["rotated.toml"], "--state", scratch["state"]])
    #expect(rotate.code != 0)
    #expect(rotate.text.contains("pid \(first.pid)"), "\(rotate.text)")
    try stop(first)
  }

  @Test("does not wake up while nothing is due")
  func idle() throws {
    let jobs = (0..<10).map { "[job.j\($0)]\nlogs = \"\(scratch["logs/\($0).log"])\"\nevery = \"1h\"\n" }
    let program = try start(jobs.joined())
    try socket.wait(for: "READY=1")
    // It may still be on its way from READY to its first wait.
    try eventually("a sleeping daemon") {
      readWholeFile("/proc/\(program.pid)/wchan")?.contains("epoll") == true
        || readWholeFile("/proc/\(program.pid)/stat")?.contains(") S ") == true
    }
    let before = try #require(program.voluntarySwitches)
    usleep(1_500_000)
    #expect(program.voluntarySwitches == before)
    try stop(program)
  }

  @Test("pings the watchdog before half its time is over, and not when no watchdog is wanted")
  func watchdog() throws {
    let config = "[job.one]\nlogs = \"\(scratch["logs/one.log"])\"\nevery = \"1h\"\n"
    let program = try start(config, environment: ["WATCHDOG_USEC": "400000"])
    try socket.wait(for: "WATCHDOG=1", times: 4)
    try stop(program)
    let before = socket.receive().count { $0.contains("WATCHDOG=1") }
    let quiet = try start(config)
    try socket.wait(for: "READY=1", times: 2)
    try stop(quiet)
    #expect(socket.receive().count { $0.contains("WATCHDOG=1") } == before)
  }

  @Test("goes on after SIGKILL with what the disk and the state say")
  func killed() throws {
    try scratch.write("x", to: "logs/one.log")
    let config = "[job.one]\nlogs = \"\(scratch["logs/one.log"])\"\nevery = \"1h\"\nsize = 1\ncheck = \"1h\"\n"
    let first = try start(config)
    try eventually("a version") { scratch.read("logs/one.log.1") == "x" }
    first.send(SIGKILL)
    #expect(try first.waitForEnd() == 128 + SIGKILL)
    let second = try start(config)
    try socket.wait(for: "READY=1", times: 2)
    #expect(!second.read().contains("damaged"), "\(second.text)")
    try stop(second)
    #expect(scratch.contents("logs") == ["one.log": "", "one.log.1": "x"])
  }

  @Test("reports a damaged state, keeps a copy, and goes on")
  func damagedState() throws {
    try scratch.makeDirectory("state")
    try scratch.write("rotated state 1\nnot a record\n", to: "state/state")
    let program = try start("[job.one]\nlogs = \"\(scratch["logs/one.log"])\"\nevery = \"1h\"\n")
    try socket.wait(for: "READY=1")
    try program.waitForOutput("1 damaged record")
    #expect(scratch.read("state/state.damaged") == "rotated state 1\nnot a record\n")
    try stop(program)
  }
}
