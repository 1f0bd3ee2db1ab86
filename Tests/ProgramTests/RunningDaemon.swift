import Glibc
import Testing

/// The built daemon in a scratch directory, with a notify socket in the place of systemd.
///
/// It has one thread: that is checked before each signal, and when the test releases it.
final class RunningDaemon {
  let scratch: Scratch
  let socket: NotifySocket
  private let program: Program

  /// Writes the config, starts the daemon, by another program if one is given, and waits until it is ready.
  init(
    _ scratch: Scratch, _ config: String? = nil, environment: [String: String] = [:], by wrapper: [String] = [],
    untilReady: Bool = true
  ) throws {
    if let config { try scratch.write(config, to: "rotated.toml") }
    self.scratch = scratch
    socket = try NotifySocket(scratch["notify"])
    let command = wrapper + [Program.rotated, "--config", scratch["rotated.toml"], "--state", scratch["state"]]
    program = try Program(
      command[0], Array(command.dropFirst()),
      environment: ["NOTIFY_SOCKET": socket.path, "RUNTIME_DIRECTORY": scratch["run"]].merging(environment) { $1 })
    if untilReady { try waitForMessage("READY=1") }
  }

  deinit {
    if program.endIfEnded() == nil { checkThreads() }
  }

  /// Its process, which may be a child of the program that has started it.
  var pid: pid_t {
    let isDaemon = { (pid: pid_t) in readWholeFile("/proc/\(pid)/comm") == "rotated\n" }
    return isDaemon(program.pid) ? program.pid : program.children.first(where: isDaemon) ?? program.pid
  }

  /// All of its output so far.
  var text: String { program.read() }

  /// How many lines of its output have these words in them.
  func count(of words: String) -> Int { text.split(separator: "\n").count { $0.contains(words) } }

  /// The number of open descriptors.
  var descriptors: Int { names(in: "/proc/\(pid)/fd").count }

  /// A number in /proc/PID/status.
  private func number(_ field: String) -> Int? {
    readWholeFile("/proc/\(pid)/status")?.split(separator: "\n").first { $0.hasPrefix("\(field):") }
      .flatMap { Int($0.split(separator: "\t").last ?? "") }
  }

  private func checkThreads(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(number("Threads") == 1, "\(text.suffix(2000))", sourceLocation: sourceLocation)
  }

  // MARK: Its end

  func send(_ signal: Int32, sourceLocation: SourceLocation = #_sourceLocation) {
    checkThreads(sourceLocation: sourceLocation)
    Glibc.kill(pid, signal)
  }

  /// Asks it to stop, which it does with 0.
  func stop(sourceLocation: SourceLocation = #_sourceLocation) throws {
    send(SIGTERM, sourceLocation: sourceLocation)
    #expect(try waitForEnd() == 0, "\(text.suffix(3000))", sourceLocation: sourceLocation)
  }

  /// Kills it.
  func kill(sourceLocation: SourceLocation = #_sourceLocation) throws {
    send(SIGKILL, sourceLocation: sourceLocation)
    #expect(try waitForEnd() == 128 + SIGKILL, "\(text.suffix(3000))", sourceLocation: sourceLocation)
  }

  /// Waits until it ends; the exit code, or 128 and the signal that ended it.
  @discardableResult
  func waitForEnd() throws -> Int32 {
    try eventually("the end of the daemon") { hasEnded }
    return program.endIfEnded() ?? -1
  }

  var hasEnded: Bool { program.endIfEnded() != nil }

  // MARK: Waiting

  /// Waits for something, as long as the daemon runs and at most this many seconds. Meanwhile its output is read:
  /// neither the pipe nor its notify socket gets full.
  func eventually(
    _ what: @autoclosure () -> String, within seconds: Int = 60, _ condition: () throws -> Bool
  ) throws {
    var isOver = false
    try ProgramTests.eventually(
      "\(what()); there is \(scratch.list("logs").prefix(20)); it said: \(text.suffix(3000))", within: seconds
    ) {
      program.read()
      socket.receive()
      isOver = hasEnded
      return try condition() || isOver
    }
    guard try isOver && !condition() else { return }
    throw Failure(text: "\(what()): not before the daemon ended; there is \(scratch.list("logs")); it said: \(text)")
  }

  func waitForOutput(_ words: String) throws {
    try eventually("the words '\(words)'") { text.contains(words) }
  }

  /// The number of lines that name a process as one that has an archive open for writing. A child that another test is about to
  /// start may have it open for a moment, too, and be named before.
  func countWriters(_ who: String, of archive: String = "") -> Int {
    text.split(separator: "\n").count { $0.contains("\(archive) is still open for writing in ") && $0.contains(who) }
  }

  /// Waits until the daemon has named a process, this one unless another is given, as a writer of an archive.
  func waitForWriter(_ who: String = "pid \(getpid()) (", of archive: String) throws {
    try eventually("a word about \(who) as a writer of \(archive)") { countWriters(who, of: archive) > 0 }
  }

  /// Waits until a file has this content.
  func waitFor(_ name: String, _ content: String) throws {
    try eventually("'\(content)' in \(name)") { scratch.read(name) == content }
  }

  /// Waits until a directory has these names in it and no others.
  func waitForList(_ names: [String], in directory: String = "logs") throws {
    try eventually("\(names) in \(directory)") { scratch.list(directory) == names }
  }

  /// Waits until a directory has these files with this content in it and no others.
  func waitForContents(_ contents: [String: String], in directory: String = "logs") throws {
    try eventually("\(contents) in \(directory), and not \(scratch.contents(directory))") {
      scratch.contents(directory) == contents
    }
  }

  /// Waits for the `number`th message that has this line.
  @discardableResult
  func waitForMessage(_ line: String, times number: Int = 1) throws -> [String] {
    try eventually("message '\(line)', \(number) times; there were \(socket.messages)") {
      socket.messages.count { $0.contains(line) } >= number
    }
    return socket.messages.filter { $0.contains(line) }[number - 1]
  }

  /// Waits for a status with these words.
  func waitForStatus(_ words: String) throws {
    try eventually("a status with '\(words)'; there were \(socket.messages)") {
      socket.messages.joined().contains { $0.hasPrefix("STATUS=") && $0.contains(words) }
    }
  }

  /// How often it has given up the processor voluntarily.
  private var switches: Int? { number("voluntary_ctxt_switches") }

  /// Waits until it has slept for a fifth of a second.
  func waitForSleep() throws {
    try eventually("a sleep of 200 ms") {
      let before = switches
      usleep(200_000)
      return before == switches && readWholeFile("/proc/\(pid)/stat")?.contains(") S ") == true
    }
  }

  /// Waits until it sleeps, and counts how often it wakes up in the second and a half after that.
  func wakeUps() throws -> Int {
    try waitForSleep()
    let before = try #require(switches)
    usleep(1_500_000)
    return try #require(switches) - before
  }
}
