internal import EventLoop
internal import Rotation

/// An archive that is waited for, as one LogUpkeep knows it.
final class PendingArchive {
  /// What keeps it from being done.
  enum Trouble: Hashable {
    /// These processes have it open for writing.
    case heldOpen([String])
    case failed(String)
  }

  /// Held between two looks, as long as there are descriptors to spare.
  var hold: (any ArchiveHold)? {
    didSet { finisher.held += (hold == nil ? 0 : 1) - (oldValue == nil ? 0 : 1) }
  }
  /// When it was first seen.
  let since: MonotonicTime
  /// Looks for a release since the last event; they come quickly at first, then more and more slowly.
  var looks = 0
  var nextLook: MonotonicTime?
  /// Its file system has no leases, or none for us.
  var isLeaseless = false
  /// When the operator is told, and the writer again, that it holds on.
  var complaintAt: MonotonicTime
  var complaints = 0
  /// What was said of it last.
  var trouble: Trouble?
  /// Failed tries.
  var failures = 0
  /// Compressions that were broken off by whoever opened it.
  var breaks = 0
  var notBefore: MonotonicTime?
  private unowned let finisher: Finisher

  init(since: MonotonicTime, timeout: Span, finisher: Finisher) {
    self.since = since
    self.complaintAt = since.advanced(by: timeout)
    self.finisher = finisher
  }

  deinit {
    if hold != nil { finisher.held -= 1 }
  }
}
