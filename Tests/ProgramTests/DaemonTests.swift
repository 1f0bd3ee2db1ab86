import Glibc
import Testing

/// The built daemon, on real files and signals, with a notify socket in the place of systemd.
@Suite("The daemon")
struct DaemonTests {
  let scratch = Scratch()
  /// A job that is not due while a test runs.
  var quiet: String { scratch.job("one", "every = '1h'") }

  @Test("reports READY, rotates by interval up to what is kept, and stops with STOPPING and exit 0")
  func interval() throws {
    try scratch.write("a\n", to: "logs/app.log")
    let daemon = try RunningDaemon(scratch, scratch.job("app", "every = '200ms'", "keep = 2"))
    #expect(try daemon.waitForMessage("READY=1").contains { $0.hasPrefix("STATUS=1 job") })
    for content in ["b\n", "c\n", "d\n"] {
      try daemon.waitFor("logs/app.log", "")
      try scratch.append(content, to: "logs/app.log")
    }
    let end = ["app.log": "", "app.log.1": "d\n", "app.log.2": "c\n"]
    try daemon.waitForContents(end)
    try daemon.waitForOutput("rotated \(scratch["logs/app.log"]) (2B) to app.log.1: every 200ms")
    try daemon.stop()
    #expect(daemon.socket.receive().contains { $0.contains("STOPPING=1") })
    #expect(scratch.contents("logs") == end)
  }

  @Test("rotates by size only what has reached the limit, including new files of a pattern")
  func size() throws {
    try scratch.write("0123456789", to: "logs/big.log")
    try scratch.write("012345678", to: "logs/small.log")
    let daemon = try RunningDaemon(
      scratch, scratch.job("size", logs: "logs/*.log", "size = 10", "check = '50ms'", "keep = 3"))
    try daemon.waitFor("logs/big.log.1", "0123456789")
    try scratch.write("9876543210", to: "logs/new.log")
    try daemon.waitFor("logs/new.log.1", "9876543210")
    #expect(scratch.list("logs") == ["big.log", "big.log.1", "new.log", "new.log.1", "small.log"])
    try daemon.stop()
  }

  @Test("gives the new log mode, owner and group of the old one, or what the config says")
  func attributes() throws {
    for name in ["kept", "set", "left"] { try scratch.write("x", to: "logs/\(name).log") }
    #expect(chmod(scratch["logs/kept.log"], 0o604) == 0)
    let daemon = try RunningDaemon(
      scratch,
      "[defaults]\nsize = 1\ncheck = '50ms'\n" + scratch.job("kept")
        + scratch.job("set", "create = { mode = '0620' }") + scratch.job("left", "create = false"))
    try daemon.eventually("three archives") { scratch.list("logs").count { $0.hasSuffix(".1") } == 3 }
    #expect(try scratch.status("logs/kept.log").st_mode & 0o7777 == 0o604)
    #expect(try scratch.status("logs/set.log").st_mode & 0o7777 == 0o620)
    #expect(scratch.read("logs/left.log") == nil)
    try daemon.stop()
  }

  @Test("on SIGHUP uses a good config, and keeps the old one if the new one has errors")
  func reload() throws {
    let daemon = try RunningDaemon(scratch, quiet)
    try scratch.write(quiet + scratch.job("two", "size = 1", "check = '50ms'"), to: "rotated.toml")
    daemon.send(SIGHUP)
    let reloading = try daemon.waitForMessage("RELOADING=1")
    let microseconds = reloading.first { $0.hasPrefix("MONOTONIC_USEC=") }.flatMap { Int64($0.dropFirst(15)) }
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let age = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000 - (microseconds ?? 0)
    #expect(age >= 0 && age < 60_000_000)
    try daemon.waitForMessage("READY=1", times: 2)
    try daemon.waitForOutput("1 added (two), 0 changed, 0 removed, 1 unchanged")
    try scratch.write("x", to: "logs/two.log")
    try daemon.waitFor("logs/two.log.1", "x")

    try scratch.write("[job.two]\nlogs = 'relative'\nevry = '1h'\n", to: "rotated.toml")
    daemon.send(SIGHUP)
    let refused = try daemon.waitForMessage("READY=1", times: 3)
    #expect(refused.contains { $0.hasPrefix("STATUS=") && $0.contains("rejected") })
    try daemon.waitForOutput("rotated.toml:3:1:")
    try scratch.append("y", to: "logs/two.log")
    try daemon.waitFor("logs/two.log.2", "x")
    try daemon.stop()
  }

