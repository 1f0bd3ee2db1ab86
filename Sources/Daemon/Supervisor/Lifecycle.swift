/// What the daemon is doing as a whole.
enum Lifecycle: Hashable, Sendable {
  /// Half-done rotations are finished and jobs begin; READY was not told yet.
  case starting
  case running
  /// A new config is being taken into use.
  case reloading
  /// No run begins any more; what was begun comes to its end.
  case stopping
  case stopped
}
