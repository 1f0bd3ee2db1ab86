import Config
import Daemon
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("A due log that does not meet its conditions")
struct DueConditionTests {
  private static func job(_ method: Method, _ change: (inout Policy.Rules) -> Void) -> Job {
    var job = Rig.job("a", every: 100)
    job.policy.rules.method = method
    change(&job.policy.rules)
    return job
  }

  private func rotations(_ job: Job, _ script: (Rig) -> Void) throws -> [Int64] {
    let rig = Rig([job])
    var times: [Int64] = []
    let start = rig.driver.now().nanoseconds / Rig.second
    rig.onReport = { report in
      if report.kind == .rotated { times.append(rig.driver.now().nanoseconds / Rig.second - start) }
    }
    try rig.live(seconds: 1050, script)
    #expect(rig.messages(.failed) == [])
    return times
  }

  @Test("is left until the next due time, and grows", arguments: [Method.move, .truncate(by: .auto)])
  func small(method: Method) throws {
    let times = try rotations(Self.job(method) { $0.minSize = 100 }) { rig in
      for second in 0..<100 { rig.at(Int64(second) * 10 + 5) { rig.fill("a.log", "0123\n") } }
    }
    // 50 bytes in 100 seconds.
    #expect(times == [200, 400, 600, 800, 1000])
  }

  @Test(
    "is left until it is old enough, counted from its last rotation", arguments: [Method.move, .truncate(by: .auto)])
  func young(method: Method) throws {
    let times = try rotations(Self.job(method) { $0.minAge = .seconds(300) }) { rig in
      rig.fill("a.log")
      for second in 0..<100 { rig.at(Int64(second) * 10 + 5) { rig.fill("a.log") } }
    }
    #expect(times == [300, 600, 900])
  }

  @Test("is rotated by its size all the same")
  func bySize() throws {
    var job = Self.job(.move) { $0.minAge = .seconds(10_000) }
    job.sizeLimit = SizeLimit(bytes: 1000, check: nil)
    let times = try rotations(job) { rig in
      rig.at(150) { rig.fill("a.log", String(repeating: "x", count: 1000)) }
    }
    #expect(times == [150])
  }
}
