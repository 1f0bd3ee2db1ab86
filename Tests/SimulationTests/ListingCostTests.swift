import Config
import Daemon
import Rotation
import Simulation
import Testing
import Timekeeping

/// How often a directory for archives is listed that many logs share.
@Suite("A directory for the archives of logs is listed")
struct ListingCostTests {
  /// The listings by a daemon that lives a while, and what its logs have for archives then; at its start, they have three each.
  private func listings(of job: Job, logs: Int, keepFree: FreeSpace? = nil) throws -> (count: Int, archives: Int) {
    let rig = Rig([job])
    if let keepFree {
      rig.configuration.daemon = DaemonSettings(keepFree: keepFree)
      rig.disk.capacity = 4000
    }
    rig.disk.makeDirectory("/logs/old")
    for log in 0..<logs {
      rig.fill("\(log).log")
      for number in 1...3 {
        let name = job.policy.naming.isDated ? "\(log).log-2026010\(number)" : "\(log).log.\(number)"
        rig.disk.plant(.regular, at: "/logs/old/\(name)", content: "old\n")
      }
    }
    try rig.live(seconds: 100)
    return (rig.disk.listings, rig.disk.directories["/logs/old"]?.count ?? 0)
  }

  private func job(every seconds: Int64, _ change: (inout Policy.Rules) -> Void = { _ in }) -> Job {
    var job = Rig.job("app", every: seconds, keep: 9)
    job.logs = [LogPattern("/logs/*.log")]
    job.policy.rules.archiveDirectory = ArchiveDirectory(path: "old")
    change(&job.policy.rules)
    return job
  }

  /// `each`: how many archives a log has at the end.
  private func compare(_ job: Job, each: Int) throws {
    let (few, many) = (try listings(of: job, logs: 3), try listings(of: job, logs: 300))
    #expect(few.archives == 3 * each && many.archives == 300 * each)
    #expect(many.count == few.count)
  }

  @Test("as often for many logs as for few, in a rotation", arguments: [false, true])
  func rotation(isDated: Bool) throws {
    let dated = Naming(style: .dated(DateFormat(text: "-%Y%m%d")))
    try compare(job(every: 60) { $0.naming = isDated ? dated : $0.naming }, each: 4)
  }

  @Test("as often for many logs as for few, to see whether commands of `before` are to be run")
  func before() throws {
    let prepared = job(every: 60) {
      $0.before = [.program(["prepare"])]
      $0.minSize = 1000
    }
    try compare(prepared, each: 3)
  }

  @Test("as often for many logs as for few, to find what has reached its age, and what is too much")
  func retention() throws {
    let kept = job(every: 86_400) {
      $0.maxAge = .seconds(365 * 86_400)
      $0.maxTotal = 1 << 40
    }
    try compare(kept, each: 3)
  }

  @Test("as often for many logs as for few, to find what to remove for free space")
  func space() throws {
    let job = job(every: 86_400)
    let (few, many) = (
      try listings(of: job, logs: 30, keepFree: .bytes(3600)), try listings(of: job, logs: 200, keepFree: .bytes(2000))
    )
    #expect(few.archives < 85 && many.archives < 550)
    #expect(many.count <= few.count + 2, "\(many.count) and \(few.count)")
  }

  @Test("as often for many logs as for few, when dated archives are compressed")
  func compression() throws {
    func compressed(_ logs: Int) throws -> (count: Int, compressed: Int) {
      var job = job(every: 40) { $0.naming = Naming(style: .dated(DateFormat(text: "-%Y%m%d"))) }
      job.policy.rules.archiveDirectory = nil
      job.policy.rules.compression = Compression(command: ["gzip"], suffix: ".gz")
      let rig = Rig([job])
      rig.configuration.daemon.maxChildren = 1000
      for log in 0..<logs { rig.fill("\(log).log") }
      try rig.live(seconds: 70)
      return (rig.disk.listings, rig.names.count { $0.bytes.suffix(3) == Array(".gz".utf8)[...] })
    }
    let (few, many) = (try compressed(3), try compressed(300))
    #expect(few.compressed == 3 && many.compressed == 300)
    #expect(many.count <= few.count + 3, "\(many.count) and \(few.count)")
  }
}
