import CLinux
import Glibc
import Testing

/// The built daemon and real compressors, with writers that close their files late, or never.
@Suite("Compression by the daemon")
struct CompressionTests {
  let scratch = Scratch()

  private func start(_ more: String, log content: String) throws -> RunningDaemon {
    try scratch.append(content, to: "logs/app.log")
    return try RunningDaemon(scratch, scratch.job("app", "size = 1", "check = '100ms'", more))
  }

  /// The line of a config that compresses by a line for the shell.
  private func shell(_ line: String) -> String {
    "compress = { command = ['sh', '-c', '\(line)'], suffix = '.gz' }"
  }

  private func write(_ text: String, to file: Int32) {
    #expect(Glibc.write(file, text, text.utf8.count) == text.utf8.count)
  }

  /// Waits for the one archive, compressed, and checks its content.
  private func waitForArchive(_ content: String, _ daemon: RunningDaemon) throws {
    try daemon.waitForList(["app.log", "app.log.1.gz"])
    #expect(try scratch.unpacked("logs/app.log.1.gz") == content)
  }

  @Test("waits for two writers, takes their last lines, and keeps mode, owner, time and attributes")
  func twoWriters() throws {
    try scratch.write("line\n", to: "logs/app.log")
    #expect(chmod(scratch["logs/app.log"], 0o604) == 0)
    #expect(chown(scratch["logs/app.log"], 12, 34) == 0)
    #expect(setxattr(scratch["logs/app.log"], "user.note", "here", 4, 0) == 0)
    let writers = [try scratch.open("logs/app.log"), try scratch.open("logs/app.log")]
    let daemon = try start("compress = 'gzip'\nreopen-timeout = '200ms'", log: "")
    // The descriptors are those of this process, whatever its name is.
    try daemon.waitForWriter(of: "app.log.1")
    for (number, writer) in writers.enumerated() {
      #expect(scratch.list("logs") == ["app.log", "app.log.1"])
      write("late \(number)\n", to: writer)
      if number == 1 {
        let times = [timespec(tv_sec: 1000, tv_nsec: 5), timespec(tv_sec: 1_000_000, tv_nsec: 123_456_789)]
        #expect(futimens(writer, times) == 0)
      }
      close(writer)
    }
    try waitForArchive("line\nlate 0\nlate 1\n", daemon)
    let status = try scratch.status("logs/app.log.1.gz")
    #expect(status.st_mode & 0o7777 == 0o604)
    #expect([status.st_uid, status.st_gid] == [12, 34])
    #expect(status.st_mtim.tv_sec == 1_000_000 && status.st_mtim.tv_nsec == 123_456_789)
    #expect(status.st_nlink == 1)
    var value = [UInt8](repeating: 0, count: 16)
    #expect(getxattr(scratch["logs/app.log.1.gz"], "user.note", &value, 16) == 4)
    try daemon.waitForOutput("its writer has closed it")
    try daemon.stop()
  }

  @Test("leaves an archive alone that is still in a writable mapping")
  func mapping() throws {
    try scratch.write("0123456789\n", to: "logs/app.log")
    let file = try scratch.open("logs/app.log", O_RDWR)
    let mapping = mmap(nil, 11, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    close(file)
    let map = try #require(mapping)
    let daemon = try start("compress = 'gzip'\nreopen-timeout = '200ms'", log: "")
    try daemon.waitForWriter(of: "app.log.1")
    #expect(daemon.text.contains("), which has it mapped, so it is neither compressed nor removed"))
    #expect(scratch.list("logs") == ["app.log", "app.log.1"])
    memset(map, 0x78, 4)
    munmap(map, 11)
    try waitForArchive("xxxx456789\n", daemon)
    try daemon.stop()
  }

  @Test("does not block a process that opens the archive while it is compressed, and has its late line")
  func rogue() throws {
    // The first child is slow, and would not end by itself.
    let mark = scratch["again"]
    let daemon = try start(
      shell("test -e \(mark) && exec gzip -c; touch \(mark); echo at work >&2; sleep 100"), log: "line\n")
    try daemon.waitForOutput("job app: sh: at work")
    var before = timespec()
    clock_gettime(CLOCK_MONOTONIC, &before)
    let rogue = try scratch.open("logs/app.log.1")
    var after = timespec()
    clock_gettime(CLOCK_MONOTONIC, &after)
    // Without an answer, the kernel would make it wait for this time: 45 s.
    let leaseBreakTime = try #require(Int(readWholeFile("/proc/sys/fs/lease-break-time")?.dropLast() ?? ""))
    #expect(after.tv_sec - before.tv_sec < leaseBreakTime / 2)
    write("late\n", to: rogue)
    close(rogue)
    try waitForArchive("line\nlate\n", daemon)
    try daemon.stop()
  }

  @Test("that is killed leaves no child, no lease and no half-made file; the next start compresses")
  func killed() throws {
    let killed = try start(shell("echo at work >&2; head -c 3; sleep 3"), log: "line\n")
    try killed.waitForOutput("job app: sh: at work")
    try killed.kill()
    // The child still has the file open; the lease, which would delay a writer, ended with the daemon.
    close(try scratch.open("logs/app.log.1", O_WRONLY | O_APPEND | O_NONBLOCK))
    #expect(scratch.list("logs") == ["app.log", "app.log.1"])
    let daemon = try start(shell("gzip -c"), log: "")
    try waitForArchive("line\n", daemon)
    try daemon.stop()
  }

  @Test("a log as long as a disk allows stops neither the daemon that compresses it nor the other jobs")
  func petabyte() throws {
    // Any user can make one where they have a log, without taking space.
    let scratch = Scratch(in: "/dev/shm")
    for name in ["app", "other"] { try scratch.write("line\n", to: "logs/\(name).log") }
    try #require(truncate(scratch["logs/app.log"], 1 << 50) == 0)
    let jobs = ["app", "other"].map { scratch.job($0, "size = 1", "check = '100ms'", "compress = 'gzip'") }
    let daemon = try RunningDaemon(scratch, "[daemon]\nmax-children = 2\n" + jobs.joined())
    try daemon.eventually("the compressed archive of the other log") { scratch.list("logs").contains("other.log.1.gz") }
    #expect(scratch.list("logs").contains("app.log.1"))
    try daemon.stop()
  }
}
