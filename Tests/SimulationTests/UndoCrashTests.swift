import Daemon
import Rotation
import Simulation
import Testing

/// An undo gives the empty new log the archive's name for a moment; a crash then leaves it there.
@Suite("A crash in an undo")
struct UndoCrashTests {
  /// A daemon that dies 100 ms after the exchange of an undo, with an archive that the config keeps.
  private func crashed(_ openedEarly: @escaping (Rig) -> Void = { _ in }) throws -> (rig: Rig, writer: UInt64) {
    var job = StuckWriterTests.stuckJob(undoes: true, keep: 2)
    job.policy.rules.compression = nil
    let rig = Rig([job])
    let writer = try #require(rig.disk.openForWriting("/logs/a.log"))
    rig.disk.append("two\n", toOpen: writer)
    rig.disk.plant(.regular, at: "/logs/a.log.1", content: "one\n")
    try rig.live(seconds: 3700, stops: false) { rig in
      rig.at(3610) { openedEarly(rig) }
      rig.driver.schedule(after: 3630 * Rig.second + 100_000_000) { rig.crash() }
    }
    #expect(rig.disk.inode(of: "/logs/a.log") == writer)
    #expect(["a.log", "a.log.1", "a.log.2"].map(rig.content) == ["two\n", "", "one\n"])
    return (rig, writer)
  }

  @Test("leaves an empty archive that is removed at the next start and pushes out no real one")
  func removed() throws {
    let (rig, writer) = try crashed()
    try rig.live(seconds: 10)
    #expect(rig.names == ["a.log", "a.log.2"])
    rig.disk.close(writer)
    try rig.live(seconds: 3700)
    #expect(rig.names == ["a.log", "a.log.1", "a.log.2"])
    #expect(["a.log.1", "a.log.2"].map(rig.content) == ["two\n", "one\n"])
  }

  @Test("leaves an empty archive that does not count for `keep` as long as a writer has it open")
  func held() throws {
    var late: UInt64?
    let (rig, writer) = try crashed { late = $0.disk.openForWriting("/logs/a.log") }
    try rig.live(seconds: 10)
    #expect(rig.content("a.log.1") == "")
    rig.disk.close(writer)
    try rig.live(seconds: 3700)
    #expect(["a.log.1", "a.log.2", "a.log.3"].map(rig.content) == ["two\n", "", "one\n"])
    // Its writer ends: the next start removes it.
    rig.disk.close(try #require(late))
    try rig.live(seconds: 10)
    #expect(["a.log.1", "a.log.2", "a.log.3"].map(rig.content) == ["two\n", nil, "one\n"])
  }

  @Test("leaves an empty archive that is not compressed, as the others are")
  func notCompressed() {
    var inventory = Inventory(
      name: "a.log", live: nil, versions: [Version(number: 1, inode: 2), Version(number: 2, inode: 3)])
    inventory.versions[0].isEmptied = true
    var policy = Policy(keep: 5)
    policy.rules.compression = Compression(command: ["gzip", "-c"], suffix: ".gz", from: 1)
    #expect(Housekeeping.compressible(inventory, policy).map(\.inode) == [3])
  }
}
