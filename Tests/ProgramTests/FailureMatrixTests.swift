import Glibc
import Testing

/// An error at every mutating system call of a daemon that starts, rotates one log and compresses it, once each, by strace's
/// injection (the call is not executed). The daemon does not die of it, unless it could not start; nothing is lost, and
/// its own next try, or the next start, comes to the end of the undisturbed rotation.
@Suite("An error at any system call", .serialized)
struct FailureMatrixTests {
  static let errors = ["ENOSPC", "EIO", "EACCES"]
  static let mode = KillMatrixTests.Mode(keep: 2, create: true, refusesFlags: false, compressFrom: 1)

  @Test("is survived, and made up for", .enabled(if: KillMatrixTests.hasStrace), arguments: errors)
  func everyCall(error: String) throws {
    // As many points as a run that is not disturbed has of each call.
    let counts = try undisturbedCounts()
    var points = 0
    for call in KillMatrixTests.calls {
      for when in 0..<(counts[call] ?? 0) {
        try run(error, call, when + 1)
        points += 1
      }
    }
    print("failure matrix, \(error): \(points) points, all right")
    #expect(points > 30)
  }

  private func undisturbedCounts() throws -> [String: Int] {
    let scratch = try Scratch()
    try Self.mode.setUp(scratch, check: "300ms")
    let calls = KillMatrixTests.calls.joined(separator: ",")
    let daemon = try start(scratch, ["-f", "-o", scratch["trace"], "-e", "trace=\(calls)"])
    _ = try TracedDaemon.end(daemon, "undisturbed") { isRotated(scratch) }
    var counts: [String: Int] = [:]
    let lines = (scratch.read("trace") ?? "").split(separator: "\n")
    let first = lines.first?.split(separator: " ").first
    // Those of the daemon alone: a child that fails is another test's.
    for line in lines where line.split(separator: " ").first == first {
      guard let name = line.split(separator: " ").dropFirst().first?.split(separator: "(").first else { continue }
      counts[String(name), default: 0] += 1
    }
    return counts
  }

  private func start(_ scratch: Scratch, _ tracing: [String]) throws -> Program {
    try Program(
      "strace",
      ["-qq"] + tracing + [
        Program.rotated, "--config", scratch["rotated.toml"], "--state", scratch["state"],
      ])
  }

  private func isRotated(_ scratch: Scratch) -> Bool {
    scratch.unpacked("logs", like: Self.mode.end) == Self.mode.end
  }

  private func run(_ error: String, _ call: String, _ when: Int) throws {
    let scratch = try Scratch()
    try Self.mode.setUp(scratch, check: "300ms")
    let point = "\(error) at \(call) \(when)"
    // Children are not followed: strace counts for each process, so no compressor would ever come to its end.
    let traced = try start(
      scratch, ["-o", "/dev/null", "-e", "trace=\(call)", "-e", "inject=\(call):error=\(error):when=\(when)"])
    let code = try TracedDaemon.end(traced, point) { isRotated(scratch) }
    if code == 0 {
      #expect(isRotated(scratch), "\(point): \(scratch.contents("logs")), '\(traced.text)'")
      return
    }
    // Without its libraries, its config or its state it does not begin; then it has touched nothing.
    #expect(!traced.text.contains("started with"), "\(point): it died: '\(traced.text)'")
    #expect(scratch.list("logs") == ["app.log", "app.log.1", "app.log.2"], "\(point)")
    let again = try start(scratch, ["-o", "/dev/null", "-e", "trace=renameat2"])
    #expect(try TracedDaemon.end(again, "the start after \(point)") { isRotated(scratch) } == 0)
    #expect(isRotated(scratch), "\(point): '\(traced.text)', then '\(again.text)'")
  }
}
