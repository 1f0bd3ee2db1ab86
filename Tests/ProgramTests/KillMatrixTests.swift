import CLinux
import Glibc
import Testing

/// SIGKILL at every mutating system call of a daemon that starts, rotates one log, notifies its writer and compresses,
/// by strace's injection (the call is not executed), and a start without it: the end must be that of the undisturbed
/// rotation.
@Suite("Killed at any system call", .enabled(if: TracedDaemon.hasStrace, "strace cannot trace here"))
struct KillMatrixTests {
  static let modes =
    RotationMode.all + RotationMode.truncations + RotationMode.dialects + [
      RotationMode(keep: 0), RotationMode(refusesFlags: true), RotationMode(taking: .noCreate, refusesFlags: true),
      RotationMode(compressFrom: 1, refusesFlags: true),
    ]

  @Test("starts again and ends as if undisturbed", arguments: modes)
  func everyCall(mode: RotationMode) throws {
    guard try mode.method != "collapse" || canCollapse(in: mode.directory) else {
      return print("SKIPPED: \(mode.testDescription), which its file system cannot do")
    }
    let points = try TracedDaemon.points(of: mode, check: "1h")
    var killed = 0
    for point in points where try isKilled(at: point, mode) { killed += 1 }
    print("kill matrix, \(mode.testDescription): \(killed) kills at \(points.count) points, all right")
    // The calls of one rotation alone: state, new log, its attributes, renames, prune; and of a truncation.
    #expect(killed > (mode.method == nil ? 12 : 20))
  }

  @Test(
    "starts again without its state, and every archive is there and in order",
    arguments: [RotationMode(), RotationMode(taking: .noCreate)])
  func lostState(mode: RotationMode) throws {
    let order = [RotationMode.content, "one\n", "two\n"]
    for point in try TracedDaemon.points(of: mode, check: "1h") {
      let scratch = try mode.setUp(check: "1h")
      try makeInOrder(scratch)
      let killing = TracedDaemon.strace(point.call, inject: "signal=KILL:when=\(point.when)")
      _ = try TracedDaemon.run(mode, scratch, "\(point)", by: killing)
      let between = scratch.contents("logs").keys.sorted()
      unlink(scratch["state/state"])
      let daemon = try RunningDaemon(scratch)
      daemon.send(SIGTERM)
      #expect(try daemon.waitForEnd() == 0)
      let found = scratch.contents("logs")
      let archives = (1...4).compactMap { found["app.log.\($0)"] }
      let ages = archives.compactMap { order.firstIndex(of: $0) }
      #expect(ages.count == archives.count && ages == ages.sorted(), "killed at \(point), with \(between): \(found)")
      #expect(Set(found.values).isSuperset(of: order.prefix(2)), "killed at \(point), with \(between): \(found)")
      #expect(!found.keys.contains { $0.contains("rotated") || $0.contains("set-aside") }, "\(point), \(between)")
    }
  }

  /// Makes the archives anew, the oldest first and long before the others, as rotations would have.
  private func makeInOrder(_ scratch: Scratch) throws {
    for (hours, name) in [(2, "app.log.2"), (1, "app.log.1"), (0, "app.log")] {
      let content = scratch.read("logs/\(name)") ?? ""
      unlink(scratch["logs/\(name)"])
      try scratch.write(content, to: "logs/\(name)")
      let time = timespec(tv_sec: Glibc.time(nil) - 3600 * hours, tv_nsec: 0)
      _ = unsafe utimensat(AT_FDCWD, scratch["logs/\(name)"], [time, time], 0)
    }
  }

  private func canCollapse(in directory: String) throws -> Bool {
    let scratch = Scratch(in: directory)
    try scratch.write(RotationMode.content, to: "probe")
    let file = try scratch.open("probe", O_RDWR)
    defer { close(file) }
    return linux_collapse(file, 4096) == 0
  }

  /// Kills at one point and starts again; false if that run ended before the point.
  private func isKilled(at point: TracedDaemon.Point, _ mode: RotationMode) throws -> Bool {
    let scratch = try mode.setUp(check: "1h")
    let killing = TracedDaemon.strace(point.call, inject: "signal=KILL:when=\(point.when)")
    let killed = try TracedDaemon.run(
      mode, scratch, "\(point)", by: killing, refusesFlags: mode.refusesFlags && point.call != "renameat2")
    let between = mode.files(scratch).keys.sorted()
    let again = try TracedDaemon.run(
      mode, scratch, "the start after \(point), with \(between)", by: TracedDaemon.strace("renameat2"))
    #expect(again.code == 0, "\(again.text)")
    #expect(
      mode.found(scratch) == mode.end,
      "killed at \(point), with \(between): first '\(killed.text)', then '\(again.text)'")
    // `preremove` may run twice, and for no other archive.
    let gone = Set((scratch.read("gone") ?? "").split(separator: "\n").map(String.init))
    #expect(gone == (mode.dialect == .preremove ? [scratch["logs/app.log.3"]] : []), "killed at \(point)")
    return killed.code == 128 + SIGKILL
  }
}
