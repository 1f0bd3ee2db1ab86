import Daemon
import Rotation
import Simulation
import Testing

@Suite("Leftovers of a compression")
struct LeftoverTests {
  @Test("a source is not given the name of another archive that was written in the same moment")
  func sameMoment() throws {
    var job = Rig.job("a", every: 60)
    job.policy.rules.compression = Compression(command: ["gzip", "-c"], suffix: ".gz")
    let rig = Rig([job])
    let zip = SimulatedProcesses.mark
    rig.disk.plant(.regular, at: "/logs/.a.log.1.rotated-spent", content: "line\n")
    rig.disk.plant(.regular, at: "/logs/a.log.1.gz", content: zip + "line\n")
    rig.disk.plant(.regular, at: "/logs/a.log.2.gz", content: zip + "older\n")
    try rig.live(seconds: 10)
    #expect(rig.names == ["a.log.1.gz", "a.log.2.gz"])
    #expect(rig.content("a.log.1.gz") == "line\n")
    #expect(rig.content("a.log.2.gz") == "older\n")
  }

  @Test(
    "a source whose compression is disturbed at its end gets its own name back, whatever the time of another archive")
  func disturbed() throws {
    var job = Rig.job("a", every: 600)
    job.policy.rules.compression = Compression(command: ["gzip", "-c"], suffix: ".gz")
    let rig = Rig([job])
    rig.disk.plant(.regular, at: "/logs/a.log.1", content: "line\n")
    rig.disk.plant(.regular, at: "/logs/a.log.2.gz", content: SimulatedProcesses.mark + "older\n")
    var writer: UInt64?
    try rig.live(seconds: 500) { rig in
      rig.disk.fault = { [unowned rig] call, _, name in
        if call == .rename, name == "a.log.1", writer == nil {
          writer = rig.disk.openForWriting("/logs/a.log.1")
        }
        return nil
      }
      rig.at(20) {
        #expect(rig.names == ["a.log.1", "a.log.2.gz"])
        if let writer { rig.disk.close(writer) }
      }
    }
    #expect(writer != nil)
    #expect(rig.names == ["a.log.1.gz", "a.log.2.gz"])
    #expect([rig.content("a.log.1.gz"), rig.content("a.log.2.gz")] == ["line\n", "older\n"])
  }
}
