import Glibc
import Testing

/// The built daemon and jobs with a size.
@Suite("The daemon and sizes")
struct SizeTests {
  let scratch = Scratch()

  @Test("a thousand idle logs cause no wake-up")
  func idle() throws {
    for index in 0..<1000 { try scratch.write("x", to: "logs/\(index).log") }
    let daemon = try RunningDaemon(scratch, scratch.job("idle", logs: "logs/*.log", "size = '1M'"))
    #expect(try daemon.wakeUps() == 0)
    try daemon.stop()
  }

  @Test("a log at rest is rotated when it reaches its limit, and so is a new one of a pattern, also in a new directory")
  func noticed() throws {
    try scratch.write("x", to: "logs/old.log")
    let daemon = try RunningDaemon(
      scratch,
      "[job.watched]\nlogs = ['\(scratch["logs/*.log"])', '\(scratch["later/*/*.log"])']\nsize = 10\nkeep = 3\n")
    try scratch.append("0123456789", to: "logs/old.log")
    try daemon.waitFor("logs/old.log.1", "x0123456789")
    try scratch.write("0123456789", to: "logs/new.log")
    try daemon.waitFor("logs/new.log.1", "0123456789")
    try scratch.makeDirectory("later")
    try scratch.makeDirectory("later/a")
    try scratch.write("0123456789", to: "later/a/b.log")
    try daemon.waitFor("later/a/b.log.1", "0123456789")
    try scratch.append("9876543210", to: "logs/new.log")
    try daemon.waitFor("logs/new.log.2", "0123456789")
    try daemon.stop()
  }

  /// The sizes of the archives of a log after a writer has written a chunk at this interval, in microseconds.
  private func archiveSizes(
    _ daemon: RunningDaemon, in scratch: Scratch, every microseconds: UInt32, times: Int, _ write: () throws -> Void
  ) throws -> [Int] {
    for _ in 0..<times {
      try write()
      // Each rotation is in the status.
      daemon.socket.receive()
      usleep(microseconds)
    }
    return try scratch.list("logs").filter { !$0.hasSuffix(".log") }.map {
      try Int(scratch.status("logs/\($0)").st_size)
    }
  }

  @Test("a fast writer's log exceeds its limit by far less than a second's growth")
  func overshoot() throws {
    // On a file system without a disk, which no other test slows down.
    let scratch = Scratch(in: "/dev/shm")
    try scratch.write("", to: "logs/fast.log")
    let daemon = try RunningDaemon(scratch, scratch.job("fast", "size = '1M'", "keep = 100"))
    // 20 MB/s, for a second: a writer that opens its log again for each write.
    let chunk = String(repeating: "x", count: 20_000)
    let sizes = try archiveSizes(daemon, in: scratch, every: 1000, times: 1000) {
      try scratch.append(chunk, to: "logs/fast.log")
    }
    #expect(sizes.count >= 4, "\(sizes)")
    #expect(sizes.allSatisfy { $0 >= 1 << 20 && $0 < 5 << 20 }, "\(sizes)")
    try daemon.stop()
  }

  @Test(
    "a truncated log under a steady writer is rotated at its limit, again and again, without a pause",
    arguments: ["collapse", "punch"])
  func truncatedOvershoot(method: String) throws {
    try scratch.write("", to: "logs/steady.log")
    let daemon = try RunningDaemon(
      scratch,
      scratch.job("steady", "size = '1M'", "keep = 100", "method = 'truncate'", "truncate-by = '\(method)'"))
    // 5 MB/s, for three seconds.
    let line = String(repeating: "x", count: 9_999) + "\n"
    let file = try scratch.open("logs/steady.log")
    defer { close(file) }
    let sizes = try archiveSizes(daemon, in: scratch, every: 2000, times: 1500) {
      try #require(write(file, line, line.utf8.count) == line.utf8.count)
    }
    if sizes.isEmpty, daemon.text.contains("not supported") { return print("SKIPPED: \(method): \(daemon.text)") }
    #expect(sizes.count >= 8, "\(sizes); \(daemon.text)")
    #expect(sizes.allSatisfy { $0 >= 1 << 20 && $0 < 5 << 19 }, "\(sizes)")
    try daemon.stop()
  }
}
