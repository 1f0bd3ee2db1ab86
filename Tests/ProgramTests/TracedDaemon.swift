import Glibc
import Testing

/// A daemon that strace runs.
enum TracedDaemon {
  /// A system call of the daemon: its name, and which of that name it is.
  struct Point: Hashable, CustomStringConvertible {
    var call: String
    var when: Int
    var description: String { "\(call) \(when)" }
  }

  static let hasStrace: Bool = {
    let works = (try? Program.run("strace", ["-qq", "-e", "trace=none", "true"]).code) == 0
    if !works { print("SKIPPED: the kill and failure matrices, since strace cannot trace here") }
    return works
  }()

  /// Every call that changes something on a disk, by any name that libc may use for it.
  static let calls = [
    "write", "pwrite64", "writev", "copy_file_range", "ftruncate", "fallocate", "openat", "openat2", "mkdir", "mkdirat",
    "fchown", "fchmod", "fsetxattr", "utimensat", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link",
    "linkat", "unlink", "unlinkat",
  ]

  /// Starts the daemon of a scratch directory under strace. Its children are not followed: strace counts calls for each
  /// process, and what happens to a compressor is another test's.
  static func start(_ scratch: Scratch, _ tracing: [String], refusesFlags: Bool = false) throws -> Program {
    let refusal = refusesFlags ? ["-e", "inject=renameat2:error=EINVAL"] : []
    return try Program(
      "strace",
      ["-qq"] + tracing + refusal + [
        Program.rotated, "--config", scratch["rotated.toml"], "--state", scratch["state"],
      ])
  }

  /// Runs a rotation that nothing disturbs, and gives its calls that change something.
  static func points(of mode: RotationMode, check: String) throws -> [Point] {
    let scratch = try Scratch()
    try mode.setUp(scratch, check: check)
    let daemon = try start(
      scratch, ["-o", scratch["trace"], "-e", "trace=\(calls.joined(separator: ","))"], refusesFlags: mode.refusesFlags)
    #expect(try end(daemon, "undisturbed, \(mode.testDescription)") { mode.isDone(scratch) } == 0)
    var counts: [String: Int] = [:]
    var points: [Point] = []
    for line in (scratch.read("trace") ?? "").split(separator: "\n") {
      guard let brace = line.firstIndex(of: "("), calls.contains(String(line[..<brace])) else { continue }
      let call = String(line[..<brace])
      let arguments = line[brace...].dropFirst()
      counts[call, default: 0] += 1
      // A file that is only read, and a word to the operator, change nothing.
      let writes = ["O_WRONLY", "O_RDWR", "O_CREAT"].contains { flag in
        arguments.split(whereSeparator: { "|, ()".contains($0) }).contains { $0 == flag }
      }
      if call.hasPrefix("openat"), !writes { continue }
      if call == "write", ["1,", "2,"].contains(where: arguments.hasPrefix) { continue }
      points.append(Point(call: call, when: counts[call] ?? 0))
    }
    return points
  }

  /// Whether the process is in epoll_wait(2) or epoll_pwait(2) without a timeout: its first turn is over.
  private static func waitsForEver(_ daemon: pid_t) -> Bool {
    let fields = (readWholeFile("/proc/\(daemon)/syscall") ?? "").split(separator: " ")
    let epollWaits = ["232", "281", "22"]  // x86-64, both; arm64
    return fields.count > 4 && epollWaits.contains(String(fields[0])) && fields[4].hasSuffix("ffffffff")
  }

  /// Waits until the daemon has ended, or has rotated and gone to sleep, and then stops it; its exit code. To sleep is not
  /// enough: a daemon waits for its first turn, too.
  static func end(_ tracer: Program, _ point: String, _ isRotated: () -> Bool) throws -> Int32 {
    var isAsked = false
    var code: Int32?
    try eventually("the end of a traced daemon, \(point); it said: \(tracer.read())", within: 60) {
      if let ended = tracer.endIfEnded() {
        code = ended
        return true
      }
      // Before it starts the daemon, strace has short-lived children of its own. That it has started may be just the line
      // whose write was made to fail.
      if !isAsked, tracer.read().contains("started with") || tracer.read().contains("was lost"), isRotated(),
        let daemon = tracer.children.first(where: waitsForEver)
      {
        isAsked = true
        kill(daemon, SIGTERM)
      }
      return false
    }
    return code ?? -1
  }
}
