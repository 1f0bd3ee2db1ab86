import CLinux
import Daemon
import EventLoop
import Glibc
import Linux
import Rotation
import Testing
import Timekeeping

@Suite("Child processes", .serialized)
struct ProcessTests {
  /// What a child has written, and how it has ended.
  final class Result {
    var lines: [String] = []
    var end: ChildEnd?
  }

  /// Runs children until each has ended.
  private func run(_ requests: [ChildRequest], then act: (any ChildProcess) -> Void = { _ in }) throws -> [Result] {
    let driver = try EpollDriver()
    let loop = LoopExecutor(driver: driver)
    let processes = LinuxProcesses(driver: driver, loop: loop)
    let results = requests.map { _ in Result() }
    var running = requests.count
    for (request, result) in zip(requests, results) {
      let child = try processes.start(request, onLine: { result.lines.append($0) }) { end in
        #expect(result.end == nil)
        result.end = end
        running -= 1
        if running == 0 { loop.stop() }
      }
      #expect(result.end == nil)
      act(child)
    }
    loop.run()
    return results
  }

  private func shell(_ line: ExactText) -> ChildRequest { ChildRequest(arguments: ["sh", "-c", line]) }

  @Test("lines and the end are reported, however the child ends")
  func ends() throws {
    let results = try run([
      shell("echo one; echo two >&2; printf three; exit 7"), shell("kill -TERM $$"), shell("exec >&- 2>&-; exit 0"),
    ])
    #expect(results[0].lines == ["one", "two", "three"])
    #expect(results.map(\.end) == [.exited(7), .killed(signal: SIGTERM), .exited(0)])
  }

  @Test(
    "a child inherits nothing of the daemon's: no descriptors, no blocked signals, no notify socket; it starts in /")
  func inheritance() throws {
    unsafe setenv("NOTIFY_SOCKET", "/nowhere", 1)
    unsafe setenv("ROTATED_JOB", "old", 1)
    defer {
      unsafe unsetenv("NOTIFY_SOCKET")
      unsafe unsetenv("ROTATED_JOB")
    }
    let driver = try EpollDriver()
    let signals = try SignalSource([SIGHUP, SIGTERM], on: driver) { _ in }
    defer { withExtendedLifetime(signals) {} }
    // Not close-on-exec, as a library may open it.
    let open = unsafe open("/dev/null", O_RDONLY)
    defer { close(open) }
    var request = shell(
      ExactText(
        "echo $(ls /proc/self/fd | tr '\\n' ' '); pwd; echo ${NOTIFY_SOCKET-none}; echo $ROTATED_JOB; "
          + "grep SigBlk /proc/self/status | tr -d '\\t'; "
          + "grep SigIgn /proc/self/status | cut -f2; ps -o pgid= -p $$ | tr -d ' '; echo $$"))
    request.environment = ["ROTATED_JOB": "new"]
    let lines = try run([request])[0].lines
    // 3 is the descriptor by which ls reads its list.
    #expect(lines.prefix(5) == ["0 1 2 3", "/", "none", "new", "SigBlk:0000000000000000"])
    try #require(lines.count == 8)
    // 32 and 33 are the C library's own.
    let ignored = try #require(UInt64(lines[5], radix: 16))
    #expect(ignored & 0x7FFF_FFFF == 0)
    #expect(lines[6] == lines[7])
  }

  @Test("a child that takes too long is killed together with everything that it has started")
  func limit() throws {
    var request = shell("sleep 1000 & echo $!; wait")
    // Time enough to print which process it has started, on a busy machine.
    request.limit = .seconds(3)
    let result = try run([request])[0]
    #expect(result.end == .timedOut)
    let grandchild = try #require(pid_t(result.lines.first ?? ""))
    // It is killed with the group; until its new parent has reaped it, it is a zombie.
    var state = "?"
    for _ in 0..<3000 {
      guard let status = try? FileText.read("/proc/\(grandchild)/stat") else { return }
      state = String(status.split(separator: " ")[2])
      if state == "Z" || state == "X" { return }
      usleep(10_000)
    }
    Issue.record("the grandchild lives, in state \(state)")
  }

