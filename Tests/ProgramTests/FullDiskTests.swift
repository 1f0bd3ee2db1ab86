import CLinux
import Glibc
import Testing

/// The built daemon on a small file system that is filled, mounted for it alone: the mount goes with the process.
@Suite("On a disk that fills, the daemon")
struct FullDiskTests {
  let scratch: Scratch
  let socket: NotifySocket

  init() throws {
    scratch = try Scratch()
    socket = try NotifySocket(scratch["notify"])
    try scratch.makeDirectory("disk")
  }

  /// Starts the daemon with a new file system at `disk`, on which a line of shell has been run; nil when we may not mount.
  private func start(
    _ config: String, disk kind: String, options: String = "size=4M", prepare: String = ":"
  ) throws -> Program? {
    let make =
      kind == "tmpfs"
      ? "mount -t tmpfs -o \(options) none \"$1\""
      : "truncate -s 12M \"$1.image\" && mkfs.\(kind) -q -F -m 0 \"$1.image\" && mount -o loop \"$1.image\" \"$1\""
    let script = "\(make) && cd \"$1\" && { \(prepare); } && cd / && shift && exec \"$@\""
    let probe = try Program.run("unshare", ["-m", "sh", "-c", "\(make)", "sh", scratch["disk"]])
    guard probe.code == 0 else {
      print("skipped: a full \(kind): it cannot be mounted: \(probe.text)")
      return nil
    }
    try scratch.write(config, to: "rotated.toml")
    let arguments = [Program.rotated, "--config", scratch["rotated.toml"], "--state", scratch["state"]]
    return try Program(
      "unshare", ["-m", "sh", "-c", script, "sh", scratch["disk"]] + arguments,
      environment: ["NOTIFY_SOCKET": socket.path])
  }

  private func stop(_ program: Program) throws {
    #expect(program.threads == 1)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0, "\(program.text)")
  }

  /// What a file of the daemon's disk is called here.
  private func path(_ name: String, _ program: Program) -> String {
    "/proc/\(program.pid)/root\(scratch["disk"])/\(name)"
  }

  private func list(_ program: Program) -> [String] {
    names(in: path("", program)).filter { $0 != "lost+found" }.sorted()
  }

  /// Appends so many bytes; returns how many there was room for.
  @discardableResult
  private func fill(_ name: String, _ bytes: Int, _ program: Program) -> Int {
    let file = open(path(name, program), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var left = bytes
    while left > 0 {
      let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: min(left, 65536))
      let count = write(file, chunk, chunk.count)
      guard count > 0 else { break }
      left -= count
    }
    return bytes - left
  }

  @Test("warns, then removes the oldest archives, rotates all the same, and says when it is over")
  func stages() throws {
    let config = """
      [daemon]
      warn-free = "50%"
      keep-free = "25%"
      [job.app]
      logs = "\(scratch["disk"])/app.log"
      size = 10
      check = "1h"
      keep = 20
      """
    let prepare =
      "for n in 1 2 3 4 5 6 7 8; do head -c 200000 /dev/zero > app.log.$n; touch -d \"-$n days\" app.log.$n; done"
    guard let program = try start(config, disk: "tmpfs", prepare: prepare) else { return }
    try socket.wait(for: "READY=1")
    #expect(!program.read().contains("low on space"), "\(program.text)")

    fill("other", 600_000, program)
    fill("app.log", 100, program)
    program.send(SIGUSR1)
    try program.waitForOutput("low on space: 4")
    try program.waitForOutput("of \(scratch["disk"]); `warn-free` is 50%")
    #expect(!program.text.contains("to free space"))

    fill("other", 1_000_000, program)
    fill("app.log", 100, program)
    program.send(SIGUSR1)
    // The watch on the disk looks by itself, too: whether it came before the second rotation decides the archive's number.
    try program.waitForOutput("(196K) to free space: less than 25% is free")
    let oldest = ["app.log.9", "app.log.10"].map { "job app: removed \(scratch["disk"])/\($0) (196K) to free space" }
    #expect(oldest.contains { program.text.contains($0) }, "\(program.text)")
    try eventually("a status of low space") {
      socket.receive().contains { $0.contains { $0.hasPrefix("STATUS=") && $0.contains("; low on space: ") } }
    }
    #expect(list(program).contains("app.log.6"), "\(list(program))")

    // Full to the last page: what is there is rotated, and of the archives the newest stays.
    #expect(fill("app.log", 11, program) == 11)
    fill("other", 1 << 30, program)
    program.send(SIGUSR1)
    try program.waitForOutput("rotated \(scratch["disk"])/app.log (11B) to app.log.1")
    try eventually("no archive but the newest: \(list(program))") {
      fill("other", 1 << 30, program)
      return list(program) == ["app.log", "app.log.1", "other"]
    }
    #expect(readWholeFile(path("app.log.1", program)) == "xxxxxxxxxxx")
    try program.waitForOutput("no archive is left that may be removed")

    #expect(unlink(path("other", program)) == 0)
    try program.waitForOutput("enough space again: 9")
    let lines = program.text.split(separator: "\n")
    #expect(lines.count { $0.contains("`warn-free` is") } == 1, "\(program.text)")
    #expect(lines.count { $0.contains("enough space again") } == 1, "\(program.text)")
    try stop(program)
  }

