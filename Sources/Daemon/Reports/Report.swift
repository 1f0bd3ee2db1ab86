package import Rotation

/// One line for the operator, with fields for the journal.
package struct Report: Hashable, Sendable {
  /// Severity, as in syslog(3).
  package enum Priority: Int, Hashable, Sendable {
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
    case debug = 7
  }

  /// The kinds of event, each with a message id and a catalog entry.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case started, notStarted, reloaded, stopped, rotated, ran, notified, compressed, moved, removed, recovered, undone
    case skipped, lowSpace, madeRoom, failed, resolved, hookFailed, rotators, configRejected, stateRebuilt, zoneChanged
    case output, note
  }

  /// What happened.
  package var kind: Kind
  package var priority: Priority
  /// One line for people; control characters in file names are already escaped.
  package var message: String
  package var job: String?
  package var log: FilePath?
  package var archive: FilePath?
  /// The size of the rotated log or the archive.
  package var bytes: Int64?
  /// The reason: `every 30s`, `size 2.1K >= 1K`.
  package var reason: String?
  package var errno: Errno?
  /// The archives that a rotation has removed by `keep`; nil where it has removed none.
  package var removed: Int?

  package init(
    _ kind: Kind, _ priority: Priority, _ message: String, job: String? = nil, log: FilePath? = nil,
    archive: FilePath? = nil, bytes: Int64? = nil, reason: String? = nil, errno: Errno? = nil,
    removed: Int? = nil
  ) {
    self.kind = kind
    self.priority = priority
    self.message = message
    self.job = job
    self.log = log
    self.archive = archive
    self.bytes = bytes
    self.reason = reason
    self.errno = errno
    self.removed = removed
  }

  /// The same with the priority `debug`, if there are many and another report has their number.
  func one(ofMany isOneOfMany: Bool) -> Report {
    guard isOneOfMany else { return self }
    var quiet = self
    quiet.priority = .debug
    return quiet
  }
}
