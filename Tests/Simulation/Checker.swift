package import Config
internal import Daemon
package import Rotation
internal import Timekeeping

/// The promises, checked from outside of the daemon: what it may remove, that a live name is never absent, that every
/// line is somewhere, and only once, and that no due time is served twice.
package final class Checker {
  package private(set) var violations: [String] = []
  /// Lines that the policy, or a foreigner, has removed.
  private var gone: Set<String> = []
  private var written: [String] = []
  /// Policies that may be in force for a job: a reload changes them, a run in progress continues with the former.
  private var policies: [String: [Policy]] = [:]
  private var schedules: [String: Schedule] = [:]
  /// The job of each log, by path and by its name in the one directory.
  private let logs: [FilePath: String]
  private let logNames: [FileName: String]
  private var isPresent: Set<FileName> = []
  /// The archives that names were found to be, under the configs in force.
  private var known: [FilePath: [FileName: Archive?]] = [:]
  /// The due time for which each log was last rotated.
  private var served: [FilePath: Int64] = [:]
  /// The phase of interval jobs; nil while nothing can be said about due times.
  package var phase: Int64?
  /// When a read or write of the state last failed, on the wall clock.
  private var lastStateFault: Int64?
  private var losesPhase = false
  /// The free space below which archives may be removed.
  private var keepFree: FreeSpace?
  unowned let disk: SimulatedFileSystem

  package init(disk: SimulatedFileSystem, logs: [FilePath: String]) {
    self.disk = disk
    self.logs = logs
    self.logNames = Dictionary(uniqueKeysWithValues: logs.map { (LogFinder.split($0.key).name, $0.value) })
  }

  package func adopt(_ configuration: Configuration, keeping former: Int = 1) {
    known = [:]
    keepFree = configuration.daemon.keepFree
    for job in configuration.jobs {
      policies[job.name] = Array((policies[job.name] ?? []).suffix(former)) + [job.policy]
      if case .interval = job.schedule, losesPhase { continue }
      schedules[job.name] = job.sizeLimit == nil ? job.schedule : nil
    }
  }

  /// Whether a job truncates its logs, or did before the last reload.
  func truncates(_ job: String) -> Bool { policies[job]?.contains { $0.method != .move } == true }

  package func noteWritten(_ line: String) { written.append(line) }

  package func warn(_ text: String) {
    if violations.count < 10 { violations.append("\(disk.clock().nanoseconds / 1_000_000_000): \(text)") }
  }

  /// The daemon may repeat what it could not record, and reports that. Without a state, interval jobs get a new phase.
  package func noteStateFault(_ wall: Int64) {
    lastStateFault = wall
    schedules = schedules.filter { if case .interval = $0.value { false } else { true } }
    losesPhase = true
  }

  /// The daemon need not keep what a foreigner is about to remove.
  package func noteForeignRemoval(of path: FilePath) {
    isPresent.remove(LogFinder.split(path).name)
    noteGone(path)
  }

  func noteGone(_ path: FilePath) {
    guard let content = disk.content(of: path) else { return }
    gone.formUnion(content.drop { $0 == "\0" }.split(separator: "\n").map(String.init))
  }

  // MARK: What the daemon does

  package func beforeRemoval(_ directory: FilePath, _ name: FileName) {
    let path = directory.appending(name)
    guard let inode = disk.inode(of: path), let node = disk.nodes[inode] else { return }
    if node.links > 1 || !directories.contains(directory) { return }
    if let log = StagingName.log(of: name) {
      let keep = logNames[log].flatMap { policies[$0]?.map(\.keep).min() } ?? 0
      if !node.content.isEmpty { checkRetired(node, inode, log, path, keep: keep) }
      return
    }
    if let archive = StagingName.supersededArchive(of: name) {
      return checkSuperseded(node, inode, archive, directory)
    }
    guard let archive = archive(name, in: directory) else {
      warn("removed \(path), which is no archive")
      return
    }
    // A copy beside its source.
    if !sources(of: node, but: inode, archive.log, isCompressed: !archive.suffix.isEmpty).isEmpty { return }
    if disk.isOpenForWriting(inode) { warn("removed \(path), which a writer has open") }
    // The new log of an undone rotation, which nobody has begun to use.
    if node.content.isEmpty, policies[archive.job]?.contains(where: { $0.undoesWhenStuck }) == true { return }
    let keep = policies[archive.job]?.map(\.keep).min() ?? 0
    let newer = newer(than: archive.key, of: archive.log)
    if newer < keep, !mayGoEarly(age(of: node, archive), newer, archive.job) {
      warn("removed \(path), with only \(newer) newer versions of \(keep) to keep")
    }
    noteGone(path)
  }

  /// The directories of logs and archives.
  private var directories: [FilePath] {
    let log = Scenario.logDirectory
    return [log, log.appending("old"), Scenario.otherFileSystem.appending("archives")].filter {
      disk.directories[$0] != nil
    }
  }

  /// Every file in them.
  var files: [(directory: FilePath, name: FileName, inode: UInt64)] {
    directories.flatMap { directory in (disk.directories[directory] ?? [:]).map { (directory, $0.key, $0.value) } }
  }

  /// The archive that a name stands for.
  struct Archive {
    var log: FileName
    var key: VersionKey
    var job: String
    var suffix: String
  }

  /// The archive that a name stands for, by the naming and the directory of the log's job.
  func archive(_ name: FileName, in directory: FilePath) -> Archive? {
    if let known = known[directory]?[name] { return known }
    let found = parse(name, in: directory)
    known[directory, default: [:]][name] = .some(found)
    return found
  }

  private func parse(_ name: FileName, in directory: FilePath) -> Archive? {
    for (job, policies) in policies {
      guard let policy = policies.last, let archive = policy.naming.parse(name), logNames[archive.base] == job else {
        continue
      }
      let path = policy.archiveDirectory?.path
      let own = path.map { Scenario.logDirectory.resolving($0) }
      guard directory == Scenario.logDirectory || directory == own else { continue }
      return Archive(log: archive.base, key: archive.key, job: job, suffix: archive.suffix)
    }
    return nil
  }

  private func newer(than version: VersionKey, of log: FileName) -> Int {
    var newer: Set<VersionKey> = []
    for (directory, name, _) in files {
      if let other = archive(name, in: directory), other.log == log, other.key < version { newer.insert(other.key) }
    }
    return newer.count
  }

  /// A source is removed only if its content is somewhere else, compressed or moved, and nobody writes to it.
  private func checkSuperseded(
    _ node: SimulatedFileSystem.Node, _ inode: UInt64, _ name: FileName, _ directory: FilePath
  ) {
    if disk.isOpenForWriting(inode) { warn("removed the source of \(name), which a writer has open") }
    let whole = Array(SimulatedProcesses.mark.utf8) + node.content
    let log = archive(name, in: directory)?.log
    let isThere = files.contains { directory, name, other in
      guard other != inode, let found = archive(name, in: directory), found.log == log else { return false }
      let content = disk.nodes[other]?.content
      return content == whole || content == node.content
    }
    if !isThere { warn("removed the source of \(name), and its content is in no other file") }
  }

  /// Files of a log, also hidden ones, that have everything in a copy: compressed, or on the other file system.
  private func sources(
    of copy: SimulatedFileSystem.Node, but inode: UInt64, _ log: FileName, isCompressed: Bool
  ) -> [(name: FileName, node: SimulatedFileSystem.Node)] {
    let mark = Array(SimulatedProcesses.mark.utf8)
    guard copy.content.starts(with: mark) || !isCompressed else { return [] }
    let content = isCompressed ? copy.content.dropFirst(mark.count) : copy.content[...]
    return files.compactMap { directory, name, other in
      guard other != inode, let found = archive(StagingName.supersededArchive(of: name) ?? name, in: directory),
        found.log == log, let node = disk.nodes[other]
      else { return nil }
      // A moved file may be compressed already; a late writer may have added to it.
      let isSource = node.content.starts(with: content) && (found.suffix.isEmpty || !isCompressed)
      return isSource ? (name, node) : nil
    }
  }

  /// Checks that the source of a compressed file that gets its name has no writer, and is completely in it.
  package func beforePublish(_ source: UInt64, _ content: [UInt8]) {
    guard let node = disk.nodes[source] else { return }
    if disk.isOpenForWriting(source) { warn("compressed inode \(source), which a writer has open") }
    if content != Array(SimulatedProcesses.mark.utf8) + node.content { warn("inode \(source) is torn, compressed") }
  }

  /// Whether age, total or free space allows the removal of an archive that `keep` would keep.
  private func mayGoEarly(_ age: Span, _ newer: Int, _ job: String) -> Bool {
    var total = 0
    for (directory, name, inode) in files {
      guard let node = disk.nodes[inode], node.kind == .regular else { continue }
      if directory == Scenario.logDirectory, logNames[name] == job { total += node.content.count }
      if archive(name, in: directory)?.job == job { total += node.content.count }
    }
    let isLow = keepFree.map { bound in
      disk.capacity.map { $0 - disk.used < bound.bytes(of: $0) } ?? false
    }
    return policies[job]?.contains { policy in
      guard newer >= policy.keepMin else { return false }
      if let most = policy.maxAge, age >= most { return true }
      if let most = policy.maxTotal, total > most { return true }
      return isLow ?? false
    } ?? false
  }

  package func afterChange(_ call: SimulatedFileSystem.Call, _ directory: FilePath, _ name: FileName, _ wall: Int64) {
    guard directory == Scenario.logDirectory, let names = disk.directories[directory] else { return }
    for log in logNames.keys where names[log] != nil {
      isPresent.insert(log)
    }
    for log in isPresent where names[log] == nil {
      let job = logNames[log] ?? ""
      if policies[job]?.contains(where: { $0.creation == .leftToWriter }) != true {
        warn("\(log) is absent after \(call) of \(name)")
      }
      isPresent.remove(log)
    }
    guard let job = logNames[name] else { return }
    switch call {
    case .exchange, .replace, .rename, .remove: noteTaken(directory.appending(name), job, wall)
    default: break
    }
  }

  /// A log was moved away from its name: not twice for one due time.
  private func noteTaken(_ log: FilePath, _ job: String, _ wall: Int64) {
    guard let phase, let schedule = schedules[job], let due = Self.due(schedule, phase, wall) else { return }
    let couldRemember = wall - (lastStateFault ?? 0) > 4 * 86_400_000_000_000
    if served[log] == due, couldRemember {
      warn("\(log) was rotated twice for the due time \(due), the second time at \(wall)")
    }
    served[log] = due
  }

  /// The latest due time up to a moment, in a world in UTC whose clock is never set.
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

  /// Every line that was ever written is in exactly one file, or was removed by the policy. Only after a crash in a
  /// compression may a line exist twice: in a copy beside its source, or in one that was set aside since.
  /// `mayBeTruncated`: what was copied from a log that is truncated may still be in it.
  package func checkLines(mayBeTruncated: Bool = false) {
    var seen: Set<UInt64> = []
    var count: [Substring: Int] = [:]
    var doubled: Set<Substring> = []
    for (directory, name, inode) in files where seen.insert(inode).inserted {
      guard let node = disk.nodes[inode], node.kind == .regular else { continue }
      let isCopy = isCopy(name, inode, node, directory)
      // A truncated log may begin with NULs and padding.
      let text = String(decoding: node.content.drop { $0 == 0 }, as: UTF8.self)
      for line in text.split(separator: "\n") {
        if isCopy {
          doubled.insert(line)
        } else {
          count[line, default: 0] += 1
        }
      }
    }
    written.removeAll { gone.contains($0) }
    gone = []
    for line in written {
      switch count[line[...]] ?? (doubled.contains(line[...]) ? 1 : 0) {
      case 1: break
      case 0: warn("lost: \(line)")
      case 2 where mayBeTruncated && truncates(String(line.prefix { $0 != "-" && $0 != "." })): break
      case let times: warn("\(times) times: \(line)")
      }
    }
  }

  private func isCopy(
    _ name: FileName, _ inode: UInt64, _ node: SimulatedFileSystem.Node, _ directory: FilePath
  ) -> Bool {
    let isCompressed = node.content.starts(with: SimulatedProcesses.mark.utf8)
    if isCompressed, SetAsideName.isOne(name) { return true }
    guard isCompressed || directory.bytes.starts(with: Scenario.otherFileSystem.bytes),
      let archive = archive(name, in: directory)
    else { return false }
    return !sources(of: node, but: inode, archive.log, isCompressed: !archive.suffix.isEmpty).isEmpty
  }
}
