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
}
