import CLinux
import Glibc
import Testing

/// Logs that are made to hold up the daemon, which has one thread: each piece of its work is to be short.
@Suite("The daemon does not stand still")
struct StandstillTests {
  /// Where the file system collapses, where it only punches.
  static let places = ["/tmp", "/dev/shm"]
  /// Far above the goal of 10 ms, as tests run beside each other on a slow disk, and far below what these logs took in one piece.
  static let longest = 1_000_000

  let line = "a line\n"

  /// Runs the daemon on a log until `isDone`, while another job rotates, and returns what it said at its end.
  private func run(
    _ scratch: Scratch, state: String? = nil, _ more: String = "", until isDone: (Program) throws -> Bool
  ) throws -> String {
    try scratch.write("", to: "logs/other.log")
    let config = """
      [job.app]
      logs = "\(scratch["logs/app.log"])"
      every = "200ms"
      method = "truncate"
      \(more)
      [job.other]
      logs = "\(scratch["logs/other.log"])"
      every = "20ms"
      keep = 2
      """
    try scratch.write(config, to: "rotated.toml")
    let program = try Program(
      Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]],
      environment: ["ROTATED_TIME_PIECES": "1"])
    try program.waitForOutput("started with")
    for number in 1...20 {
      try scratch.append("\(number)\n", to: "logs/other.log")
      try eventually("rotation \(number) of the other log; \(program.read())", within: 5) {
        scratch.read("logs/other.log") == ""
      }
    }
    try eventually("the end of the first log's work; \(program.read())") { try isDone(program) }
    #expect(program.threads == 1)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0, "\(program.text)")
    let words = program.text.split(separator: "\n").last { $0.contains("longest piece of work") }
    let longest = try #require(words?.split(separator: " ").compactMap { Int($0) }.last)
    print("the longest piece of work: \(longest) us")
    #expect(longest < Self.longest, "\(program.text)")
    return program.text
  }

  private func grow(_ scratch: Scratch, _ length: Int) throws {
    try #require(truncate(scratch["logs/app.log"], length) == 0)
  }

  private func allocated(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_blocks) * 512 : -1
  }

  @Test("for a log that is a hole of terabytes, with a line before it or behind it", arguments: places)
  func sparse(place: String) throws {
    let scratch = try Scratch(in: place)
    try scratch.makeDirectory("logs")
    try scratch.write(line, to: "logs/app.log")
    try grow(scratch, 8 << 40)
    _ = try run(scratch) { _ in scratch.list("logs").contains("app.log.1") }
    #expect(allocated(scratch["logs/app.log.1"]) < 1 << 20)
    // The lines behind the hole come with it, as a hole.
    try scratch.append(line, to: "logs/app.log")
    _ = try run(scratch) { _ in scratch.list("logs").contains("app.log.2") }
    #expect(allocated(scratch["logs/app.log.1"]) < 1 << 20)
    #expect(allocated(scratch["logs/app.log"]) < 1 << 20)
  }

  @Test("for a log of many bytes and no newline, or of NULs that take up room", arguments: [UInt8(ascii: "x"), 0])
  func endless(byte: UInt8) throws {
    let scratch = try Scratch(in: "/dev/shm")
    try scratch.makeDirectory("logs")
    let chunk = [UInt8](repeating: byte, count: 1 << 20)
    let file = open(scratch["logs/app.log"], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    try #require(file >= 0)
    defer { close(file) }
    for _ in 0..<256 { try #require(write(file, chunk, chunk.count) == chunk.count) }
    let text = try run(scratch) { byte == 0 ? true : $0.read().contains("it has no complete line") }
    #expect(!scratch.list("logs").contains("app.log.1"), "\(text)")
  }

  @Test("for the comparison of a large log with its archive after a crash", arguments: places)
  func comparison(place: String) throws {
    let scratch = try Scratch(in: place)
    try scratch.makeDirectory("logs")
    let lines = String(repeating: line, count: 1 << 17)
    for _ in 0..<64 { try scratch.append(lines, to: "logs/app.log") }
    let size = 64 * lines.utf8.count
    // Killed before its first cut, with a copy that has its name.
    let strace = "fallocate:signal=KILL:when=3"
    try scratch.write(
      "[job.app]\nlogs = \"\(scratch["logs/app.log"])\"\nsize = 1\nmethod = \"truncate\"\n", to: "rotated.toml")
    let killed = try Program.run(
      "strace",
      ["-f", "-qq", "-o", "/dev/null", "-e", "trace=fallocate", "-e", "inject=\(strace)"]
        + [Program.rotated, "--config", scratch["rotated.toml"], "--state", scratch["state"]])
    try #require(killed.code != 0, "\(killed.text)")
    try #require(scratch.list("logs").contains("app.log.1"), "\(killed.text)")
    _ = try run(scratch, "keep = 3") { _ in allocated(scratch["logs/app.log"]) < 1 << 20 }
    #expect(scratch.list("logs").filter { $0.hasPrefix("app") } == ["app.log", "app.log.1"])
    var status = stat()
    #expect(stat(scratch["logs/app.log.1"], &status) == 0 && Int(status.st_size) == size)
  }
}
