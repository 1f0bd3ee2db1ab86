import CLinux
import Glibc
import Testing

/// More archives are waited for than the daemon may have files open.
@Suite("Archives of very many writers")
struct ManyWritersTests {
  private static let count = 300
  private static let mostFiles = 48

  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.makeDirectory("logs")
  }

  @Test("are waited for with few files open and no wake-ups, and all are compressed when they are let go of")
  func few() throws {
    var limits: (UInt64, UInt64) = (0, 0)
    try #require(linux_raise_file_limit(&limits.0, &limits.1) == 0)
    var writers: [Int32] = []
    defer { for writer in writers { close(writer) } }
    for number in 0..<Self.count {
      try scratch.write("line\n", to: "logs/\(number).log")
      let file = open(scratch["logs/\(number).log"], O_WRONLY | O_APPEND | O_CLOEXEC)
      try #require(file >= 0)
      writers.append(file)
    }
    try scratch.write(
      """
      [job.app]
      logs = "\(scratch["logs/*.log"])"
      size = 1
      check = "1h"
      compress = "gzip"
      reopen-timeout = "500ms"
      """, to: "rotated.toml")
    let daemon = "exec \(Program.rotated) --config \(scratch["rotated.toml"]) --state \(scratch["state"])"
    let program = try Program("/bin/sh", ["-c", "ulimit -n \(Self.mostFiles); \(daemon)"])
    try eventually("a word about each archive: \(program.text.suffix(500))") {
      program.read().split(separator: "\n").count { $0.contains("is still open for writing in pid \(getpid()) (") }
        == Self.count
    }
    #expect(names(in: "/proc/\(program.pid)/fd").count <= 32)
    #expect(!program.text.contains("EMFILE"))
    // The looks that are due by then are over, and the next are seconds away.
    try eventually("a quiet moment") {
      let before = program.voluntarySwitches
      usleep(200_000)
      return before == program.voluntarySwitches
    }
    #expect(!scratch.list("logs").contains { $0.hasSuffix(".gz") })

    for (number, writer) in writers.enumerated() {
      let late = Array("late \(number)\n".utf8)
      #expect(write(writer, late, late.count) == late.count)
      close(writer)
    }
    writers = []
    try eventually("\(Self.count) compressed archives: \(program.text.suffix(500))", within: 60) {
      _ = program.read()
      return scratch.list("logs").count { $0.hasSuffix(".log.1.gz") } == Self.count
    }
    // A copy has its name a moment before its source goes.
    try eventually("none left plain") { !scratch.list("logs").contains { $0.hasSuffix(".log.1") } }
    for number in stride(from: 0, to: Self.count, by: 29) {
      let text = try Program.run("gzip", ["-dc", scratch["logs/\(number).log.1.gz"]]).text
      #expect(text == "line\nlate \(number)\n")
    }
    #expect(program.threads == 1)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0, "\(program.text.suffix(2000))")
    #expect(!program.text.contains("EMFILE"))
  }
}
