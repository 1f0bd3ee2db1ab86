import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Commands of `on-failure`")
struct FailureCommandTests {
  private static func job(_ name: String, _ commands: [Command]) -> Job {
    var job = Rig.job(name, every: 60)
    job.logs = [LogPattern("/logs/\(name)*.log")]
    job.policy.rules.before = [.program(["fails"])]
    job.policy.rules.onFailure = commands
    return job
  }

  /// Plays every command: that of `before` fails.
  private static func rig(_ jobs: [Job]) -> Rig {
    let rig = Rig(jobs)
    rig.processes.play = { request in
      .init(end: request.arguments.last == "fails" ? .exited(1) : .exited(0))
    }
    return rig
  }

  private func calls(_ rig: Rig, _ name: ExactText) -> [[String: ExactText]] {
    rig.processes.started.map(\.request).filter { $0.arguments.last == name }.map(\.environment)
  }

  @Test("run once when a problem begins, with what failed and since when, and not again while it lasts")
  func once() throws {
    let rig = Self.rig([Self.job("a", [.program(["page"])])])
    try rig.live(seconds: 400) { $0.fill("a.log") }
    let environments = calls(rig, "page")
    #expect(environments.count == 1)
    let environment = try #require(environments.first)
    #expect(environment["ROTATED_JOB"] == "a")
    #expect(environment["ROTATED_PROBLEMS"] == "1")
    #expect(
      environment["ROTATED_MESSAGE"]
        == "job a: not rotated: the `before` command 'fails' failed: exit code 1; trying again later")
    #expect(environment["ROTATED_SINCE"].map { String(decoding: $0.bytes, as: UTF8.self) }?.hasSuffix("Z") == true)
    #expect(rig.messages(.hookFailed) == [])
  }

  @Test("run once for all logs that fail at once, and for all jobs where the daemon's table has them")
  func gathered() throws {
    let rig = Self.rig([Self.job("a", []), Self.job("b", [.program(["own"])])])
    rig.configuration.daemon.onFailure = [.program(["page"])]
    try rig.live(seconds: 100) { rig in
      rig.fill("a.log")
      rig.fill("b.log")
    }
    #expect(calls(rig, "page").map { $0["ROTATED_JOB"] }.sorted { "\($0 ?? "")" < "\($1 ?? "")" } == ["a", "b"])
    #expect(calls(rig, "own").map { $0["ROTATED_JOB"] } == ["b"])
  }

  @Test("that fail are reported, start no other, and keep no stop waiting")
  func failing() throws {
    let rig = Self.rig([Self.job("a", [.program(["fails"]), .shell("hangs")])])
    rig.processes.play = { request in
      request.arguments.last == "fails" ? .init(end: .exited(1)) : .init(takes: 1000 * Rig.second, end: .exited(0))
    }
    try rig.live(seconds: 70) { $0.fill("a.log") }
    #expect(rig.messages(.hookFailed).first == "job a: the `on-failure` command 'fails' failed: exit code 1")
    #expect(calls(rig, "hangs").count == 1)
    #expect(rig.messages(.stopped).count == 1)
    #expect(rig.driver.now().nanoseconds < 75 * Rig.second)
  }
}
