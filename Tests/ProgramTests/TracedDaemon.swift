import Glibc
import Testing

/// A daemon that strace runs.
enum TracedDaemon {
  /// A system call of the daemon: its name, and its number among the calls of that name.
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
    "fchown", "fchmod", "fsetxattr", "utimensat", "fsync", "fdatasync", "sync_file_range", "rename",
    "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat",
  ]

  /// The arguments of strace to change the calls of these names, and no others. The daemon's children are not followed:
  /// strace counts calls for each process, and faults of a compressor are in another test.
  static func strace(_ calls: String, inject injection: String? = nil, output: String = "/dev/null") -> [String] {
    let change = injection.map { ["-e", "inject=\(calls):\($0)"] } ?? []
    return ["strace", "-qq", "-o", output, "-e", "trace=\(calls),renameat2"] + change
  }

  /// Starts the daemon of a scratch directory under strace, and waits until it has ended, or has rotated and sleeps;
  /// then it stops it. Returns its exit code, and its output.
  static func run(
    _ mode: RotationMode, _ scratch: Scratch, _ point: String, by strace: [String], refusesFlags: Bool? = nil
  ) throws -> (code: Int32, text: String) {
    let refusal = refusesFlags ?? mode.refusesFlags ? ["-e", "inject=renameat2:error=EINVAL"] : []
    let daemon = try RunningDaemon(scratch, by: strace + refusal, untilReady: false)
    var isAsked = false
    try daemon.eventually("the end of a traced daemon, \(point)", within: 120) {
      // The line that it has started may be the one whose write was made to fail. That it sleeps is not enough: a
      // daemon also waits for its first run.
      if !isAsked, ["started with", "was lost"].contains(where: { daemon.text.contains($0) }), mode.isDone(scratch),
        waitsForEver(daemon.pid)
      {
        isAsked = true
        daemon.send(SIGTERM)
      }
      return daemon.hasEnded
    }
    return (try daemon.waitForEnd(), daemon.text)
  }

  /// Runs an undisturbed rotation, and returns its calls that change something.
  static func points(of mode: RotationMode, check: String) throws -> [Point] {
    let scratch = try mode.setUp(check: check)
    let strace = strace(calls.joined(separator: ","), output: scratch["trace"])
    #expect(try run(mode, scratch, "undisturbed, \(mode.testDescription)", by: strace).code == 0)
    var counts: [String: Int] = [:]
    var points: [Point] = []
    for line in (scratch.read("trace") ?? "").split(separator: "\n") {
      guard let brace = line.firstIndex(of: "("), calls.contains(String(line[..<brace])) else { continue }
      let call = String(line[..<brace])
      let arguments = line[brace...].dropFirst()
      counts[call, default: 0] += 1
      // Opening a file for reading, and a message to the operator, change nothing.
      let writes = ["O_WRONLY", "O_RDWR", "O_CREAT"].contains { flag in
        arguments.split(whereSeparator: { "|, ()".contains($0) }).contains { $0 == flag }
      }
      if call.hasPrefix("openat"), !writes { continue }
      if call == "write", ["1,", "2,"].contains(where: arguments.hasPrefix) { continue }
      points.append(Point(call: call, when: counts[call] ?? 0))
    }
    return points
  }

  /// Whether the process is in epoll_wait(2) or epoll_pwait(2) without a timeout: its first run is over.
  private static func waitsForEver(_ daemon: pid_t) -> Bool {
    let fields = (readWholeFile("/proc/\(daemon)/syscall") ?? "").split(separator: " ")
    let epollWaits = ["232", "281", "22"]  // x86-64, both; arm64
    return fields.count > 4 && epollWaits.contains(String(fields[0])) && fields[4].hasSuffix("ffffffff")
  }
}
