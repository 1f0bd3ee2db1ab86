import CLinux
import Glibc
import Testing

/// More archives are awaited than the daemon may have files open.
@Suite("Archives of very many writers")
struct ManyWritersTests {
  private static let count = 300

  @Test("are awaited with few files open and no wake-ups, and all are compressed when they are closed")
  func few() throws {
    let scratch = Scratch()
    var limits: (UInt64, UInt64) = (0, 0)
    try #require(linux_raise_file_limit(&limits.0, &limits.1) == 0)
    var writers: [Int32] = []
    defer { for writer in writers { close(writer) } }
    for number in 0..<Self.count {
      try scratch.write("line\n", to: "logs/\(number).log")
      writers.append(try scratch.open("logs/\(number).log"))
    }
    let daemon = try RunningDaemon(
      scratch,
      scratch.job(
        "app", logs: "logs/*.log", "size = 1", "check = '1h'", "compress = 'gzip'", "reopen-timeout = '500ms'"),
      by: ["/bin/sh", "-c", "ulimit -n 48; exec \"$@\"", "sh"])
    try daemon.eventually("a word about each archive") {
      daemon.countWriters("pid \(getpid()) (") == Self.count
    }
    #expect(daemon.descriptors <= 32)
    // The checks that are due by then are over, and the next are seconds away.
    try daemon.waitForSleep()
    #expect(!scratch.list("logs").contains { $0.hasSuffix(".gz") })

    for (number, writer) in writers.enumerated() {
      let late = "late \(number)\n"
      #expect(write(writer, late, late.utf8.count) == late.utf8.count)
      close(writer)
    }
    writers = []
    try daemon.eventually("\(Self.count) compressed archives", within: 120) {
      scratch.list("logs").count { $0.hasSuffix(".log.1.gz") } == Self.count
    }
    // A copy has its name a moment before its source is removed.
    try eventually("none left plain") { !scratch.list("logs").contains { $0.hasSuffix(".log.1") } }
    for number in stride(from: 0, to: Self.count, by: 29) {
      #expect(try scratch.unpacked("logs/\(number).log.1.gz") == "line\nlate \(number)\n")
    }
    try daemon.stop()
    #expect(!daemon.text.contains("EMFILE"))
  }
}
