import CLinux
import Glibc
import Testing

/// The built daemon and real compressors, with writers that let go late, or never.
@Suite("Compression by the daemon")
struct CompressionTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.makeDirectory("logs")
  }

  private func start(_ more: String) throws -> Program {
    try scratch.write(
      "[job.app]\nlogs = \"\(scratch["logs/app.log"])\"\nsize = 1\ncheck = \"100ms\"\n" + more, to: "rotated.toml")
    return try Program(
      Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]])
  }

  private func stop(_ program: Program) throws {
    #expect(program.threads == 1)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0, "\(program.text)")
  }

  private func open(_ name: String, _ flags: Int32 = O_WRONLY | O_APPEND) throws -> Int32 {
    let file = Glibc.open(scratch["logs/\(name)"], flags | O_CLOEXEC)
    try #require(file >= 0)
    return file
  }

  private func write(_ text: String, to file: Int32) {
    let bytes = Array(text.utf8)
    #expect(Glibc.write(file, bytes, bytes.count) == bytes.count)
  }

  @Test("waits for two writers, takes their last lines, and keeps mode, owner, time and attributes")
  func twoWriters() throws {
    try scratch.write("line\n", to: "logs/app.log")
    #expect(chmod(scratch["logs/app.log"], 0o604) == 0)
    #expect(chown(scratch["logs/app.log"], 12, 34) == 0)
    #expect(setxattr(scratch["logs/app.log"], "user.note", "here", 4, 0) == 0)
    let writers = [try open("app.log"), try open("app.log")]
    let program = try start("compress = \"gzip\"\nreopen-timeout = \"200ms\"\n")
    let own = String(getpid())
    // Whose descriptors these are: this process, whatever it is called.
    try program.waitForOutput("app.log.1 is still open for writing in pid \(own) (")
    for (number, writer) in writers.enumerated() {
      #expect(scratch.list("logs") == ["app.log", "app.log.1"])
      write("late \(number)\n", to: writer)
      if number == 1 {
        let times = [timespec(tv_sec: 1000, tv_nsec: 5), timespec(tv_sec: 1_000_000, tv_nsec: 123_456_789)]
        #expect(futimens(writer, times) == 0)
      }
      close(writer)
    }
    try eventually("a compressed archive: \(program.read())", within: 10) {
      scratch.list("logs") == ["app.log", "app.log.1.gz"]
    }
    let unpacked = try Program.run("gzip", ["-dc", scratch["logs/app.log.1.gz"]]).text
    #expect(unpacked == "line\nlate 0\nlate 1\n")
    var status = stat()
    #expect(stat(scratch["logs/app.log.1.gz"], &status) == 0)
    #expect(status.st_mode & 0o7777 == 0o604)
    #expect([status.st_uid, status.st_gid] == [12, 34])
    #expect(status.st_mtim.tv_sec == 1_000_000 && status.st_mtim.tv_nsec == 123_456_789)
    #expect(status.st_nlink == 1)
    var value = [UInt8](repeating: 0, count: 16)
    #expect(getxattr(scratch["logs/app.log.1.gz"], "user.note", &value, 16) == 4)
    try program.waitForOutput("its writer has closed it")
    try stop(program)
  }

  @Test("does not take an archive of which a writable mapping is left")
  func mapping() throws {
    try scratch.write("0123456789\n", to: "logs/app.log")
    let file = try open("app.log", O_RDWR)
    let mapping = mmap(nil, 11, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    close(file)
    let map = try #require(mapping)
    let program = try start("compress = \"gzip\"\nreopen-timeout = \"200ms\"\n")
    let own = String(getpid())
    try program.waitForOutput("app.log.1 is still open for writing in pid \(own) (")
    #expect(program.text.contains("), which has it mapped, so it is neither compressed nor removed"))
    #expect(scratch.list("logs") == ["app.log", "app.log.1"])
    memset(map, 0x78, 4)
    munmap(map, 11)
    try eventually("a compressed archive: \(program.read())", within: 10) {
      scratch.list("logs") == ["app.log", "app.log.1.gz"]
    }
    #expect(try Program.run("gzip", ["-dc", scratch["logs/app.log.1.gz"]]).text == "xxxx456789\n")
    try stop(program)
  }

  @Test("lets whoever opens the archive while it is compressed write at once, and has the late line")
  func rogue() throws {
    try scratch.write("line\n", to: "logs/app.log")
    // The first child is slow, and would not end by itself.
    let mark = scratch["again"]
    let child = "test -e \(mark) && exec gzip -c; touch \(mark); echo at work >&2; sleep 100"
    let program = try start("compress = { command = [\"sh\", \"-c\", \"\(child)\"], suffix = \".gz\" }\n")
    try program.waitForOutput("job app: sh: at work")
    var before = timespec()
    clock_gettime(CLOCK_MONOTONIC, &before)
    let rogue = try open("app.log.1")
    var after = timespec()
    clock_gettime(CLOCK_MONOTONIC, &after)
    // Unanswered, the kernel would keep it waiting for 45 s (lease-break-time).
    #expect(after.tv_sec - before.tv_sec <= 5)
    write("late\n", to: rogue)
    close(rogue)
    try eventually("a compressed archive: \(program.read())", within: 20) {
      scratch.list("logs") == ["app.log", "app.log.1.gz"]
    }
    #expect(try Program.run("gzip", ["-dc", scratch["logs/app.log.1.gz"]]).text == "line\nlate\n")
    try stop(program)
  }

  @Test("that is killed leaves no child, no lease and no half-made file; the next start compresses")
  func killed() throws {
    try scratch.write("line\n", to: "logs/app.log")
    let config = { (line: String) in "compress = { command = [\"sh\", \"-c\", \"\(line)\"], suffix = \".gz\" }\n" }
    let program = try start(config("echo at work >&2; head -c 3; sleep 3"))
    try program.waitForOutput("job app: sh: at work")
    program.send(SIGKILL)
    _ = try program.waitForEnd()
    // The child has the file open still; what holds up a writer went with the daemon.
    let writer = try open("app.log.1", O_WRONLY | O_APPEND | O_NONBLOCK)
    close(writer)
    #expect(scratch.list("logs") == ["app.log", "app.log.1"])
    let again = try start(config("gzip -c"))
    try eventually("a compressed archive: \(again.read())", within: 10) {
      scratch.list("logs") == ["app.log", "app.log.1.gz"]
    }
    try stop(again)
  }

  @Test("a log as long as a disk can hold neither stops the daemon that compresses it nor the other jobs")
  func petabyte() throws {
    // Any user can make one where they have a log, of no room at all.
    let scratch = try Scratch(in: "/dev/shm")
    try scratch.makeDirectory("logs")
    try scratch.write("line\n", to: "logs/app.log")
    try #require(truncate(scratch["logs/app.log"], 1 << 50) == 0)
    try scratch.write("line\n", to: "logs/other.log")
    let jobs = ["app", "other"].map {
      "[job.\($0)]\nlogs = \"\(scratch["logs/\($0).log"])\"\nsize = 1\ncheck = \"100ms\"\ncompress = \"gzip\"\n"
    }
    try scratch.write("[daemon]\nmax-children = 2\n" + jobs.joined(), to: "rotated.toml")
    let program = try Program(Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]])
    try eventually("the compressed archive of the other log; \(program.read())") {
      scratch.list("logs").contains("other.log.1.gz")
    }
    #expect(scratch.list("logs").contains("app.log.1"))
    try stop(program)
  }
}
