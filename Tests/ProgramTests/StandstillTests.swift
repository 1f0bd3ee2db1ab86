import CLinux
import Glibc
import Testing

/// Logs that are made to stop the daemon, which has one thread: each piece of its work must be short.
@Suite("The daemon does not stand still")
struct StandstillTests {
  /// A file system that collapses, and one that only punches.
  static let places = ["/tmp", "/dev/shm"]
  /// Far above the goal of 10 ms, as tests run beside each other on a slow disk, and far below what these logs took in one piece.
  static let longest = 1_000_000

  let line = "a line\n"

  /// Runs the daemon on a log until `isDone`, while another job rotates, and returns its output at its end.
  @discardableResult
  private func run(
    _ scratch: Scratch, _ more: String = "", until isDone: (RunningDaemon) throws -> Bool
  ) throws -> String {
    try scratch.write("", to: "logs/other.log")
    let daemon = try RunningDaemon(
      scratch,
      scratch.job("app", "every = '200ms'", "method = 'truncate'", more)
        + scratch.job("other", "every = '20ms'", "keep = 2"),
      environment: ["ROTATED_TIME_PIECES": "1"])
    for number in 1...20 {
      try scratch.append("\(number)\n", to: "logs/other.log")
      try daemon.waitFor("logs/other.log", "")
    }
    try daemon.eventually("the end of the first log's work") { try isDone(daemon) }
    try daemon.stop()
    let words = daemon.text.split(separator: "\n").last { $0.contains("longest piece of work") }
    let longest = try #require(words?.split(separator: " ").compactMap { Int($0) }.last)
    print("the longest piece of work: \(longest) us")
    #expect(longest < Self.longest, "\(daemon.text)")
    return daemon.text
  }

  private func allocated(_ scratch: Scratch, _ name: String) throws -> Int {
    try Int(scratch.status("logs/\(name)").st_blocks) * 512
  }

  @Test("for a log that is a hole of terabytes, with a line before it or after it", arguments: places)
  func sparse(place: String) throws {
    let scratch = Scratch(in: place)
    try scratch.write(line, to: "logs/app.log")
    try #require(truncate(scratch["logs/app.log"], 8 << 40) == 0)
    try run(scratch) { _ in scratch.list("logs").contains("app.log.1") }
    #expect(try allocated(scratch, "app.log.1") < 1 << 20)
    // The lines after the hole come with it, as a hole.
    try scratch.append(line, to: "logs/app.log")
    try run(scratch) { _ in scratch.list("logs").contains("app.log.2") }
    #expect(try allocated(scratch, "app.log.1") < 1 << 20)
    #expect(try allocated(scratch, "app.log") < 1 << 20)
  }

  @Test("for a log of many bytes and no newline, or of NULs that take space", arguments: [UInt8(ascii: "x"), 0])
  func endless(byte: UInt8) throws {
    let scratch = Scratch(in: "/dev/shm")
    let chunk = [UInt8](repeating: byte, count: 1 << 20)
    let file = try scratch.open("logs/app.log", O_WRONLY | O_CREAT | O_APPEND)
    defer { close(file) }
    for _ in 0..<256 { try #require(write(file, chunk, chunk.count) == chunk.count) }
    let text = try run(scratch) { byte == 0 ? true : $0.text.contains("it has no complete line") }
    #expect(!scratch.list("logs").contains("app.log.1"), "\(text)")
  }

  @Test("for the comparison of a large log with its archive after a crash", arguments: places)
  func comparison(place: String) throws {
    let scratch = Scratch(in: place)
    let lines = String(repeating: line, count: 1 << 17)
    for _ in 0..<64 { try scratch.append(lines, to: "logs/app.log") }
    // Killed before its first truncation, with a copy that has its name.
    let killed = try RunningDaemon(
      scratch, scratch.job("app", "size = 1", "method = 'truncate'"),
      by: TracedDaemon.strace("fallocate", inject: "signal=KILL:when=3"), untilReady: false)
    try #require(killed.waitForEnd() != 0, "\(killed.text)")
    try #require(scratch.list("logs").contains("app.log.1"), "\(killed.text)")
    try run(scratch, "keep = 3") { _ in try allocated(scratch, "app.log") < 1 << 20 }
    #expect(scratch.list("logs").filter { $0.hasPrefix("app") } == ["app.log", "app.log.1"])
    #expect(try Int(scratch.status("logs/app.log.1").st_size) == 64 * lines.utf8.count)
  }
}