  @Test("that has no room for a new log keeps the old one under its name, says so once, and goes on when there is room")
  func noRoomForLog() throws {
    let config = "[job.app]\nlogs = \"\(scratch["disk"])/app.log\"\nevery = \"300ms\"\n"
    guard let program = try start(config, disk: "tmpfs", options: "size=4M,nr_inodes=4") else { return }
    try socket.wait(for: "READY=1")
    for name in ["one", "two", "three", "four"] { fill(name, 1, program) }
    #expect(unlink(path("two", program)) == 0)
    #expect(fill("app.log", 10, program) == 10)
    try program.waitForOutput("cannot rotate: create .app.log.rotated")
    #expect(fill("app.log", 10, program) == 10)
    #expect(list(program) == ["app.log", "one", "three"], "\(list(program))")
    #expect(readWholeFile(path("app.log", program))?.count == 20)
    try eventually("a second try") { program.read().contains("ENOSPC") }

    #expect(unlink(path("one", program)) == 0)
    try eventually("the archive; \(list(program)); \(program.read())") {
      readWholeFile(path("app.log.1", program))?.count == 20
    }
    #expect(program.read().split(separator: "\n").count { $0.contains("cannot rotate") } == 1, "\(program.text)")
    #expect(program.text.contains("works again"), "\(program.text)")
    try stop(program)
  }

  @Test(
    "keeps the plain archive when the disk is full while it is compressed, and compresses it later",
    arguments: ["tmpfs", "ext4"])
  func fullWhileCompressing(kind: String) throws {
    let config = """
      [job.app]
      logs = "\(scratch["disk"])/app.log"
      size = 10
      check = "1h"
      compress = "gzip"
      """
    guard let program = try start(config, disk: kind, prepare: "head -c 500000 /dev/urandom > app.log") else { return }
    try socket.wait(for: "READY=1")
    try eventually("the first archive is compressed") { list(program) == ["app.log", "app.log.1.gz"] }

    let before = try Program.run("sh", ["-c", "gzip -dc < \(path("app.log.1.gz", program)) | cksum"]).text
    let copy = try Program.run(
      "sh", ["-c", "gzip -dc < \(path("app.log.1.gz", program)) > \(path("app.log", program))"])
    #expect(copy.code == 0, "\(copy.text)")
    fill("other", 1 << 30, program)
    program.send(SIGUSR1)
    try program.waitForOutput("cannot compress app.log.1: gzip ended with exit code 1")
    #expect(program.text.lowercased().contains("no space left"), "\(program.text)")
    #expect(list(program) == ["app.log", "app.log.1", "app.log.2.gz", "other"], "\(list(program))")
    #expect(try Program.run("sh", ["-c", "cksum < \(path("app.log.1", program))"]).text == before)

    #expect(unlink(path("other", program)) == 0)
    try eventually("the archive is compressed; \(program.read())") {
      list(program) == ["app.log", "app.log.1.gz", "app.log.2.gz"]
    }
    let after = try Program.run("sh", ["-c", "gzip -dc < \(path("app.log.1.gz", program)) | cksum"]).text
    #expect(after == before)
    try stop(program)
  }

  @Test("removes an archive when it has its age, without a rotation, and rotatectl plan says so before")
  func age() throws {
    let config = """
      [job.app]
      logs = "\(scratch["disk"])/app.log"
      every = "1h"
      max-age = "1d"
      """
    for number in 1...3 { try scratch.write("\(number)\n", to: "disk/app.log.\(number)") }
    // A day ago, but for so many seconds.
    for (number, seconds) in [(2, 3), (3, -3600)] {
      var times = [timespec(tv_sec: time(nil) - 86_400 + seconds, tv_nsec: 0), timespec()]
      times[1] = times[0]
      #expect(utimensat(AT_FDCWD, scratch["disk/app.log.\(number)"], times, 0) == 0)
    }
    try scratch.write(config, to: "rotated.toml")
    let plan = try Program.run(Program.rotatectl, ["plan", "--config", scratch["rotated.toml"]])
    #expect(plan.text.contains("app.log.3 (4K) of job app would be removed: older than 1d"), "\(plan.text)")
    #expect(!plan.text.contains("app.log.2 ("), "\(plan.text)")
    #expect(scratch.list("disk").count == 3)
    let program = try Program(
      Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]],
      environment: ["NOTIFY_SOCKET": socket.path])
    try eventually("only the newest") { scratch.list("disk") == ["app.log.1"] }
    try program.waitForOutput("removed \(scratch["disk/app.log.2"]) (4K): older than 1d")
    try stop(program)
  }
}
