package import Rotation
package import Timekeeping

extension StateStore {
  /// The last due time that the job has fully served; nil if the job is new.
  package func served(job: String) -> WallTime? { jobs[job] }

  /// What is known of a log; nil if nothing is.
  package func log(_ path: FilePath) -> LogRecord? { logs[path] }

  /// When each log was rotated last, for those that logrotate has not rotated since.
  package var rotations: [(log: FilePath, at: WallTime)] {
    logs.compactMap { path, known in known.imported == nil ? known.rotated.map { (path, $0) } : nil }
  }

  /// When a log was last rotated, or created by others since; nil if neither is known.
  func begun(_ path: FilePath, _ live: FileStatus?) -> WallTime? {
    [logs[path]?.rotated, live?.born].compactMap(\.self).max()
  }

  /// Whether a rotation of a log has begun and not ended.
  func isHalfDone(_ path: FilePath) -> Bool { logs[path].map { $0.intent != nil || $0.cut != nil } ?? false }

  /// Every rotation that has begun and not ended, by log.
  package var openIntents: [FilePath: Intent] { logs.compactMapValues(\.intent) }

  /// Every rotation whose writers were not notified yet, by log.
  package var owed: [FilePath: [UInt64]] { logs.compactMapValues { $0.owed.isEmpty ? nil : $0.owed } }

  /// Every archive that may still have a writer, by log.
  package var awaited: [FilePath: [Awaited]] { logs.compactMapValues { $0.awaited.isEmpty ? nil : $0.awaited } }

  /// Every truncation that has begun and not ended, by log.
  package var openTruncations: [FilePath: Truncation] { logs.compactMapValues(\.cut) }

  /// Every empty file that an undo may have left under an archive's name, by log.
  package var emptied: [FilePath: UInt64] { logs.compactMapValues(\.emptied) }

  /// The logs whose archives have or had names other than `current`, with all names that they had.
  package func named(otherwiseThan current: ArchiveNames?) -> [(log: FilePath, names: NameHistory)] {
    logs.compactMap { path, known in
      guard let names = known.names, names.all.count != 1 || names.last != current else { return nil }
      return (path, names)
    }
  }

  /// The record to write before an archive of the log gets a name by this policy; nil if the names are recorded
  /// already.
  func naming(_ log: FilePath, _ policy: Policy) -> StateRecord? {
    logs[log]?.names?.last == policy.names ? nil : .named(log: log, policy.names)
  }
}
