import Daemon
import Rotation
import Simulation
import Testing

@Suite("A log with a long name")
struct LongNameTests {
  @Test("is rotated and not compressed if a hidden name would be too long, which is reported once")
  func longNames() throws {
    let name = String(repeating: "a", count: 236)
    var job = Rig.job(name, every: 10)
    job.policy.rules.compression = Compression(command: ["gzip", "-c"], suffix: ".gz")
    let rig = Rig([job])
    try rig.live(seconds: 45) { rig in
      for turn in 0..<4 { rig.at(Int64(turn) * 10 + 5) { rig.fill("\(name).log", "\(turn)\n") } }
    }
    #expect(rig.names == ["", ".1", ".2", ".3", ".4"].map { "\(name).log\($0)" })
    #expect(rig.reports.filter { $0.message.contains("its archives are not compressed") }.count == 1)
    #expect(rig.reports.filter { $0.kind == .failed } == [])
  }
}
