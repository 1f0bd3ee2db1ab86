import Glibc
import Testing

/// An error at every mutating system call of a daemon that starts, rotates one log, notifies its writer and compresses,
/// once each, by strace's injection (the call is not executed). The daemon does not end by it, unless it could not
/// start; nothing is lost, and its own next try, or the next start, reaches the end of the undisturbed rotation.
///
/// `ROTATED_MATRIX=full` tries every mode, which takes a quarter of an hour (`make test-kill`).
@Suite("An error at any system call", .enabled(if: TracedDaemon.hasStrace, "strace cannot trace here"))
struct FailureMatrixTests {
  /// The last is an error of calls that open a file.
  static let errors = ["ENOSPC", "EIO", "EACCES", "EMFILE"]
  static let modes = unsafe getenv("ROTATED_MATRIX") == nil ? RotationMode.some : RotationMode.all

  @Test("is survived, and its work is done later", arguments: errors, modes)
  func everyCall(error: String, mode: RotationMode) throws {
    let isOfOpening = error == "EMFILE"
    let points = try TracedDaemon.points(of: mode, check: "300ms").filter { !isOfOpening || $0.call.hasPrefix("open") }
    for point in points { try fail(at: point, error, mode) }
    print("failure matrix, \(error), \(mode.testDescription): \(points.count) points, all right")
    #expect(points.count > (isOfOpening ? 3 : 12))
  }

  private func fail(at point: TracedDaemon.Point, _ error: String, _ mode: RotationMode) throws {
    let scratch = try mode.setUp(check: "300ms")
    let place = "\(error) at \(point)"
    let failing = TracedDaemon.strace(point.call, inject: "error=\(error):when=\(point.when)")
    let failed = try TracedDaemon.run(mode, scratch, place, by: failing)
    if failed.code == 0 {
      #expect(mode.found(scratch) == mode.end, "\(place): '\(failed.text)'")
      return
    }
    // Without its state it does not begin; then it has touched nothing.
    #expect(!failed.text.contains("started with"), "\(place): it died: '\(failed.text)'")
    #expect(mode.lost(scratch) == nil, "\(place)")
    let again = try TracedDaemon.run(mode, scratch, "the start after \(place)", by: TracedDaemon.strace("renameat2"))
    #expect(again.code == 0)
    #expect(mode.found(scratch) == mode.end, "\(place): '\(failed.text)', then '\(again.text)'")
  }
}
