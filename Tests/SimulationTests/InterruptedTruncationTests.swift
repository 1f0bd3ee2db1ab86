import Config
import Daemon
import Rotation
import Simulation
import Testing

/// What somebody else does to a log or its archive between a crash in a truncation and the next start.
@Suite("A truncation that a crash interrupts")
struct InterruptedTruncationTests {
  /// Daemons that died after this many changes of the disk in a truncation, before the nine lines were removed from
  /// their log.
  private func uncut(_ way: TruncationMethod) throws -> [Rig] {
    try (3...12).compactMap { changes in
      let rig = Rig([TruncateTests.job(way)])
      try rig.live(seconds: 5)
      rig.fill("a.log", TruncateTests.text(1...9))
      try rig.live(seconds: 65, stops: false) { rig in
        rig.disk.changesUntilCrash = changes
        rig.disk.onCrash = { rig.at(0) { rig.crash() } }
      }
      guard rig.disk.isDead, rig.disk.content(of: "/logs/a.log")?.contains("line") == true else { return nil }
      rig.disk.restart()
      return rig
    }
  }

  @Test("leaves alone a log that somebody else has truncated")
  func foreignTruncation() throws {
    let rigs = try uncut(.punch)
    #expect(!rigs.isEmpty)
    for rig in rigs {
      try rig.disk.openLog("a.log", in: rig.disk.openDirectory("/logs"), mayBeLinked: false, cuts: true).empty()
      rig.fill("a.log", TruncateTests.text(10...30))
      try rig.live(seconds: 130)
      let found = Set(TruncateTests.lines(rig))
      #expect(TruncateTests.lines(10...30).allSatisfy(found.contains))
    }
  }
}
