import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Files that a config matches and that are not rotated")
struct SkippedNamesTests {
  @Test("each file of a pattern that is no log is reported once with the reason, and again if it comes back")
  func skippedCandidates() throws {
    var job = Rig.job("odd", every: 60)
    job.logs = [LogPattern("/logs/*.log")]
    job.policy.rules.archiveDirectory = ArchiveDirectory(path: "old.log")
    let rig = Rig([job])
    rig.disk.plant(.symbolicLink, at: "/logs/link.log")
    rig.disk.plant(.directory, at: "/logs/directory.log")
    rig.disk.plant(.other, at: "/logs/pipe.log")
    rig.disk.makeDirectory("/logs/old.log")
    try rig.live(seconds: 1000) { rig in
      rig.at(300) { rig.disk.delete("/logs/link.log") }
      rig.at(500) { rig.disk.plant(.symbolicLink, at: "/logs/link.log") }
    }
    let link = "job odd: /logs/link.log: not rotated: it is a symbolic link, which is never followed"
    #expect(
      rig.messages(.note).sorted() == [
        "job odd: /logs/directory.log: not rotated: it is a directory", link, link,
        "job odd: /logs/pipe.log: not rotated: it is not a regular file",
      ])
    let dryRun = DryRun(fileSystem: rig.disk, configuration: rig.configuration)
    #expect(dryRun.skipped().map(\.name.path).sorted() == ["/logs/directory.log", "/logs/link.log", "/logs/pipe.log"])
  }

  @Test("a check reports what does not exist, what matches nothing, and what would be removed now, and changes nothing")
  func doubts() throws {
    var lost = Rig.job("lost", every: 60)
    lost.logs = ["/nowhere/*.log", "/gone/a.log", "/logs/*.txt"].map { LogPattern($0) }
    var idle = Rig.job("idle", every: 60)
    idle.logs = [LogPattern("/logs/*.txt")]
    var none = Rig.job("none", every: 60, keep: 0)
    none.logs = [LogPattern("/logs/n*.log")]
    var young = Rig.job("young", every: 60, keep: 9)
    young.policy.rules.maxAge = .seconds(30)
    var small = Rig.job("small", every: 60, keep: 9)
    small.policy.rules.maxTotal = 2
    let rig = Rig([lost, idle, none, young, small])
    for log in ["n", "young", "small"] {
      rig.disk.plant(.regular, at: "/logs/\(log).log")
      for number in 1...3 { rig.disk.plant(.regular, at: "/logs/\(log).log.\(number)", content: "0123456789") }
    }
    // An archive counts, too, while its log is not there.
    rig.disk.plant(.regular, at: "/logs/n2.log.1", content: "0123456789")
    let before = rig.names
    let dryRun = DryRun(fileSystem: rig.disk, configuration: rig.configuration)
    let now = rig.driver.wallClock() + .seconds(3600)
    #expect(
      dryRun.doubts(now: now) == [
        "job lost: there is no directory /nowhere", "job lost: there is no directory /gone",
        "job idle: \"/logs/*.txt\" matches no log now",
        "job none: `keep` is 0, so the content of a log is dropped when it is rotated; would remove 4 archives, 40B now",
        "job young: `max-age` is 30s, which is less than a day; would remove 2 archives, 20B now",
        "job small: `max-total` is 2B; would remove 2 archives, 20B now",
      ])
    #expect(rig.names == before)
  }
  @Test("an archive that a rotation has made is not reported while its writer has not created the log again")
  func madeByRotation() throws {
    var job = Rig.job("app", every: 60)
    job.logs = [LogPattern("/logs/app*")]
    job.policy.rules.creation = .leftToWriter
    let rig = Rig([job])
    rig.fill("app.log")
    for _ in 1...2 { try rig.live(seconds: 200) }
    #expect(rig.names == ["app.log.1"])
    #expect(rig.messages(.note) == [])
  }
}
