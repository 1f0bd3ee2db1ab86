internal import Daemon
internal import Rotation

extension World {
  /// At the end of the days of peace no archive is older than its job allows, but the newest and those that are held.
  func checkAges(of log: String, _ job: Job) {
    guard let age = job.policy.handling.maxAge, !scenario.hasForeigners else { return }
    var versions: [Version] = []
    let (directory, base) = LogFinder.split(log)
    for (name, inode) in disk.directories[directory] ?? [:] {
      guard let archive = ArchiveName.parse(name), archive.base == base, disk.nodes[inode]?.kind == .regular else {
        continue
      }
      versions.append(Version(number: archive.version, suffix: archive.suffix, inode: inode))
    }
    versions.sort { $0.number < $1.number }
    // An hour is more than the longest pause before a removal is tried again.
    let latest = WallTime(nanoseconds: driver.wallClock()) - age - .seconds(3600)
    for (place, version) in versions.enumerated() where place >= job.policy.handling.keepMin {
      guard version.number == place + 1, let node = disk.nodes[version.inode], !disk.isOpenForWriting(version.inode)
      else { continue }
      let older = versions[place...].compactMap { disk.nodes[$0.inode]?.modified }
      if node.modified < latest, older.allSatisfy({ $0 < latest }) {
        checker.complain("\(log).\(version.number) is older than its job allows")
      }
    }
  }
}