  @Test("a reload does not wait for a pipe in the place of the config")
  func pipeAsConfig() throws {
    let daemon = try RunningDaemon(scratch, scratch.job("one", "every = '200ms'"))
    #expect(unlink(scratch["rotated.toml"]) == 0 && mkfifo(scratch["rotated.toml"], 0o600) == 0)
    daemon.send(SIGHUP)
    try daemon.waitForOutput("rotated.toml:1:1: cannot be read again: it is neither a regular file nor a directory")
    try daemon.waitForMessage("READY=1", times: 2)
    try scratch.write("x", to: "logs/one.log")
    try daemon.waitFor("logs/one.log.1", "x")
    try daemon.stop()
  }

  @Test("on SIGUSR1 checks every job now")
  func lookNow() throws {
    let daemon = try RunningDaemon(scratch, scratch.job("one", "size = 1", "check = '1h'"))
    try scratch.write("x", to: "logs/one.log")
    daemon.send(SIGUSR1)
    try daemon.waitFor("logs/one.log.1", "x")
    try daemon.stop()
  }

  @Test("refuses to start on a state that another daemon holds, naming its pid")
  func secondDaemon() throws {
    let daemon = try RunningDaemon(scratch, quiet)
    let second = try Program.run(
      Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]])
    #expect(second.code == 1)
    #expect(second.text.contains("pid \(daemon.pid)"), "\(second.text)")
    let rotate = try scratch.rotatectl("rotate")
    #expect(rotate.code != 0)
    #expect(rotate.text.contains("pid \(daemon.pid)"), "\(rotate.text)")
    try daemon.stop()
  }

  @Test("does not wake up while nothing is due")
  func idle() throws {
    let daemon = try RunningDaemon(scratch, (0..<10).map { scratch.job("j\($0)", "every = '1h'") }.joined())
    #expect(try daemon.wakeUps() == 0)
    try daemon.stop()
  }

  @Test("pings the watchdog before half its time has passed, and not if no watchdog is wanted")
  func watchdog() throws {
    let daemon = try RunningDaemon(scratch, quiet, environment: ["WATCHDOG_USEC": "400000"])
    try daemon.waitForMessage("WATCHDOG=1", times: 4)
    try daemon.stop()
    let unwatched = try RunningDaemon(scratch, quiet)
    try unwatched.stop()
    #expect(!unwatched.socket.receive().contains { $0.contains("WATCHDOG=1") })
  }

  @Test("continues after SIGKILL from the disk and the state")
  func killed() throws {
    try scratch.write("x", to: "logs/one.log")
    let killed = try RunningDaemon(scratch, quiet + "size = 1\ncheck = '1h'\n")
    try killed.waitFor("logs/one.log.1", "x")
    try killed.kill()
    let daemon = try RunningDaemon(scratch)
    #expect(!daemon.text.contains("damaged"), "\(daemon.text)")
    try daemon.stop()
    #expect(scratch.contents("logs") == ["one.log": "", "one.log.1": "x"])
  }

  @Test("reports a damaged state, keeps a copy, and continues")
  func damagedState() throws {
    try scratch.makeDirectory("state")
    try scratch.write("rotated state 1\nnot a record\n", to: "state/state")
    let daemon = try RunningDaemon(scratch, quiet)
    try daemon.waitForOutput("1 damaged record")
    #expect(scratch.read("state/state.damaged") == "rotated state 1\nnot a record\n")
    try daemon.stop()
  }
}
