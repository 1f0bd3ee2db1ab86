internal import Daemon
internal import Rotation
internal import Timekeeping

extension World {
  /// At the end of the days of peace, no archive is older than its job allows, except the newest and those that are
  /// open.
  func checkAges(of log: FilePath, _ job: Job) {
    guard let age = job.policy.maxAge, !scenario.hasForeigners else { return }
    let versions = checker.versions(of: log).flatMap { rank, files in
      files.filter { disk.nodes[$0.version.inode]?.kind == .regular }.map { (rank, $0.version, $0.name) }
    }
    // An hour is more than the longest pause before a removal is tried again.
    let latest = driver.wallClock() - age - .seconds(3600)
    for (place, (rank, version, name)) in versions.enumerated() where rank > job.policy.keepMin {
      guard version.number ?? rank == rank, let node = disk.nodes[version.inode], !disk.isOpenForWriting(version.inode)
      else { continue }
      let older = versions[place...].compactMap { disk.nodes[$0.1.inode]?.modified }
      if node.modified < latest, older.allSatisfy({ $0 < latest }) {
        checker.warn("\(name) is older than its job allows")
      }
    }
  }
}
