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
    var testDescription: String {
      "keep \(keep), \(create ? "create" : "no create")\(refusesFlags ? ", no RENAME_EXCHANGE" : "")"
    }
  }

  static let modes = [
    Mode(keep: 2, create: true, refusesFlags: false), Mode(keep: 2, create: false, refusesFlags: false),
    Mode(keep: 0, create: true, refusesFlags: false), Mode(keep: 2, create: true, refusesFlags: true),
    Mode(keep: 2, create: false, refusesFlags: true),
  ]

  /// Every call that changes something on a disk, by any name that libc may use for it.
  static let calls = [
    "write", "pwrite64", "writev", "copy_file_range", "ftruncate", "fallocate", "openat", "openat2", "mkdir", "mkdirat",
    "fchown",
    "fchmod",
    "fsetxattr", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat",
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
    try scratch.makeDirectory("logs")
    for (name, content) in ["app.log": "live", "app.log.1": "one", "app.log.2": "two"] {
      try scratch.write(content, to: "logs/\(name)")
    }
    try scratch.write(
      "[job.app]\nlogs = \"\(scratch["logs/app.log"])\"\nsize = 1\ncheck = \"1h\"\nkeep = \(mode.keep)\n"
        + "create = \(mode.create)\n", to: "rotated.toml")
    let arguments = ["--config", scratch["rotated.toml"], "--state", scratch["state"]]
    var tracing = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call),renameat2"]
    tracing += ["-e", "inject=\(call):signal=KILL:when=\(when)"]
    if mode.refusesFlags && call != "renameat2" { tracing += ["-e", "inject=renameat2:error=EINVAL"] }
    let traced = try Program("strace", tracing + [Program.rotated] + arguments)
    var wanted = mode.create ? ["app.log": ""] : [:]
    if mode.keep > 0 { wanted.merge(["app.log.1": "live", "app.log.2": "one"]) { $1 } }
    let isRotated = { scratch.contents("logs") == wanted }
    let wasKilled = try end(traced, "\(call) \(when)", isRotated)

    let refusal = mode.refusesFlags ? ["-e", "inject=renameat2:error=EINVAL"] : []
    let again = try Program(
      "strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat2"] + refusal + [Program.rotated] + arguments)
    let stopped = try end(again, "the start after \(call) \(when), with \(scratch.contents("logs"))", isRotated)
    #expect(!stopped, "\(again.text)")
    #expect(
      scratch.contents("logs") == wanted,
      "killed at \(call) \(when): first '\(traced.text)', then '\(again.text)'")
    return wasKilled
  }

  /// Whether the process is in epoll_wait(2) or epoll_pwait(2) without a timeout: its first turn is over.
  private func waitsForEver(_ daemon: pid_t) -> Bool {
    let fields = (readWholeFile("/proc/\(daemon)/syscall") ?? "").split(separator: " ")
    let epollWaits = ["232", "281", "22"]  // x86-64, both; arm64
    return fields.count > 4 && epollWaits.contains(String(fields[0])) && fields[4].hasSuffix("ffffffff")
  }

  /// Waits until the daemon was killed, or has rotated and gone to sleep, and then stops it; whether it was killed. To
  /// sleep is not enough: a daemon waits for its first turn, too.
  func end(_ tracer: Program, _ point: String, _ isRotated: () -> Bool) throws -> Bool {
    var isAsked = false
    var code: Int32?
    try eventually("the end of a traced daemon, \(point); it said: \(tracer.read())") {
      if let ended = tracer.endIfEnded() {
        code = ended
        return true
      }
      // Before it starts the daemon, strace has short-lived children of its own.
      if !isAsked, tracer.read().contains("started with"), isRotated(),
        let daemon = tracer.children.first(where: waitsForEver)
      {
        isAsked = true
        kill(daemon, SIGTERM)
      }
      return false
    }
    return code == 128 + SIGKILL
  }
}
