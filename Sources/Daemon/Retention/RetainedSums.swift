internal import Rotation

/// What a search for the files of a job with `retain` has found.
final class RetainedSums {
  /// Files, and the bytes that they take on disk.
  var files: Int64 = 0
  var bytes: Int64 = 0
  /// Those of them that a due time now would remove.
  var surplus = RemovalTally.Count()
}
