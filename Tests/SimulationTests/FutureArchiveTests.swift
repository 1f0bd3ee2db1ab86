import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("An archive with a time in the future")
struct FutureArchiveTests {
  @Test(
    "does not keep older ones of its log from being removed before those of other logs",
    arguments: ["max-total", "keep-free"])
  func holdsUpNone(rule: String) throws {
    var job = Rig.job("all", every: 100_000, keep: 9)
    job.logs = [LogPattern("/logs/*.log")]
    if rule == "max-total" { job.policy.rules.maxTotal = 3500 }
    let rig = Rig([job])
    if rule == "keep-free" {
      rig.configuration.daemon.keepFree = .bytes(6500)
      rig.disk.capacity = 10_000
    }
    // Hours since the last line of each.
    for (name, hours) in [
      ("a.log.1", 24), ("a.log.2", -1_000_000), ("a.log.3", 72), ("b.log.1", 1), ("b.log.2", 2),
    ] as [(FileName, Int64)] {
      rig.disk.plant(.regular, at: "/logs/\(name)", content: String(repeating: "x", count: 1000))
      rig.disk.touch("/logs/\(name)", rig.driver.wallClock() - .seconds(hours * 3600))
    }
    for name in ["a.log", "b.log"] as [FileName] { rig.disk.plant(.regular, at: "/logs/\(name)") }
    try rig.live(seconds: 60)
    #expect(rig.names == ["a.log", "a.log.1", "b.log", "b.log.1", "b.log.2"])
  }
}
