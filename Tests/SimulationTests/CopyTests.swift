import Config
import Daemon
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Logs that are copied and stay as they are")
struct CopyTests {
  private static func job(keep: Int = 3) -> Job {
    var job = TruncateTests.job(.leave, keep: keep)
    job.policy.rules.rotatesEmpty = true
    return job
  }

  @Test("each rotation copies every byte, and the file is not touched")
  func copied() throws {
    let rig = Rig([Self.job()])
    rig.fill("a.log", "\0\0one\nhalf")
    let inode = rig.disk.inode(of: "/logs/a.log")
    try rig.live(seconds: 310) { rig in
      rig.at(130) { rig.fill("a.log", " and more") }
    }
    #expect(rig.disk.inode(of: "/logs/a.log") == inode)
    #expect(rig.names == ["a.log", "a.log.1", "a.log.2", "a.log.3"])
    let contents = ["a.log", "a.log.1", "a.log.2", "a.log.3"].map { rig.content($0) }
    #expect(contents.allSatisfy { $0 == "\0\0one\nhalf and more" })
    #expect(rig.messages(.rotated).count == 5)
    #expect(rig.messages(.rotated).first?.contains(", copied, which leaves it as it is") == true)
    #expect(rig.messages(.removed).count == 0 && rig.messages(.failed) == [])
  }

  @Test("by size it is copied once in each `min-interval`, as it stays as large as it is")
  func bySize() throws {
    var job = Self.job()
    (job.schedule, job.sizeLimit) = (nil, SizeLimit(bytes: 4, check: nil, minInterval: .seconds(3600)))
    let rig = Rig([job])
    rig.fill("a.log", "content\n")
    try rig.live(seconds: 4 * 3600 + 60)
    #expect((4...5).contains(rig.messages(.rotated).count), "\(rig.messages(.rotated))")
    #expect(rig.content("a.log") == "content\n" && rig.content("a.log.3") == "content\n")
  }

  @Test("`min-interval` holds for it also where space is low, as a copy frees none")
  func lowSpace() throws {
    var job = Self.job(keep: 5)
    (job.schedule, job.sizeLimit) = (nil, SizeLimit(bytes: 4, check: nil, minInterval: .seconds(3600)))
    let rig = Rig([job])
    rig.configuration.daemon = DaemonSettings(keepFree: .basisPoints(9000), warnFree: nil)
    rig.disk.capacity = 10_000
    rig.disk.plant(.regular, at: "/logs/other", content: String(repeating: "x", count: 5000))
    rig.fill("a.log", "content\n")
    try rig.live(seconds: 2 * 3600 + 60)
    #expect((2...3).contains(rig.messages(.rotated).count), "\(rig.reports.map(\.message))")
  }

  @Test("its age is that of the copy, so a version that was there for long stays when it is replaced")
  func age() throws {
    var job = Self.job(keep: 5)
    job.policy.rules.maxAge = .seconds(300)
    let rig = Rig([job])
    rig.disk.plant(.regular, at: "/logs/a.log", content: "old\n", age: 86_400 * Rig.second)
    try rig.live(seconds: 130) { rig in
      rig.at(70) {
        rig.disk.delete("/logs/a.log")
        rig.fill("a.log", "new\n")
      }
    }
    #expect(rig.content("a.log.1") == "new\n" && rig.content("a.log.2") == "old\n", "\(rig.names)")
  }

  @Test("a crash after any change of the disk leaves the log, whole copies, and no archive twice")
  func crashes() throws {
    var points = 0
    for changes in 1... {
      let rig = Rig([Self.job(keep: 8)])
      rig.fill("a.log", "content\n")
      try rig.live(seconds: 70)
      #expect(rig.names == ["a.log", "a.log.1"])
      try rig.live(seconds: 60, stops: false) { rig in
        rig.disk.changesUntilCrash = changes
        rig.disk.onCrash = { rig.at(0) { rig.crash() } }
      }
      guard rig.disk.isDead else { break }
      points += 1
      try rig.live(seconds: 50)
      #expect(rig.content("a.log") == "content\n", "at \(changes)")
      #expect(Set(rig.names).isSubset(of: ["a.log", "a.log.1", "a.log.2", "a.log.3"]), "at \(changes): \(rig.names)")
      #expect(rig.names.contains("a.log.2"), "at \(changes)")
      for name in rig.names { #expect(rig.content(name) == "content\n", "at \(changes)") }
    }
    #expect(points > 3)
  }

  @Test("a due time is served by an archive, and not by the record of one that a crash has prevented")
  func served() throws {
    for number in 1...2 {
      var job = Self.job()
      (job.schedule, job.catchesUp) = (.daily(.midnight), true)
      let rig = Rig([job])
      rig.fill("a.log", "content\n")
      try rig.live(seconds: 86_400 - 60)
      var records = 0
      try rig.live(seconds: 120, stops: false) { rig in
        rig.disk.afterChange = { [unowned rig] call, directory, _ in
          guard call == .append, directory == "/state" else { return }
          records += 1
          // The whole record is there, unlike where the count itself ends it.
          if records == number { rig.disk.changesUntilCrash = 1 }
        }
        rig.disk.onCrash = { rig.at(0) { rig.crash() } }
      }
      #expect(rig.disk.isDead)
      rig.disk.afterChange = nil
      try rig.live(seconds: 60)
      #expect(rig.names == ["a.log", "a.log.1"], "at \(number): \(rig.reports.map(\.message))")
    }
  }

  @Test("a plan says so, and cuts nothing off")
  func plan() {
    let policy = Self.job(keep: 1).policy
    let inventory = Inventory(
      name: "a.log",
      live: FileStatus(
        kind: .regular, inode: 7, size: 5, mode: 0o640, user: 0, group: 0, links: 1, modified: WallTime(seconds: 0),
        born: nil), versions: [Version(.number(1), inode: 8)])
    let plan = Planner.plan(inventory, policy, .rotate, at: .none, renames: .full)
    #expect(
      plan.now.map(\.description) == [
        "rename a.log.1 to a.log.2 (shift)", "copy a.log to a.log.1", "remove a.log.2 (more archives than `keep`)",
      ])
    #expect(plan.aroundTruncation.before.count == 2 && plan.result.live?.size == 5)
  }
}
