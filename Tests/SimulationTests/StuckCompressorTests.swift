import Config
import Daemon
import Rotation
import Simulation
import Testing
import Timekeeping

/// A job that compresses, each minute.
private func job(_ name: String) -> Job {
  var job = Rig.job(name, every: 60, keep: 100)
  job.policy.rules.compression = Compression(command: ["gzip", "-c"], suffix: ".gz", after: .zero, from: 1)
  return job
}

@Suite("A compressor")
struct StuckCompressorTests {
  @Test("that reads and writes nothing is reported after a minute, killed after ten, and tried again")
  func still() throws {
    let rig = Rig([job("a")])
    var count = 0
    rig.processes.play = { _ throws(Errno) in
      count += 1
      return SimulatedProcesses.Play(takes: count == 1 ? nil : 1)
    }
    rig.fill("a.log", "first\n")
    try rig.live(seconds: 1000) { rig in
      rig.at(70) { rig.fill("a.log", "second\n") }
      rig.at(115) { #expect(rig.messages(.note) == []) }
      rig.at(150) { #expect(rig.messages(.note).count == 1) }
      rig.at(650) { #expect(rig.names == ["a.log", "a.log.1", "a.log.2"]) }
    }
    #expect(rig.content("a.log.2.gz") == "first\n")
    #expect(rig.content("a.log.1.gz") == "second\n")
    #expect(rig.names.count == 3)
    #expect(
      rig.messages(.note) == [
        "job a: /logs/a.log: gzip, which compresses a.log.1, has read and written nothing for 1min; after 10min it is killed",
        "job a: /logs/a.log: cannot compress a.log.1: gzip read and wrote nothing for 10min and was killed; trying again later",
      ])
    #expect(rig.processes.killed == 1)
  }

  @Test("that works for hours is not killed")
  func slow() throws {
    let rig = Rig([job("a")])
    rig.processes.play = { _ throws(Errno) in SimulatedProcesses.Play(takes: 7000 * Rig.second) }
    rig.fill("a.log", "line\n")
    try rig.live(seconds: 7200)
    #expect(rig.names == ["a.log", "a.log.1.gz"])
    #expect(rig.processes.killed == 0)
    #expect(rig.messages(.note) == [])
  }

  @Test("that continues after it was reported has no problem any more, and is reported again when it stops again")
  func goesOn() throws {
    let rig = Rig([job("a")])
    rig.processes.play = { _ throws(Errno) in SimulatedProcesses.Play(takes: 900 * Rig.second, isStill: true) }
    rig.fill("a.log", "line\n")
    try rig.live(seconds: 1000) { rig in
      rig.at(400) { rig.disk.positions = rig.disk.positions.mapValues { _ in { 5 } } }
    }
    #expect(rig.names == ["a.log", "a.log.1.gz"])
    #expect(rig.messages(.note).count == 2)
  }

  @Test(
    "of one owner that stands still keeps no archive of another owner from being compressed", arguments: [true, false])
  func otherOwners(isStill: Bool) throws {
    let rig = Rig([job("a"), job("b"), job("c")])
    rig.configuration.daemon.maxChildren = 1
    var first: Int32?
    rig.processes.play = { request throws(Errno) in
      if first == nil { first = request.input }
      return SimulatedProcesses.Play(takes: request.input == first ? 550 * Rig.second : 1, isStill: isStill)
    }
    for name: FileName in ["a.log", "b.log", "c.log"] {
      rig.disk.plant(.regular, at: "/logs/\(name)", content: "line\n", user: UInt32(name.bytes.first ?? 0))
    }
    try rig.live(seconds: 700) { rig in
      rig.at(110) { #expect(rig.names.count == 6) }
      rig.at(150) { #expect(rig.processes.running == 1 && rig.names.count { $0.bytes.last == UInt8(ascii: "z") } == 2) }
    }
    #expect(rig.names == ["a.log", "a.log.1.gz", "b.log", "b.log.1.gz", "c.log", "c.log.1.gz"])
    #expect(rig.processes.mostRunning == 2)
  }

  @Test(
    "of a sparse archive is killed when its output takes more room, which is reported once, and the archive stays as it is"
  )
  func sparse() throws {
    let rig = Rig([job("a")])
    rig.disk.editStatus = { status in if status.size > 8 { status.allocated = 3 } }
    rig.processes.play = { _ throws(Errno) in
      SimulatedProcesses.Play(takes: 5000 * Rig.second, soon: Int(Limits.sparseGrowth) + 4)
    }
    rig.fill("a.log", "a line with many holes\n")
    try rig.live(seconds: 400) { rig in rig.at(200) { rig.fill("a.log", "line\n") } }
    #expect(rig.names == ["a.log", "a.log.1", "a.log.2"])
    #expect(rig.processes.started.count == 2, "the second is that of a.log.1, which is not sparse")
    let notified = rig.messages(.note)
    #expect(notified.count == 1)
    #expect(notified.first?.contains("a.log.1 stays uncompressed: it is sparse") == true, "\(notified)")
  }
  @Test("takes an owner's share by what the archive takes on disk, not by how long a sparse one is")
  func shareOfSparse() throws {
    var all = job("all")
    all.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([all])
    rig.configuration.daemon.maxChildren = 1
    rig.processes.play = { _ throws(Errno) in SimulatedProcesses.Play(takes: 10 * Rig.second) }
    for name: FileName in ["a1.log", "a2.log", "b1.log", "b2.log"] {
      rig.disk.plant(.regular, at: "/logs/\(name)", content: "line\n", user: name.bytes[0] == 0x61 ? 1001 : 1002)
    }
    rig.disk.editStatus = { status in
      guard status.kind == .regular, status.size == 5 else { return }
      (status.size, status.allocated) = status.user == 1001 ? (1 << 36, 4096) : (1 << 27, 1 << 27)
    }
    try rig.live(seconds: 115)
    // Each owner has one, in either order; then the owner of the sparse ones has had the smaller share.
    let order = rig.reports.filter { $0.kind == .compressed }.compactMap { $0.log?.split.name.bytes.first }
    #expect(order.count == 4)
    #expect(Set(order.prefix(2)).count == 2)
    #expect(order.suffix(2) == [UInt8(ascii: "a"), UInt8(ascii: "b")], "\(rig.messages(.compressed))")
  }
}
