import Daemon
import Rotation
import Simulation
import Testing

@Suite("The inventory of one log")
struct InventoryReaderTests {
  @Test("by single names leads to the same plan as one by a listing of the directory", arguments: 0...3)
  func sameAsListing(keep: Int) throws {
    for code in 0..<(3 * 3 * 3 * 3 * 3 * 3 * 2) {
      let disk = SimulatedFileSystem()
      disk.makeDirectory("/logs")
      disk.plant(.regular, at: "/logs/a.log", content: "live")
      var digits = code / 2
      for number in 1...6 {
        let suffix = ["", nil, ".gz"][digits % 3]
        if let suffix { disk.plant(.regular, at: "/logs/a.log.\(number)\(suffix)", content: "x") }
        digits /= 3
      }
      if code % 2 == 1 { disk.plant(.regular, at: "/logs/.a.log.rotated", content: "former") }
      let directory = try disk.openDirectory("/logs")
      let reader = InventoryReader(fileSystem: disk)
      let entries = try disk.entries(in: directory)
      let directories = LogDirectories(directory)
      let listings = try ListingWalk(directories, .numbered, disk).end()
      let listed = try reader.read("a.log", in: directories, .numbered, listings: listings)
      let probed = try reader.read("a.log", in: directories, .numbered)
      let live = try #require(listed.live)
      let policy = Policy(keep: keep)
      for demand in [Demand.rotate, .settle, .finish(Intent(inode: live.inode, due: nil))] {
        let (one, other) = (Planner.plan(probed, policy, demand), Planner.plan(listed, policy, demand))
        try #require(one.now == other.now && one.skip == other.skip, "\(entries.map(\.name).sorted())")
      }
    }
  }
}
