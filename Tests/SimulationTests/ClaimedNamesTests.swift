import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Names that can be those of logs and of archives")
struct ClaimedNamesTests {
  private static func job(_ logs: [String], keep: Int = 1, _ change: (inout Policy.Rules) -> Void = { _ in }) -> Job {
    var job = Rig.job("a", every: 60, keep: keep)
    job.logs = logs.map { LogPattern(FilePath($0)) }
    job.policy.rules.naming.ending = .extension_
    change(&job.policy.rules)
    return job
  }

  /// All bytes of the files in the directory of logs, with the archives that were compressed.
  private func lines(_ rig: Rig) -> Set<String> {
    Set(rig.names.compactMap { rig.content($0) }.flatMap { $0.split(separator: "\n").map(String.init) })
  }

  @Test(
    "a log that the config matches is never treated as an archive of another, which is reported",
    arguments: [
      ["/logs/worker.log", "/logs/worker.1.log", "/logs/worker.2.log"], ["/logs/worker*.log"], ["/logs/*"],
    ])
  func logsWithNumbers(_ logs: [String]) throws {
    let rig = Rig([
      Self.job(logs) { rules in
        rules.maxAge = .seconds(90)
        rules.maxTotal = 10
        rules.keepMin = 0
        rules.compression = Compression(command: ["gzip", "-c"], suffix: ".gz")
      }
    ])
    rig.configuration.daemon.keepFree = .bytes(1 << 40)
    rig.disk.capacity = 1 << 30
    let names: [FileName] = ["worker.log", "worker.1.log", "worker.2.log"]
    let before = names.map { name in
      rig.fill(name, "line of \(name)\n")
      return rig.disk.inode(of: "/logs/\(name)")
    }
    try rig.live(seconds: 1000) { rig in
      for time in 1...9 as ClosedRange<Int64> { rig.at(time * 100) { rig.fill("worker.log", "line \(time)\n") } }
    }
    #expect(lines(rig) == Set(names.map { "line of \($0)" } + (1...9).map { "line \($0)" }))
    #expect(names.dropFirst().map { rig.disk.inode(of: "/logs/\($0)") } == Array(before.dropFirst()))
    #expect(
      rig.messages(.note).contains { $0.contains("worker.1.log may be an archive of it, but `logs` also matches that") }
    )
  }

  @Test(
    "files under a pattern whose log without a number does not exist are neither rotated nor removed, and reported once"
  )
  func noBase() throws {
    let rig = Rig([Self.job(["/logs/*"]) { $0.maxAge = .seconds(60) }])
    for name in ["app.1", "app.2"] as [FileName] { rig.fill(name, "line of \(name)\n") }
    try rig.live(seconds: 1000)
    #expect(rig.names == ["app.1", "app.2"])
    #expect(
      rig.messages(.note).count { $0.hasPrefix("job a: /logs/app.1: not rotated: it has the name of an archive") } == 1
    )
    #expect(rig.messages(.note).count { $0.hasPrefix("job a: /logs/app.2: not rotated: ") } == 1)
  }

  @Test(
    "archives that rotations have made under such a pattern are pruned, compressed and retained, after a restart too",
    arguments: [Method.move, .truncate(by: .auto)])
  func madeByRotations(_ method: Method) throws {
    let rig = Rig([
      Self.job(["/logs/*"], keep: 2) { rules in
        rules.method = method
        rules.compression = Compression(command: ["gzip", "-c"], suffix: ".gz")
      }
    ])
    for _ in 1...2 {
      try rig.live(seconds: 400) { rig in
        for time in 0...3 as ClosedRange<Int64> { rig.at(time * 100 + 5) { rig.fill("app.log", "line \(time)\n") } }
      }
    }
    #expect(rig.names == ["app.1.log.gz", "app.2.log.gz", "app.log"])
    #expect(rig.content("app.1.log.gz") == "line 3\n")
    #expect(rig.content("app.2.log.gz") == "line 2\n")
  }

  @Test("without its state the daemon removes no file with such a name")
  func stateLost() throws {
    let rig = Rig([Self.job(["/logs/*.log"], keep: 2)])
    try rig.live(seconds: 250) { rig in
      for time in 0...1 as ClosedRange<Int64> { rig.at(time * 100 + 5) { rig.fill("app.log", "line \(time)\n") } }
    }
    #expect(rig.names == ["app.1.log", "app.2.log", "app.log"])
    rig.disk.delete("/state/state")
    rig.configuration.jobs[0].policy.rules.keep = 0
    try rig.live(seconds: 250) { $0.fill("app.log", "last\n") }
    #expect(lines(rig) == ["line 0", "line 1", "last"])
  }

  @Test("an archive that cannot be a log is pruned although another job's pattern is similar")
  func notClaimed() throws {
    var job = Self.job(["/logs/*.log"], keep: 1)
    job.exclude = [LogPattern("/logs/*.[0-9]*.log")]
    let rig = Rig([job])
    for number in 1...3 { rig.fill("app.\(number).log", "old \(number)\n") }
    try rig.live(seconds: 100) { $0.fill("app.log", "line\n") }
    #expect(rig.names == ["app.1.log", "app.log"])
    #expect(rig.content("app.1.log") == "line\n")
  }
  @Test("two logs that look like an archive and its copy stay, also where archives belong on another file system")
  func copies() throws {
    let rig = Rig([
      Self.job(["/logs/*"], keep: 5) { rules in
        rules.archiveDirectory = ArchiveDirectory(path: "/other/old")
        rules.compression = Compression(command: ["gzip", "-c"], suffix: ".gz")
      }
    ])
    for path in ["/other", "/other/old"] as [FilePath] { rig.disk.makeDirectory(path) }
    rig.disk.mounts = ["/other"]
    let names: [FileName] = ["worker.1.log", "worker.1.log.gz", "worker.2.log"]
    for name in names { rig.fill(name, "line of \(name)\n") }
    let before = names.map { rig.disk.inode(of: "/logs/\($0)") }
    try rig.live(seconds: 300) { rig in
      for time in 0...2 as ClosedRange<Int64> { rig.at(time * 70) { rig.fill("worker.log", "line \(time)\n") } }
    }
    #expect(names.map { rig.disk.inode(of: "/logs/\($0)") } == before)
  }
}
