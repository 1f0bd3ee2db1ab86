internal import Daemon
internal import Rotation
internal import Timekeeping

extension Checker {
  /// In peace, every archive that should be compressed is, unless a writer has it open.
  func checkCompressed(_ log: FilePath, _ policy: Policy, _ now: Int64) {
    guard let compression = policy.compression else { return }
    let versions = versions(of: log)
    for (rank, versions) in versions where rank >= compression.from && rank <= policy.keep {
      if let number = versions[0].version.number, number != rank { return }
      guard let (version, name) = versions.first, versions.count == 1, version.suffix.isEmpty,
        let node = disk.nodes[version.inode]
      else { continue }
      if node.kind == .regular, node.links == 1, !disk.isOpenForWriting(version.inode),
        node.modified.nanoseconds < now - 86_400_000_000_000
      {
        warn("\(name) is still plain after a day of peace")
      }
    }
  }

  /// In peace, no more versions are left than the job keeps, except those that a writer has open, and those after a
  /// gap.
  func checkSurplus(_ log: FilePath, _ policy: Policy) {
    for (rank, versions) in versions(of: log) {
      if let number = versions[0].version.number, number != rank { return }
      for (version, name) in versions where rank > policy.keep && !disk.isOpenForWriting(version.inode) {
        warn("\(name) is one of \(rank) versions of \(log), of which \(policy.keep) are kept")
      }
    }
  }

  /// The versions of a log by its path, the newest first, with the files of one key together.
  func versions(of log: FilePath) -> [(rank: Int, files: [(version: Version, name: FileName)])] {
    let base = LogFinder.split(log).name
    var byKey: [VersionKey: [(Version, FileName)]] = [:]
    for (directory, name, inode) in files {
      guard let found = archive(name, in: directory), found.log == base else { continue }
      byKey[found.key, default: []].append((Version(found.key, suffix: found.suffix, inode: inode), name))
    }
    return byKey.sorted { $0.key < $1.key }.enumerated().map { ($0.offset + 1, $0.element.value) }
  }

  /// The name of the uncompressed archive of a compressed one; nil for any other name.
  func plainName(of copy: FileName) -> FileName? {
    guard let found = archive(copy, in: Scenario.logDirectory), !found.suffix.isEmpty else { return nil }
    return FileName(copy.bytes.dropLast(found.suffix.utf8.count))
  }

  /// The age of an archive. A time in the future is not trusted: then it is that of the next newer archive of the log
  /// with a trusted time.
  func age(of node: SimulatedFileSystem.Node, _ archive: Archive) -> Span {
    let now = disk.clock()
    guard node.modified > now else { return now - node.modified }
    let newer = files.compactMap { directory, name, inode -> (key: VersionKey, modified: WallTime)? in
      guard let other = self.archive(name, in: directory), other.log == archive.log, other.key < archive.key else {
        return nil
      }
      return disk.nodes[inode].map { (other.key, $0.modified) }
    }
    return newer.filter { $0.modified <= now }.max { $0.key < $1.key }.map { now - $0.modified } ?? .zero
  }
}

extension Checker {
  /// An archive goes under its log's staging name: exchanges have brought it there. There are as many newer ones as the policy
  /// keeps, and what any other was begun with is newer.
  func checkRetired(_ node: SimulatedFileSystem.Node, _ inode: UInt64, _ log: FileName, _ path: FilePath, keep: Int) {
    let others = files.filter { $0.inode != inode && archive($0.name, in: $0.directory)?.log == log }
    let keys = Set(others.compactMap { archive($0.name, in: $0.directory)?.key })
    if disk.isOpenForWriting(inode) { warn("removed \(path), which a writer has open") }
    if keys.count < keep { warn("removed \(path), with only \(keys.count) other versions") }
    if let first = Self.firstLine(node.content) {
      for other in others {
        // What a foreigner has put in the place of an archive is none, and nothing removes a directory.
        let node = disk.nodes[other.inode].flatMap { $0.kind == .regular ? $0 : nil }
        let begun = node.flatMap { Self.firstLine($0.content) }
        guard let begun, begun < first else { continue }
        warn("removed \(path), which is newer than \(other.name)")
      }
    }
    noteGone(path)
  }

  /// The number of the first line that a file has; nil when it has none.
  private static func firstLine(_ content: [UInt8]) -> Int? {
    let line = content.drop { $0 == 0 }.prefix { $0 != UInt8(ascii: "\n") }
    return String(decoding: line, as: UTF8.self).split(separator: " ").last.flatMap { Int($0) }
  }
}
