import Config
import Daemon
import Rotation
import Simulation
import Testing

/// A crash between the copy and the truncation of a log, and another config at the next start.
@Suite("Truncating with a config that changes at a crash")
struct ChangedNamesTests {
  @Test(
    "a crash together with a change of names or directory doubles no line and loses none", arguments: TruncateTests.ways
  )
  func changedNames(way: TruncationMethod) throws {
    var points = 0
    for changes in 1...20 {
      for change in 0..<3 {
        let rig = Rig([TruncateTests.job(way)])
        rig.fill("a.log", TruncateTests.text(1...9))
        try rig.live(seconds: 65, stops: false) { rig in
          rig.disk.changesUntilCrash = changes
          rig.disk.onCrash = { rig.at(0) { rig.crash() } }
        }
        if rig.disk.isDead { points = changes }
        switch change {
        case 0: rig.configuration.jobs[0].policy.rules.naming = Naming(style: .dated(DateFormat(text: "-%Y%m%d")))
        case 1: rig.configuration.jobs[0].policy.rules.archiveDirectory = ArchiveDirectory(path: "old")
        default:
          rig.configuration.jobs[0].policy.rules.compression = Compression(command: ["zip"], suffix: ".zipped")
        }
        rig.fill("a.log", TruncateTests.text(10...12))
        try rig.live(seconds: 200)
        let places = (["/logs", "/logs/old"] as [FilePath]).flatMap { place in
          (rig.disk.directories[place] ?? [:]).keys.map { place.appending($0) }
        }
        let lines = places.compactMap(rig.disk.content(of:)).flatMap { content in
          content.split(separator: "\n").map { $0.filter { $0 != "\0" } }.filter { $0.contains("line") }
        }
        let found = lines.map { $0.drop { $0 != "l" } }.map(String.init)
        #expect(found.sorted() == TruncateTests.lines(1...12).sorted(), "\(way), change \(change) after \(changes)")
      }
    }
    #expect(points >= 6)
  }
}
