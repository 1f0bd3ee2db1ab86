internal import EventLoop
internal import Rotation
internal import Timekeeping

/// An archive that is waited for, as one LogHousekeeping knows it.
final class PendingArchive {
  /// What keeps it from being done.
  enum Problem: Hashable {
    /// These processes have it open for writing.
    case heldOpen([String])
    case failed(String)
    /// Its compressor does not go on.
    case still
  }

  /// Open while it is looked at, and while something is made of it.
  var hold: (any LeasedFile)?
  /// Tells between two looks that a writer has closed it.
  var sign: AnyObject?
  /// When it was first seen.
  let since: MonotonicTime
  /// Looks for a release since the last event; they come quickly at first, then more and more slowly.
  var looks = 0
  var nextLook: MonotonicTime?
  /// Its file system has no leases, or none for us.
  var isLeaseless = false
  /// Whether it was seen without a writer.
  var wasReleased = false
  /// When the operator is told, and the writer again, that it holds on.
  var warnAt: MonotonicTime
  var problems = 0
  /// What was said of it last.
  var problem: Problem?
  /// Failed tries.
  var failures = 0
  /// Compressions that were broken off by whoever opened it.
  var breaks = 0
  var notBefore: MonotonicTime?

  init(since: MonotonicTime, timeout: Span) {
    self.since = since
    self.warnAt = since.advanced(by: timeout)
  }

  /// Its writers could have let go since this time: an earlier one counts, too.
  func note(since: MonotonicTime, _ timeout: Span) {
    if problems == 0 { warnAt = min(warnAt, since.advanced(by: timeout)) }
  }
}
