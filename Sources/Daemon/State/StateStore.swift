package import Rotation
package import Timekeeping

/// What is preserved over a restart: which due times each job has served, when each log was last rotated, and the
/// rotations that have begun and not ended.
///
/// It is advice: if it is lost or damaged, a rotation is early or late, but no log is lost. Records that cannot be
/// written are kept in memory, and the file is rewritten as soon as that works again. Used on the loop's thread alone.
package final class StateStore {
  /// What is known of one log.
  package struct LogRecord: Hashable {
    package var rotated: WallTime?
    /// The latest due time that a rotation of this log has served.
    package var served: WallTime?
    /// When it was taken over from logrotate, whose last rotation `rotated` is then; nil when rotated has rotated it since.
    package var imported: WallTime?
    /// A rotation that has begun and not ended.
    package var intent: Intent?
    /// Inodes of rotated files whose writers were not notified yet, the oldest first.
    package var owed: [UInt64] = []
    /// Archives that the log's writers may not have closed yet, the oldest first.
    package var awaited: [Awaited] = []
    /// Inodes of its archives whose names could be those of logs, the oldest first.
    package var made: [UInt64] = []
    /// A truncation that has begun: an archive has the log's content, which is not yet removed from the log.
    package var cut: Truncation?
    /// What the last truncation has left at its head.
    package var padding: Padding?
    /// The names of its archives, now and before; nil if it was not rotated since this is recorded.
    package var names: NameHistory?

    /// The empty file to which an undo has given the name of an archive, which it may still have.
    package var emptied: UInt64?
    /// Whether that undo runs in this process, and removes the file itself.
    package var isUndoing = false

    fileprivate mutating func await(_ archive: Awaited) {
      awaited = (awaited.filter { $0.inode != archive.inode } + [archive]).suffix(Limits.maxOwed)
    }

    /// Whether something is still to be done for it.
    fileprivate var isOpen: Bool { intent != nil || cut != nil || emptied != nil || !owed.isEmpty }
  }

  /// An archive that may still have a writer.
  package struct Awaited: Hashable {
    package var inode: UInt64
    /// When it was made.
    package var since: WallTime
  }

  private static let fileName: FileName = "state"
  private static let damagedName: FileName = "state.damaged"
  private static let markName: FileName = "running"

  private let fileSystem: any FileSystem
  private let directory: OpenDirectory
  private(set) var jobs: [String: WallTime] = [:]
  private(set) var logs: [FilePath: LogRecord] = [:]
  /// The name histories, which logs share.
  private var histories: [[ArchiveNames]: NameHistory] = [:]
  /// The number of records in the file, valid and outdated.
  private var recordsInFile = 0
  /// The number of records after the last rewrite.
  private var recordsLeft = 0
  /// Whether the file differs from memory, or does not exist.
  private var needsRewrite = true
  /// The errno of the last write, if it failed; nil otherwise. For the status, and so that it is reported once.
  package private(set) var failure: Errno?

  package init(fileSystem: any FileSystem, directory: OpenDirectory) {
    self.fileSystem = fileSystem
    self.directory = directory
  }

  // MARK: Runs of a command

  /// Notes that a command has begun its run. Returns whether the run before was cut off, which may have left archives under hidden
  /// names: a compression has no record.
  package func beginRun() -> Bool {
    let mark = (try? fileSystem.status(of: Self.markName, in: directory)) ?? nil
    // Without a mark, what this run leaves is found by the next daemon.
    if mark == nil { try? fileSystem.append([], to: Self.markName, in: directory) }
    return mark != nil
  }

  /// Notes that the run has come to its end.
  package func endRun() { try? fileSystem.remove(Self.markName, in: directory) }

  // MARK: Reading

  /// Reads the file; damaged or missing parts are reported and left out. Without `keepsDamaged`, nothing is written.
  package func load(keepsDamaged: Bool = true) -> [Report] {
    let path = "\(directory.path)/\(Self.fileName)"
    do throws(Errno) {
      guard let bytes = try fileSystem.read(Self.fileName, in: directory) else {
        return [Report(.stateRebuilt, .info, "no state at \(path): starting with an empty one")]
      }
      let damaged = replay(bytes)
      guard damaged > 0 else {
        needsRewrite = false
        return []
      }
      guard keepsDamaged else { return [] }
      var kept = "kept as \(Self.damagedName)"
      do throws(Errno) {
        try fileSystem.write(bytes, to: Self.damagedName, in: directory)
      } catch {
        kept = "not kept: \(error)"
      }
      return [
        Report(
          .stateRebuilt, .warning,
          "skipped \(damaged) damaged record\(damaged == 1 ? "" : "s") in \(path); the file is \(kept), and a new one is written"
        )
      ]
    } catch {
      return [
        Report(
          .stateRebuilt, .warning, "cannot read \(path): \(error); starting with an empty state",
          errno: error)
      ]
    }
  }

  /// Applies every sound record; returns how many lines were not sound.
  private func replay(_ bytes: [UInt8]) -> Int {
    var damaged = 0
    var rest = bytes[...]
    if rest.starts(with: StateRecord.header.utf8) {
      rest = rest.dropFirst(StateRecord.header.utf8.count)
    } else if !rest.isEmpty {
      damaged += 1
    }
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      if end < rest.endIndex, let record = StateRecord(line: rest[..<end]) {
        apply(record)
        recordsInFile += 1
      } else if end == rest.endIndex || !StateRecord.isOfLaterVersion(rest[..<end]) {
        damaged += 1
      }
      rest = rest[end...].dropFirst()
    }
    return damaged
  }

  private func apply(_ record: StateRecord) {
    switch record {
    case .served(let job, let due): jobs[job] = due
    case .begun(let log, let intent): logs[log, default: LogRecord()].intent = intent
    case .done(let log, let time, let due):
      var known = logs[log] ?? LogRecord()
      known.rotated = time
      known.served = due ?? known.served
      known.imported = nil
      // A log that is truncated keeps its file, and so its writers.
      if let intent = known.intent, known.cut == nil { known.await(Awaited(inode: intent.inode, since: time)) }
      known.intent = nil
      known.cut = nil
      logs[log] = known
    case .imported(let log, let rotated, let served, let seen):
      var known = logs[log] ?? LogRecord()
      // A later rotation of its own is known better.
      let own = known.imported == nil ? known.rotated : nil
      if own.map({ $0 < rotated ?? $0 }) ?? true { (known.rotated, known.imported) = (rotated, seen) }
      known.served = served ?? known.served
      logs[log] = known
    case .cutting(let log, let cut): logs[log, default: LogRecord()].cut = cut
    case .filled(let log, let padding): logs[log, default: LogRecord()].padding = padding.length > 0 ? padding : nil
    case .dropped(let log):
      logs[log]?.intent = nil
      logs[log]?.cut = nil
    case .owed(let log, let inode):
      var owed = (logs[log]?.owed ?? []).filter { $0 != inode }
      owed.append(inode)
      logs[log, default: LogRecord()].owed = owed.suffix(Limits.maxOwed)
    case .made(let log, let inode):
      let made = (logs[log]?.made ?? []).filter { $0 != inode } + [inode]
      logs[log, default: LogRecord()].made = made.suffix(Limits.maxMade)
    case .named(let log, let names):
      let former = (logs[log]?.names?.all ?? []).filter { $0 != names }
      logs[log, default: LogRecord()].names = history((former + [names]).suffix(Limits.maxNames))
    case .settled(let log):
      if let last = logs[log]?.names?.last { logs[log]?.names = history([last]) }
    case .notified(let log, let inode): logs[log]?.owed.removeAll { $0 == inode }
    case .undoing(let log, let inode): logs[log, default: LogRecord()].emptied = inode == 0 ? nil : inode
    case .awaited(let log, let inode, let since):
      logs[log, default: LogRecord()].await(Awaited(inode: inode, since: since))
    case .released(let log, let inode): logs[log]?.awaited.removeAll { $0.inode == inode }
    case .undone(let log, let inode):
      logs[log]?.emptied = nil
      logs[log]?.awaited.removeAll { $0.inode == inode }
      logs[log]?.owed.removeAll { $0 == inode }
      // The time of the rotation before is not known any more, and nothing needs it.
      if logs[log]?.served == nil { logs[log]?.rotated = nil }
    }
  }

  private func history(_ names: some Sequence<ArchiveNames>) -> NameHistory {
    let all = Array(names)
    if let known = histories[all] { return known }
    let history = NameHistory(all)
    histories[all] = history
    return history
  }

  // MARK: Writing

  /// Stores the records, in one write. A failure is kept in `failure`; memory has the records all the same. With
  /// `durably`, they are on disk when this returns without a failure.
  package func record(_ records: [StateRecord], durably: Bool = false) {
    guard !records.isEmpty else { return }
    for record in records {
      apply(record)
      if case .undoing(let log, let inode) = record { logs[log]?.isUndoing = inode != 0 }
    }
    do throws(Errno) {
      // Relative to the last rewrite: a log may have many valid records, and with a bound below their number, each
      // slice of a run would rewrite the whole file.
      let holding = max(recordsLeft, jobs.count + 2 * logs.count)
      if needsRewrite || recordsInFile + records.count > 2 * holding + 1000 {
        try rewrite()
      } else {
        var bytes: [UInt8] = []
        for record in records { record.write(to: &bytes) }
        try fileSystem.append(bytes, to: Self.fileName, in: directory)
        recordsInFile += records.count
        if durably { try fileSystem.sync(Self.fileName, in: directory) }
      }
      failure = nil
    } catch {
      failure = error
      needsRewrite = true
    }
  }

  /// Forgets jobs that the config does not have any more.
  package func forgetJobs(except names: Set<String>) {
    jobs = jobs.filter { names.contains($0.key) }
  }

  /// Writes only valid records. The served time of a log matters only while its job may ask for it. So a log that was
  /// not rotated for long, and may be gone, is forgotten; otherwise new names would fill the file for ever.
  private func rewrite() throws(Errno) {
    let latest = logs.values.compactMap(\.rotated).max() ?? WallTime(seconds: 0)
    logs = logs.filter { _, known in
      // What logrotate has rotated long ago is needed as long as the job may ask for it, which begins with the takeover.
      known.isOpen || latest - (known.imported ?? known.rotated ?? latest) < Limits.stateMemory
    }
    var bytes = Array(StateRecord.header.utf8)
    var count = 0
    func add(_ record: StateRecord) {
      record.write(to: &bytes)
      count += 1
    }
    for (job, due) in jobs { add(.served(job: job, due)) }
    for (path, known) in logs {
      if let seen = known.imported {
        add(.imported(log: path, rotated: known.rotated, served: known.served, seen: seen))
      } else if let rotated = known.rotated {
        add(.done(log: path, at: rotated, due: known.served))
      }
      for names in known.names?.all ?? [] { add(.named(log: path, names)) }
      for inode in known.made { add(.made(log: path, inode: inode)) }
      for archive in known.awaited { add(.awaited(log: path, inode: archive.inode, since: archive.since)) }
      for inode in known.owed { add(.owed(log: path, inode: inode)) }
      if let padding = known.padding { add(.filled(log: path, padding)) }
      if let inode = known.emptied { add(.undoing(log: path, inode: inode)) }
      if let cut = known.cut { add(.cutting(log: path, cut)) }
      if let intent = known.intent { add(.begun(log: path, intent)) }
    }
    try fileSystem.write(bytes, to: Self.fileName, in: directory)
    recordsInFile = count
    recordsLeft = count
    needsRewrite = false
  }
}
