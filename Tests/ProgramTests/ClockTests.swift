import Glibc
import Testing

/// The library that shows a process another time; a test needs it, and goes without where it is not installed.
private let fakeTime: String? = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
].first { path in access(path, R_OK) == 0 }

/// The built daemon on a wall clock of its own.
@Suite("The daemon at midnight", .enabled(if: fakeTime != nil))
struct ClockTests {
  @Test("a daily job rotates when the wall clock comes to midnight, and is due again a day later")
  func midnight() throws {
    let library = try #require(fakeTime)
    let scratch = try Scratch()
    let socket = try NotifySocket(scratch["notify"])
    try scratch.makeDirectory("logs")
    try scratch.write("x", to: "logs/app.log")
    try scratch.write("[job.app]\nlogs = \"\(scratch["logs/app.log"])\"\ndaily = true\n", to: "rotated.toml")
    let program = try Program(
      Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]],
      environment: [
        "NOTIFY_SOCKET": socket.path, "TZ": "UTC", "LD_PRELOAD": library, "FAKETIME": "@2026-03-01 23:59:57",
      ])
    try socket.wait(for: "READY=1")
    #expect(scratch.read("logs/app.log.1") == nil)
    try eventually("a version at midnight; \(program.read())") { scratch.read("logs/app.log.1") == "x" }
    try program.waitForOutput("daily at 00:00")
    #expect(program.text.contains("next 2026-03-03 00:00:00"), "\(program.text)")
    #expect(program.threads == 1)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0)
  }
}
