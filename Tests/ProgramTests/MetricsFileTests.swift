import Glibc
import Testing

@Suite("The file of metrics", .timeLimit(.minutes(5)))
struct MetricsFileTests {
  private let scratch = Scratch()

  @Test("is there when the daemon has started, can be read by everybody, and is what Prometheus takes")
  func written() throws {
    try scratch.makeDirectory("metrics")
    try scratch.write("a line\n", to: "logs/app.log")
    let daemon = try RunningDaemon(
      scratch,
      "[metrics]\ntextfile = '\(scratch["metrics/rotated.prom"])'\n" + scratch.job("app", "every = '1h'", "keep = 3"))
    try daemon.eventually("the file") { scratch.read("metrics/rotated.prom") != nil }
    let text = try #require(scratch.read("metrics/rotated.prom"))
    #expect(try scratch.status("metrics/rotated.prom").st_mode & 0o7777 == 0o644)
    #expect(text.contains("# TYPE rotated_build_info gauge\nrotated_build_info{version=\""))
    #expect(text.contains("\nrotated_config_rejected 0\n"))
    #expect(text.contains("\nrotated_archives{job=\"app\"} 0\n"), "\(text)")
    #expect(scratch.list("metrics") == ["rotated.prom"])
    try daemon.stop()
  }

  @Test("that cannot be written is a problem that is said once, and the daemon goes on")
  func unwritable() throws {
    let daemon = try RunningDaemon(
      scratch, "[metrics]\ntextfile = '/nowhere/rotated.prom'\n" + scratch.job("app", "every = '1h'"))
    try daemon.waitForOutput("cannot write the metrics to /nowhere/rotated.prom: no such file or directory (ENOENT)")
    #expect(daemon.count(of: "cannot write the metrics") == 1)
    try daemon.stop()
  }
}
