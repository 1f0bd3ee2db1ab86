import Glibc
import Testing

/// SIGKILL at every mutating system call of a daemon that starts and rotates one log, by strace's injection (the call
/// is not executed), and a start without it: the end must be that of the undisturbed rotation.
@Suite("Killed at any system call")
struct KillMatrixTests {
  struct Mode: CustomTestStringConvertible, Sendable {
    var keep: Int
    var create: Bool
    var refusesFlags: Bool
    /// The first version that is compressed; nil for none.
    var compressFrom: Int?
    var testDescription: String {
      "keep \(keep), \(create ? "create" : "no create")\(refusesFlags ? ", no RENAME_EXCHANGE" : "")"
        + (compressFrom.map { ", compressed from \($0)" } ?? "")
    }

    /// The directory as the undisturbed rotation leaves it, compressed files taken out.
    var end: [String: String] {
      var end = create ? ["app.log": ""] : [:]
      for (number, content) in ["live", "one"].prefix(keep).enumerated() {
        let isCompressed = compressFrom.map { number + 1 >= $0 } ?? false
        end["app.log.\(number + 1)\(isCompressed ? ".gz" : "")"] = content
      }
      return end
    }

    /// Logs before their rotation, and a config for it.
    func setUp(_ scratch: Scratch, check: String) throws {
      try scratch.makeDirectory("logs")
      for (name, content) in ["app.log": "live", "app.log.1": "one", "app.log.2": "two"] {
        try scratch.write(content, to: "logs/\(name)")
      }
      let compression = compressFrom.map { "compress = \"gzip\"\ncompress-from = \($0)\n" } ?? ""
      try scratch.write(
        "[job.app]\nlogs = \"\(scratch["logs/app.log"])\"\nsize = 1\ncheck = \"\(check)\"\nkeep = \(keep)\n"
          + "create = \(create)\n" + compression, to: "rotated.toml")
    }
  }

  static let modes = [
    Mode(keep: 2, create: true, refusesFlags: false), Mode(keep: 2, create: false, refusesFlags: false),
    Mode(keep: 0, create: true, refusesFlags: false), Mode(keep: 2, create: true, refusesFlags: true),
    Mode(keep: 2, create: false, refusesFlags: true),
    Mode(keep: 2, create: true, refusesFlags: false, compressFrom: 1),
    Mode(keep: 2, create: false, refusesFlags: false, compressFrom: 2),
    Mode(keep: 2, create: true, refusesFlags: true, compressFrom: 1),
  ]

  /// Every call that changes something on a disk, by any name that libc may use for it.
  static let calls = [
    "write", "pwrite64", "writev", "copy_file_range", "ftruncate", "fallocate", "openat", "openat2", "mkdir", "mkdirat",
    "fchown",
    "fchmod",
    "fsetxattr", "utimensat", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "linkat", "unlink",
    "unlinkat",
  ]

  static let hasStrace: Bool = {
    let works = (try? Program.run("strace", ["-qq", "-e", "trace=none", "true"]).code) == 0
    if !works { print("SKIPPED: the kill matrix, since strace cannot trace here") }
    return works
  }()

  @Test("starts again and ends as if undisturbed", .enabled(if: hasStrace), arguments: modes)
  func everyCall(mode: Mode) throws {
    var points = 0
    var killed = 0
    for call in Self.calls {
      var when = 1
      while try run(mode, call, when) {
        killed += 1
        when += 1
        try #require(when < 500)
      }
      points += when
    }
    print("kill matrix, \(mode.testDescription): \(killed) kills, all right")
    // The calls of one rotation alone: state, new log, its attributes, renames, prune.
    #expect(killed > 15)
  }

  /// Kills at one point and starts again; false when the program came to its end before that point.
  private func run(_ mode: Mode, _ call: String, _ when: Int) throws -> Bool {
    let scratch = try Scratch()
    try mode.setUp(scratch, check: "1h")
    let arguments = ["--config", scratch["rotated.toml"], "--state", scratch["state"]]
    var tracing = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call),renameat2"]
    tracing += ["-e", "inject=\(call):signal=KILL:when=\(when)"]
    if mode.refusesFlags && call != "renameat2" { tracing += ["-e", "inject=renameat2:error=EINVAL"] }
    let traced = try Program("strace", tracing + [Program.rotated] + arguments)
    let isRotated = { scratch.unpacked("logs", like: mode.end) == mode.end }
    let wasKilled = try end(traced, "\(call) \(when)", isRotated)

    let refusal = mode.refusesFlags ? ["-e", "inject=renameat2:error=EINVAL"] : []
    let again = try Program(
      "strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat2"] + refusal + [Program.rotated] + arguments)
    let stopped = try end(again, "the start after \(call) \(when), with \(scratch.contents("logs"))", isRotated)
    #expect(!stopped, "\(again.text)")
    #expect(
      scratch.unpacked("logs", like: mode.end) == mode.end,
      "killed at \(call) \(when): first '\(traced.text)', then '\(again.text)'")
    return wasKilled
  }

  /// Waits until the daemon was killed, or has rotated and gone to sleep, and then stops it; whether it was killed.
  func end(_ tracer: Program, _ point: String, _ isRotated: () -> Bool) throws -> Bool {
    try TracedDaemon.end(tracer, point, isRotated) == 128 + SIGKILL
  }
}
