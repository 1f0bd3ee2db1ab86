import CLinux
import Glibc
import Testing

/// A process that a test has started; it is killed, if it still runs, with its last reference.
final class Program {
  let pid: pid_t
  private var output: Int32
  private(set) var text = ""
  private var status: Int32?

  /// The executables lie beside the test bundle.
  static let directory: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let bundle = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return String(bundle[..<(bundle.lastIndex(of: "/") ?? bundle.startIndex)])
  }()

  static let rotated = "\(directory)/rotated"
  static let rotatectl = "\(directory)/rotatectl"

  /// Starts a program with standard output and error in one pipe, and no standard input.
  init(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    output = ends[0]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    // Other tests of this process block signals on their threads, and a shell cannot trap what was ignored before, as after
    // `nohup make test`: a child would inherit both.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var variables = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"]
    variables.merge(environment) { $1 }
    var argv = ([path] + arguments).map { strdup($0) } + [nil]
    var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var child: pid_t = 0
    let code = posix_spawnp(&child, path, &actions, &attributes, &argv, &envp)
    close(ends[1])
    pid = child
    try #require(code == 0, "cannot start \(path): errno \(code)")
  }

  deinit {
    if status == nil {
      // A tracer that is killed releases the daemon that it traces.
      for child in children { kill(child, SIGKILL) }
      kill(pid, SIGKILL)
      var raw: Int32 = 0
      waitpid(pid, &raw, 0)
    }
    close(output)
  }

  /// What the program has printed so far.
  @discardableResult
  func read() -> String {
    readAvailable(output, to: &text)
    return text
  }

  /// Its exit code, as `waitForEnd` gives it; nil while it runs.
  func endIfEnded() -> Int32? {
    var raw: Int32 = 0
    if status == nil, waitpid(pid, &raw, WNOHANG) == pid {
      status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
      read()
    }
    return status
  }

  /// The processes that it has started and that still run.
  var children: [pid_t] { processes(startedBy: pid) }

  /// Waits until it ends; the exit code, or 128 and the signal that ended it.
  @discardableResult
  func waitForEnd() throws -> Int32 {
    var code: Int32?
    try eventually("the end of \(pid); it said: \(read())") {
      read()
      code = endIfEnded()
      return code != nil
    }
    return code ?? -1
  }

  func waitForOutput(_ wanted: String) throws {
    try eventually("'\(wanted)' in the output of \(pid): \(text)") { read().contains(wanted) }
  }

  /// Runs a program to its end.
  static func run(
    _ path: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> (code: Int32, text: String) {
    let program = try Program(path, arguments, environment: environment)
    let code = try program.waitForEnd()
    return (code, program.text)
  }
}
