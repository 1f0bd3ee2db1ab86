import Daemon
import Rotation
import Simulation
import Testing

/// Somebody appends to an archive whose lines are not yet removed from the log: formerly seed 59 of the months.
@Suite("An archive to which somebody has appended between a crash and the next start")
struct AppendedArchiveTests {
  @Test("does not prevent the removal of its lines from the log", arguments: TruncateTests.ways)
  func crashes(way: TruncationMethod) throws {
    var points = 0
    var appended = 0
    for changes in 1... {
      let rig = Rig([TruncateTests.job(way, keep: 8)])
      try rig.live(seconds: 5)
      rig.fill("a.log", TruncateTests.text(1...9))
      try rig.live(seconds: 65, stops: false) { rig in
        rig.disk.changesUntilCrash = changes
        rig.disk.onCrash = { rig.at(0) { rig.crash() } }
      }
      let crashed = rig.disk.isDead
      var expected = TruncateTests.lines(1...21)
      if rig.disk.inode(of: "/logs/a.log.1") != nil {
        // Its first bytes are those of the line that follows in the log.
        rig.fill("a.log.1", "line number 1x\n")
        expected.append("line number 1x")
        appended += 1
      }
      rig.fill("a.log", TruncateTests.text(10...20))
      try rig.live(seconds: 65)
      rig.fill("a.log", TruncateTests.text(21...21))
      try rig.live(seconds: 65)
      let found = TruncateTests.lines(rig).sorted()
      #expect(found == expected.sorted(), "\(way), crash after \(changes) changes: \(rig.reports.map(\.message))")
      guard found == expected.sorted(), crashed else { break }
      points = changes
    }
    #expect(points >= 6 && appended >= 2, "\(points) points, \(appended) of them with an archive")
  }
}
