import Glibc
import Testing

/// The library that shows a process another time; without it, the test is skipped.
private let fakeTime: String? = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
].first { path in access(path, R_OK) == 0 }

/// The built daemon on a wall clock of its own.
@Suite("The daemon at midnight", .enabled(if: fakeTime != nil))
struct ClockTests {
  @Test("a daily job rotates when the wall clock reaches midnight, and is due again a day later")
  func midnight() throws {
    let library = try #require(fakeTime)
    let scratch = Scratch()
    try scratch.write("x", to: "logs/app.log")
    let daemon = try RunningDaemon(
      scratch, scratch.job("app", "daily = true"),
      environment: ["TZ": "UTC", "LD_PRELOAD": library, "FAKETIME": "@2026-03-01 23:59:52"])
    #expect(scratch.read("logs/app.log.1") == nil)
    try daemon.waitFor("logs/app.log.1", "x")
    // The archive is there before the line of its rotation.
    try daemon.waitForOutput("daily at 00:00, in")
    #expect(daemon.text.contains("next 2026-03-03 00:00:00"), "\(daemon.text)")
    try daemon.stop()
  }
}
