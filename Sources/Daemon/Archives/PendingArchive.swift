internal import EventLoop
internal import Rotation
internal import Timekeeping

/// An archive that is awaited, as one LogHousekeeping knows it.
final class PendingArchive {
  /// The reason why its work is not done.
  enum Problem: Hashable {
    /// These processes have it open for writing.
    case heldOpen([String])
    case failed(String)
    /// Its compressor makes no progress.
    case still

    /// A text that differs between problems.
    var key: String {
      switch self {
      case .heldOpen(let processes): "held: " + processes.joined(separator: ", ")
      case .failed(let reason): "failed: " + reason
      case .still: "still"
      }
    }
  }

  /// Open while it is checked, compressed or copied.
  var hold: (any LeasedFile)?
  /// The watch that reports a close by a writer between two checks.
  var sign: AnyObject?
  let file: Version.File
  /// When it was first seen.
  let since: MonotonicTime
  /// Checks for a release since the last event: quickly at first, then more and more slowly.
  var looks = Backoff()
  /// Its file system has no leases, or none that the daemon may take.
  var isLeaseless = false
  /// Whether a check has found no writer.
  var wasReleased = false
  /// When the operator is warned, and the writer notified again, because it has not closed the archive.
  var warnings = Backoff()
  /// The problem that was reported last.
  var problem: Problem?
  /// What was done with it that comes before its removal.
  var performed: Set<RemovalTask> = []
  /// After failed tries.
  var retry = Backoff()
  /// The pauses after compressions that a writer interrupted.
  var breaks = Backoff()

  init(_ file: Version.File, since: MonotonicTime, timeout: Span) {
    self.file = file
    self.since = since
    warnings.hold(until: since.advanced(by: timeout))
  }

  /// Its writers could have closed it since this time, if that is earlier than what is known.
  func note(since: MonotonicTime, _ timeout: Span) {
    guard warnings.attempts == 0 else { return }
    let time = since.advanced(by: timeout)
    warnings.hold(until: min(warnings.next ?? time, time))
  }
}
