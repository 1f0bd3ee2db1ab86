package import Config
internal import Daemon
internal import Rotation

/// The promises, checked from outside of the daemon: what it may remove, that a live name is never absent, that every
/// line is somewhere, and once, and that no due time is served twice.
package final class Checker {
  package private(set) var violations: [String] = []
  /// Lines that the policy, or a foreigner, has taken away.
  private var gone: Set<String> = []
  private var written: [String] = []
  /// Policies that may be in force for a job: a reload changes them, a turn that is under way goes on with the old.
  private var policies: [String: [Policy]] = [:]
  private var schedules: [String: Schedule] = [:]
  /// Job of each log, by path and by its name in the one directory.
  private let logs: [String: String]
  private let logNames: [String: String]
  private var isPresent: Set<String> = []
  /// The due time that each log was last taken away for.
  private var served: [String: Int64] = [:]
  /// Where the due times of interval jobs are counted from; nil while nothing can be said about due times.
  package var phase: Int64?
  /// When a read or write of the state has failed last, by the wall clock.
  private var lastStateFault: Int64?
  private var losesPhase = false
  private unowned let disk: SimulatedFileSystem

  package init(disk: SimulatedFileSystem, logs: [String: String]) {
    self.disk = disk
    self.logs = logs
    self.logNames = Dictionary(uniqueKeysWithValues: logs.map { (LogFinder.split($0.key).name, $0.value) })
  }

  package func adopt(_ configuration: Configuration) {
    for job in configuration.jobs {
      policies[job.name] = Array((policies[job.name] ?? []).suffix(1)) + [job.policy]
      if case .interval = job.schedule, losesPhase { continue }
      schedules[job.name] = job.sizeLimit == nil ? job.schedule : nil
    }
  }

  package func noteWritten(_ line: String) { written.append(line) }

  package func complain(_ text: String) {
    if violations.count < 10 { violations.append(text) }
  }

  /// What the daemon cannot write down it may do again after a crash; it says so when that happens.
  /// A state that could not be read gives interval jobs a new phase.
  package func noteStateFault(_ wall: Int64) {
    lastStateFault = wall
    schedules = schedules.filter { if case .interval = $0.value { false } else { true } }
    losesPhase = true
  }

  /// What a foreigner is about to take away is not the daemon's to keep.
  package func noteForeignRemoval(of path: String) {
    isPresent.remove(LogFinder.split(path).name)
    noteGone(path)
  }

  private func noteGone(_ path: String) {
    guard let content = disk.content(of: path) else { return }
    gone.formUnion(content.split(separator: "\n").map(String.init))
  }

  // MARK: What the daemon does

  package func beforeRemoval(_ directory: String, _ name: String) {
    let path = "\(directory)/\(name)"
    guard let inode = disk.inode(of: path), let node = disk.nodes[inode] else { return }
    if node.links > 1 || !directories.contains(directory) { return }
    if StagingName.log(of: name) != nil {
      if !node.content.isEmpty { complain("removed \(path), which holds bytes") }
      return
    }
    if hasCopy(inode) { return }
    guard let (log, version, job) = archive(name, in: directory) else {
      complain("removed \(path), which is no archive")
      return
    }
    let keep = policies[job]?.map(\.keep).min() ?? 0
    var newer: Set<VersionKey> = []
    for directory in directories {
      for name in (disk.directories[directory] ?? [:]).keys {
        if let other = archive(name, in: directory), other.log == log, other.key < version { newer.insert(other.key) }
      }
    }
    if newer.count < keep { complain("removed \(path), with only \(newer.count) newer versions of \(keep) to keep") }
    noteGone(path)
  }

  /// Where logs and archives lie.
  private var directories: [String] {
    let log = Scenario.logDirectory
    return [log, "\(log)/old", "\(Scenario.otherFileSystem)/archives"].filter { disk.directories[$0] != nil }
  }

  /// What a name is an archive of, by the naming and the directory of the log's job.
  private func archive(_ name: String, in directory: String) -> (log: String, key: VersionKey, job: String)? {
    for (job, policies) in policies {
      guard let policy = policies.last, let archive = policy.naming.parse(name), logNames[archive.base] == job else {
        continue
      }
      let path = policy.handling.archiveDirectory?.path
      let own = path.map { $0.hasPrefix("/") ? $0 : "\(Scenario.logDirectory)/\($0)" }
      guard directory == Scenario.logDirectory || directory == own else { continue }
      return (archive.base, archive.key, job)
    }
    return nil
  }

  /// Whether another file is the whole of this one: it was moved to another file system.
  private func hasCopy(_ inode: UInt64) -> Bool {
    guard let node = disk.nodes[inode] else { return false }
    return directories.contains { directory in
      (disk.directories[directory] ?? [:]).values.contains { other in
        other != inode && disk.nodes[other]?.content == node.content && disk.nodes[other]?.modified == node.modified
      }
    }
  }

  package func afterChange(_ call: SimulatedFileSystem.Call, _ directory: String, _ name: String, _ wall: Int64) {
    guard directory == Scenario.logDirectory, let names = disk.directories[directory] else { return }
    for log in logNames.keys where names[log] != nil {
      isPresent.insert(log)
    }
    for log in isPresent where names[log] == nil {
      let job = logNames[log] ?? ""
      if policies[job]?.contains(where: { $0.creation == .leftToWriter }) != true {
        complain("\(log) is absent after \(call) of \(name)")
      }
      isPresent.remove(log)
    }
    guard let job = logNames[name] else { return }
    switch call {
    case .exchange, .replace, .rename, .remove: noteTaken("\(directory)/\(name)", job, wall)
    default: break
    }
  }

  /// A log was taken away from its name: not twice for one due time.
  private func noteTaken(_ log: String, _ job: String, _ wall: Int64) {
    guard let phase, let schedule = schedules[job], let due = Self.due(schedule, phase, wall) else { return }
    let couldRemember = wall - (lastStateFault ?? 0) > 4 * 86_400_000_000_000
    if served[log] == due, couldRemember {
      complain("\(log) was rotated twice for the due time \(due), the second time at \(wall)")
    }
    served[log] = due
  }

  /// The latest due time up to a moment, in a world whose zone is UTC and whose clock is never set.
  private static func due(_ schedule: Schedule, _ phase: Int64, _ wall: Int64) -> Int64? {
    switch schedule {
    case .interval(let span):
      return Schedule.nextInTime(phase: phase, every: span.nanoseconds, after: wall) - span.nanoseconds
    case .calendar(let calendar):
      let end = WallTime(nanoseconds: wall) - calendar.delay
      return calendar.latest(after: end - .seconds(2 * 86_400), through: end, in: .utc)?.nanoseconds
    }
  }

  // MARK: The whole disk

  /// Every line that was ever written is in exactly one file, or was taken away as the policy says.
  package func checkLines() {
    var seen: Set<UInt64> = []
    var whole: Set<SimulatedFileSystem.Node> = []
    var count: [Substring: Int] = [:]
    for inode in directories.flatMap({ (disk.directories[$0] ?? [:]).values }) where seen.insert(inode).inserted {
      guard var node = disk.nodes[inode], node.kind == .regular else { continue }
      // A crash may leave an archive on both file systems, until the next start.
      node.born = node.modified
      guard whole.insert(node).inserted else { continue }
      for line in String(decoding: node.content, as: UTF8.self).split(separator: "\n") { count[line, default: 0] += 1 }
    }
    written.removeAll { gone.contains($0) }
    gone = []
    for line in written {
      switch count[line[...]] ?? 0 {
      case 1: break
      case 0: complain("lost: \(line)")
      case let times: complain("\(times) times: \(line)")
      }
    }
  }
}
