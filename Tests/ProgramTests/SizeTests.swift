import Glibc
import Testing

/// The built daemon and sizes that it is told of.
@Suite("The daemon and sizes")
struct SizeTests {
  let scratch: Scratch
  let socket: NotifySocket

  init() throws {
    scratch = try Scratch()
    socket = try NotifySocket(scratch["notify"])
    try scratch.makeDirectory("logs")
  }

  private func start(_ config: String) throws -> Program {
    try scratch.write(config, to: "rotated.toml")
    let program = try Program(
      Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]],
      environment: ["NOTIFY_SOCKET": socket.path])
    try socket.wait(for: "READY=1")
    return program
  }

  private func stop(_ program: Program) throws {
    #expect(program.threads == 1)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0, "\(program.text)")
  }

  private func awaitSleep(_ program: Program) throws {
    try eventually("a sleeping daemon") {
      readWholeFile("/proc/\(program.pid)/stat")?.contains(") S ") == true
    }
  }

  @Test("a thousand idle logs cause no wake-up")
  func idle() throws {
    for index in 0..<1000 { try scratch.write("x", to: "logs/\(index).log") }
    let program = try start("[job.idle]\nlogs = \"\(scratch["logs/*.log"])\"\nsize = \"1M\"\n")
    try awaitSleep(program)
    let before = try #require(program.voluntarySwitches)
    usleep(1_500_000)
    #expect(program.voluntarySwitches == before)
    try stop(program)
  }

  @Test("a log that rests is rotated when it reaches its limit, and a new one of a pattern, also in a new directory")
  func noticed() throws {
    try scratch.write("x", to: "logs/old.log")
    let program = try start(
      "[job.watched]\nlogs = [\"\(scratch["logs/*.log"])\", \"\(scratch["later/*/*.log"])\"]\nsize = 10\nkeep = 3\n")
    try scratch.append("0123456789", to: "logs/old.log")
    try eventually("a version of old.log") { scratch.read("logs/old.log.1") == "x0123456789" }
    try scratch.write("0123456789", to: "logs/new.log")
    try eventually("a version of new.log") { scratch.read("logs/new.log.1") == "0123456789" }
    try scratch.makeDirectory("later")
    try scratch.makeDirectory("later/a")
    try scratch.write("0123456789", to: "later/a/b.log")
    try eventually("a version of b.log; \(program.read())") { scratch.read("later/a/b.log.1") == "0123456789" }
    try scratch.append("9876543210", to: "logs/new.log")
    try eventually("a second version of new.log") { scratch.read("logs/new.log.2") == "0123456789" }
    try stop(program)
  }

  @Test("a fast writer's log is over its limit by far less than a second's growth")
  func overshoot() throws {
    try scratch.write("", to: "logs/fast.log")
    let program = try start("[job.fast]\nlogs = \"\(scratch["logs/fast.log"])\"\nsize = \"1M\"\nkeep = 100\n")
    // 20 MB/s, for a second: a writer that opens its log anew each time.
    let chunk = String(repeating: "x", count: 20_000)
    for _ in 0..<1000 {
      try scratch.append(chunk, to: "logs/fast.log")
      // Each run tells its status, and a socket that nobody reads would stop the daemon.
      _ = socket.receive()
      usleep(1000)
    }
    let sizes = scratch.list("logs").filter { $0 != "fast.log" }.compactMap { name -> Int64? in
      var status = stat()
      return stat(scratch["logs/\(name)"], &status) == 0 ? Int64(status.st_size) : nil
    }
    #expect(sizes.count >= 4, "\(sizes)")
    #expect(sizes.allSatisfy { $0 >= 1 << 20 && $0 < 5 << 20 }, "\(sizes)")
    try stop(program)
  }

  @Test(
    "a truncated log under a steady writer is rotated at its limit, again and again, without a rest",
    arguments: ["collapse", "punch"])
  func truncatedOvershoot(way: String) throws {
    try scratch.write("", to: "logs/steady.log")
    let program = try start(
      "[job.steady]\nlogs = \"\(scratch["logs/steady.log"])\"\nsize = \"1M\"\nkeep = 100\nmethod = \"truncate\"\n"
        + "truncate-by = \"\(way)\"\n")
    // 5 MB/s, for three seconds.
    let line = String(repeating: "x", count: 9_999) + "\n"
    let file = open(scratch["logs/steady.log"], O_WRONLY | O_APPEND | O_CLOEXEC)
    try #require(file >= 0)
    defer { close(file) }
    for _ in 0..<1500 {
      try #require(write(file, line, line.utf8.count) == line.utf8.count)
      _ = socket.receive()
      usleep(2000)
    }
    let sizes = scratch.list("logs").filter { $0.hasPrefix("steady.log.") }.compactMap { name -> Int64? in
      var status = stat()
      return stat(scratch["logs/\(name)"], &status) == 0 ? Int64(status.st_size) : nil
    }
    if sizes.isEmpty, program.read().contains("not supported") { return print("SKIPPED: \(way): \(program.text)") }
    #expect(sizes.count >= 8, "\(sizes); \(program.read())")
    #expect(sizes.allSatisfy { $0 >= 1 << 20 && $0 < 5 << 19 }, "\(sizes)")
    try stop(program)
  }
}