  @Test("a grandchild that has the output open does not delay the end")
  func heldPipe() throws {
    let result = try run([shell("sleep 1000 & echo $!")])[0]
    #expect(result.end == .exited(0))
    let grandchild = try #require(pid_t(result.lines.first ?? ""))
    #expect(kill(grandchild, SIGKILL) == 0)
  }

  @Test("input and output may be files, and the priority the lowest")
  func files() throws {
    let scratch = try ScratchDirectory()
    try scratch.fileSystem.write(Array("some text\n".utf8), to: "in", in: scratch.open())
    let input = unsafe open("\(scratch.path)/in", O_RDONLY | O_CLOEXEC)
    let output = unsafe open("\(scratch.path)/out", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer {
      close(input)
      close(output)
    }
    // The priority is set when it runs already.
    let wait = "for i in $(seq 600); do ionice -p $$ | grep -q idle && break; sleep 0.05; done"
    let request = ChildRequest(
      arguments: ["sh", "-c", "\(wait); cat; chrt -p $$ >&2; ionice -p $$ >&2"], input: input, output: .file(output),
      isBackground: true)
    let result = try run([request])[0]
    #expect(result.end == .exited(0))
    #expect(try scratch.fileSystem.read("out", in: scratch.open()) == Array("some text\n".utf8))
    #expect(result.lines.contains { $0.hasSuffix("SCHED_IDLE") })
    #expect(result.lines.last == "idle")
  }

  @Test("a line without end, and output without end, are truncated")
  func floods() throws {
    let results = try run([
      shell("head -c 100000 /dev/zero | tr '\\0' x"),
      shell("seq 20000; exit 3"),
      shell("seq 200"),
      shell("for i in $(seq 100); do head -c 1000 /dev/zero | tr '\\0' x; echo; done"),
    ])
    #expect(results[0].lines.map(\.utf8.count) == [2048])
    let first = (1...200).map(String.init)
    #expect(results[1].lines == first + ["(more output is left out)"])
    // It was read to its end, and not stopped by a pipe that is full.
    #expect(results[1].end == .exited(3))
    #expect(results[2].lines == first)
    #expect(results[3].lines.map(\.utf8.count) == Array(repeating: 1000, count: 65) + [536, 25])
  }

  @Test("a program that does not exist is an error of the start")
  func missing() throws {
    let driver = try EpollDriver()
    let processes = LinuxProcesses(driver: driver, loop: LoopExecutor(driver: driver))
    #expect(throws: Errno.noEntry) {
      _ = try processes.start(ChildRequest(arguments: ["no-such-program"]), onLine: { _ in }, onEnd: { _ in })
    }
  }

  @Test("hundreds of children leave neither a descriptor nor a zombie")
  func leaks() throws {
    _ = try run([shell("true")])
    let before = descriptors()
    let children = try run((0..<200).map { _ in shell("echo $$; exit 3") }).compactMap { pid_t($0.lines.first ?? "") }
    #expect(children.count == 200)
    var status: Int32 = 0
    // Those of other tests, which run beside this one, are theirs to reap.
    for child in children { unsafe #expect(waitpid(child, &status, WNOHANG) == -1 && errno == ECHILD) }
    var tries = 0
    while descriptors() > before, tries < 1000 {
      tries += 1
      usleep(10_000)
    }
    #expect(descriptors() <= before)
  }

  /// The number of the process's pidfds; those of other tests come and go.
  private func descriptors() -> Int {
    var count = 0
    for number in 0..<1024 {
      var target = [CChar](repeating: 0, count: 64)
      guard unsafe readlink("/proc/self/fd/\(number)", &target, 63) > 0 else { continue }
      if String(decoding: target.map { UInt8(bitPattern: $0) }, as: UTF8.self).hasPrefix("anon_inode:[pidfd]") {
        count += 1
      }
    }
    return count
  }
}

/// A small file of /proc as text.
enum FileText {
  static func read(_ path: String) throws -> String {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Errno(errno) }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe Glibc.read(file, &bytes, bytes.count)
    guard count >= 0 else { throw Errno(errno) }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
