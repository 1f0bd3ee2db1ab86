internal import Rotation

/// What the parts of the daemon tell upward. The Supervisor alone handles it (`Supervisor+Events`).
enum Event {
  /// A log was rotated; the report says how.
  case rotated(Report)
  /// Archives of a job have changed in number or size.
  case archivesChanged(of: String)
  /// An archive of a job was compressed, from so many bytes to so many.
  case compressed(of: String, from: Int64, to: Int64)
  /// An archive of a job that took so many bytes on disk was removed.
  case removed(of: String, RemovalReason, bytes: Int64)
  /// The writers of these logs were notified.
  case notified([RotatedLog])
  /// The rotation of a log was undone.
  case undone(RotatedLog)
  /// A part has nothing to do any more.
  case idle
}

/// The way up for events, which each part is given when it is made.
final class Events {
  /// Set once, when all parts are made.
  weak var supervisor: Supervisor?

  func send(_ event: Event) { supervisor?.handle(event) }
}
