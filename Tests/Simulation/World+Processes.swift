internal import Daemon
internal import Rotation

/// Other processes of the world: compressors, and processes that open archives by their names.
extension World {
  /// What the next child does.
  func playChild() throws(Errno) -> SimulatedProcesses.Play {
    let second: Int64 = 1_000_000_000
    guard scenario.hasBadChildren, !isCalm else {
      return SimulatedProcesses.Play(takes: second * random(0...(isCalm ? 60 : 7200)))
    }
    switch random(0...9) {
    case 0: throw .noEntry
    case 1: return SimulatedProcesses.Play(takes: nil)
    case 2: return SimulatedProcesses.Play(takes: second * random(1...600), end: .killed(signal: 9), tears: true)
    case 3:
      return SimulatedProcesses.Play(
        takes: second, end: .exited(1), tears: true, lines: ["gzip: no space left on device"])
    default: return SimulatedProcesses.Play(takes: second * random(0...7200))
    }
  }

  /// Opens an archive for writing just when its compressed copy gets a name.
  func intrude(beside copy: FileName) {
    if let plain = checker.plainName(of: copy) { intrude(on: "\(Scenario.logDirectory)/\(plain)") }
  }

  /// Opens an archive by its name, writes a line or two and closes it some time later.
  func intrude(on path: FilePath) {
    guard let node = disk.inode(of: path).flatMap({ disk.nodes[$0] }), node.kind == .regular,
      let inode = disk.openForWriting(path)
    else { return }
    if random(0...1) == 0 { writeLine(path, inode) }
    driver.schedule(after: random(0...7200) * 1_000_000_000) { [unowned self] in
      // Nobody has to keep what a foreigner has deleted meanwhile.
      if !deletedByForeigners.contains(inode) { writeLine(path, inode) }
      letGo(of: inode, path)
    }
  }
}
