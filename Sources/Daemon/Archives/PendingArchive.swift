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

    /// What tells it from others.
    var key: String {
      switch self {
      case .heldOpen(let processes): "held: " + processes.joined(separator: ", ")
      case .failed(let reason): "failed: " + reason
      case .still: "still"
      }
    }
  }

  /// Open while it is looked at, and while something is made of it.
  var hold: (any LeasedFile)?
  /// Tells between two looks that a writer has closed it.
  var sign: AnyObject?
  let file: Version.File
  /// When it was first seen.
  let since: MonotonicTime
  /// Checks for a release since the last event: quickly at first, then more and more slowly.
  var looks = Backoff()
  /// Its file system has no leases, or none for us.
  var isLeaseless = false
  /// Whether it was seen without a writer.
  var wasReleased = false
  /// When the operator is warned, and the writer notified again, since it holds on.
  var warnings = Backoff()
  /// What was said of it last.
  var problem: Problem?
  /// After failed tries.
  var retry = Backoff()
  /// After compressions that were broken off by whoever opened it.
  var breaks = Backoff()

  init(_ file: Version.File, since: MonotonicTime, timeout: Span) {
    self.file = file
    self.since = since
    warnings.hold(until: since.advanced(by: timeout))
  }

  /// Its writers could have let go since this time: an earlier one counts, too.
  func note(since: MonotonicTime, _ timeout: Span) {
    guard warnings.attempts == 0 else { return }
    let time = since.advanced(by: timeout)
    warnings.hold(until: min(warnings.next ?? time, time))
  }
}
