import Glibc
import Testing

/// SIGKILL at every mutating system call of a daemon that starts, rotates one log, tells its writer and compresses, by
/// strace's injection (the call is not executed), and a start without it: the end must be that of the undisturbed rotation.
@Suite("Killed at any system call", .enabled(if: TracedDaemon.hasStrace, "strace cannot trace here"))
struct KillMatrixTests {
  static let modes =
    RotationMode.all + [
      RotationMode(keep: 0), RotationMode(refusesFlags: true), RotationMode(taking: .noCreate, refusesFlags: true),
      RotationMode(compressFrom: 1, refusesFlags: true),
    ]

  @Test("starts again and ends as if undisturbed", arguments: modes)
  func everyCall(mode: RotationMode) throws {
    let points = try TracedDaemon.points(of: mode, check: "1h")
    var killed = 0
    for point in points where try isKilled(at: point, mode) { killed += 1 }
    print("kill matrix, \(mode.testDescription): \(killed) kills at \(points.count) points, all right")
    // The calls of one rotation alone: state, new log, its attributes, renames, prune.
    #expect(killed > 12)
  }

  /// Kills at one point and starts again; false when that run came to its end before the point.
  private func isKilled(at point: TracedDaemon.Point, _ mode: RotationMode) throws -> Bool {
    let scratch = try Scratch()
    try mode.setUp(scratch, check: "1h")
    var tracing = ["-o", "/dev/null", "-e", "trace=\(point.call),renameat2"]
    tracing += ["-e", "inject=\(point.call):signal=KILL:when=\(point.when)"]
    let traced = try TracedDaemon.start(
      scratch, tracing, refusesFlags: mode.refusesFlags && point.call != "renameat2")
    let code = try TracedDaemon.end(traced, "\(point)") { mode.isDone(scratch) }
    let isKilled = code == 128 + SIGKILL
    let between = scratch.contents("logs").keys.sorted()
    let again = try TracedDaemon.start(
      scratch, ["-o", "/dev/null", "-e", "trace=renameat2"], refusesFlags: mode.refusesFlags)
    let end = try TracedDaemon.end(again, "the start after \(point), with \(between)") { mode.isDone(scratch) }
    #expect(end == 0, "\(again.text)")
    #expect(
      mode.found(scratch) == mode.end,
      "killed at \(point), with \(between): first '\(traced.text)', then '\(again.text)'")
    return isKilled
  }
}
