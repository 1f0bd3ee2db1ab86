import CLinux
import Glibc
import Testing

/// The built daemon on a small file system that is filled, mounted for it alone: the mount goes with the process.
@Suite("On a disk that fills, the daemon")
struct FullDiskTests {
  let scratch = Scratch()
  var disk: String { scratch["disk"] }

  /// Starts the daemon with a new file system at `disk`, on which a shell command was run; nil if mounting is not
  /// allowed.
  private func start(
    _ config: String, disk kind: String, options: String = "size=4M", prepare: String = ":"
  ) throws -> RunningDaemon? {
    try scratch.makeDirectory("disk")
    let make =
      kind == "tmpfs"
      ? "mount -t tmpfs -o \(options) none \"$1\""
      : "truncate -s 12M \"$1.image\" && mkfs.\(kind) -q -F -m 0 \"$1.image\" && mount -o loop \"$1.image\" \"$1\""
    let script = "\(make) && cd \"$1\" && { \(prepare); } && cd / && shift && exec \"$@\""
    let probe = try Program.run("unshare", ["-m", "sh", "-c", "\(make)", "sh", disk])
    guard probe.code == 0 else {
      print("skipped: a full \(kind): it cannot be mounted: \(probe.text)")
      return nil
    }
    return try RunningDaemon(scratch, config, by: ["unshare", "-m", "sh", "-c", script, "sh", disk])
  }

  /// The path of a file of the daemon's disk, as seen from here.
  private func path(_ name: String, _ daemon: RunningDaemon) -> String {
    "/proc/\(daemon.pid)/root\(disk)/\(name)"
  }

  private func list(_ daemon: RunningDaemon) -> [String] {
    names(in: path("", daemon)).filter { $0 != "lost+found" }.sorted()
  }

  /// Appends this many bytes; returns how many fitted.
  @discardableResult
  private func fill(_ name: String, _ bytes: Int, _ daemon: RunningDaemon) -> Int {
    let file = open(path(name, daemon), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
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

  @Test("warns, then removes the oldest archives, rotates all the same, and reports the end")
  func stages() throws {
    let config =
      "[daemon]\nwarn-free = '50%'\nkeep-free = '25%'\n"
      + scratch.job("app", logs: "disk/app.log", "size = 10", "check = '1h'", "keep = 20")
    let prepare =
      "for n in 1 2 3 4 5 6 7 8; do head -c 200000 /dev/zero > app.log.$n; touch -d \"-$n days\" app.log.$n; done"
    guard let daemon = try start(config, disk: "tmpfs", prepare: prepare) else { return }
    #expect(!daemon.text.contains("low on space"), "\(daemon.text)")

    fill("other", 600_000, daemon)
    fill("app.log", 100, daemon)
    daemon.send(SIGUSR1)
    try daemon.waitForOutput("low on space: 4")
    try daemon.waitForOutput("of \(disk); `warn-free` is 50%")
    #expect(!daemon.text.contains("to free space"))

    fill("other", 1_000_000, daemon)
    fill("app.log", 100, daemon)
    daemon.send(SIGUSR1)
    // The watch on the disk also measures by itself: whether that comes before the second rotation decides the
    // archive's number.
    try daemon.waitForOutput("(196K) to free space: less than 25% is free")
    let oldest = ["app.log.9", "app.log.10"].map { "job app: removed \(disk)/\($0) (196K) to free space" }
    #expect(oldest.contains { daemon.text.contains($0) }, "\(daemon.text)")
    try daemon.waitForStatus("; low on space: ")
    #expect(list(daemon).contains("app.log.6"), "\(list(daemon))")

    // Full to the last page: the log is rotated, and of the archives the newest stays.
    #expect(fill("app.log", 11, daemon) == 11)
    fill("other", 1 << 30, daemon)
    daemon.send(SIGUSR1)
    try daemon.waitForOutput("rotated \(disk)/app.log (11B) to app.log.1")
    try daemon.eventually("no archive but the newest: \(list(daemon))") {
      fill("other", 1 << 30, daemon)
      return list(daemon) == ["app.log", "app.log.1", "other"]
    }
    #expect(readWholeFile(path("app.log.1", daemon)) == "xxxxxxxxxxx")
    try daemon.waitForOutput("no archive is left that may be removed")

    #expect(unlink(path("other", daemon)) == 0)
    try daemon.waitForOutput("enough space again: 9")
    #expect(daemon.count(of: "`warn-free` is") == 1, "\(daemon.text)")
    #expect(daemon.count(of: "enough space again") == 1, "\(daemon.text)")
    try daemon.stop()
  }

  @Test(
    "without room for a new log keeps the old one under its name, reports it once, and continues when there is room")
  func noRoomForLog() throws {
    let config = scratch.job("app", logs: "disk/app.log", "every = '300ms'")
    guard let daemon = try start(config, disk: "tmpfs", options: "size=4M,nr_inodes=4") else { return }
    for name in ["one", "two", "three", "four"] { fill(name, 1, daemon) }
    #expect(unlink(path("two", daemon)) == 0)
    #expect(fill("app.log", 10, daemon) == 10)
    try daemon.waitForOutput("cannot rotate: create .app.log.rotated")
    #expect(fill("app.log", 10, daemon) == 10)
    #expect(list(daemon) == ["app.log", "one", "three"], "\(list(daemon))")
    #expect(readWholeFile(path("app.log", daemon))?.count == 20)
    try daemon.waitForOutput("ENOSPC")

    #expect(unlink(path("one", daemon)) == 0)
    try daemon.eventually("the archive; \(list(daemon))") {
      readWholeFile(path("app.log.1", daemon))?.count == 20
    }
    try daemon.waitForOutput("works again")
    #expect(daemon.count(of: "cannot rotate") == 1, "\(daemon.text)")
    try daemon.stop()
  }

  @Test(
    "keeps the uncompressed archive if the disk is full while it is compressed, and compresses it later",
    arguments: ["tmpfs", "ext4"])
  func fullWhileCompressing(kind: String) throws {
    let config = scratch.job("app", logs: "disk/app.log", "size = 10", "check = '1h'", "compress = 'gzip'")
    guard let daemon = try start(config, disk: kind, prepare: "head -c 500000 /dev/urandom > app.log") else { return }
    try daemon.eventually("the first archive is compressed") { list(daemon) == ["app.log", "app.log.1.gz"] }

    let before = try Program.run("sh", ["-c", "gzip -dc < \(path("app.log.1.gz", daemon)) | cksum"]).text
    let copy = try Program.run(
      "sh", ["-c", "gzip -dc < \(path("app.log.1.gz", daemon)) > \(path("app.log", daemon))"])
    #expect(copy.code == 0, "\(copy.text)")
    fill("other", 1 << 30, daemon)
    daemon.send(SIGUSR1)
    try daemon.waitForOutput("cannot compress app.log.1: gzip ended with exit code 1")
    #expect(daemon.text.lowercased().contains("no space left"), "\(daemon.text)")
    #expect(list(daemon) == ["app.log", "app.log.1", "app.log.2.gz", "other"], "\(list(daemon))")
    #expect(try Program.run("sh", ["-c", "cksum < \(path("app.log.1", daemon))"]).text == before)

    #expect(unlink(path("other", daemon)) == 0)
    try daemon.eventually("the archive is compressed") {
      list(daemon) == ["app.log", "app.log.1.gz", "app.log.2.gz"]
    }
    let after = try Program.run("sh", ["-c", "gzip -dc < \(path("app.log.1.gz", daemon)) | cksum"]).text
    #expect(after == before)
    try daemon.stop()
  }

  @Test("removes an archive at its age, without a rotation, and rotatectl plan shows it before")
  func age() throws {
    for number in 1...3 { try scratch.write("\(number)\n", to: "logs/app.log.\(number)") }
    // Sets the age of an archive to a day and this many seconds.
    func setAge(_ number: Int, _ seconds: Int) {
      let modified = timespec(tv_sec: time(nil) - 86_400 - seconds, tv_nsec: 0)
      #expect(utimensat(AT_FDCWD, scratch["logs/app.log.\(number)"], [modified, modified], 0) == 0)
    }
    setAge(3, 3600)
    setAge(2, -3600)
    try scratch.write(scratch.job("app", "every = '1h'", "max-age = '1d'"), to: "rotated.toml")
    let plan = try scratch.rotatectl("plan")
    #expect(plan.text.contains("app.log.3 (4K) of job app would be removed: older than 1d"), "\(plan.text)")
    #expect(!plan.text.contains("app.log.2 ("), "\(plan.text)")
    #expect(scratch.list("logs").count == 3)
    setAge(2, -3)
    let modified = try scratch.status("logs/app.log.2").st_mtim.tv_sec
    let daemon = try RunningDaemon(scratch)
    try daemon.waitForList(["app.log.1"])
    // Unlike this clock, time(2) is a tick late.
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    #expect(now.tv_sec >= modified + 86_400)
    try daemon.waitForOutput("removed \(scratch["logs/app.log.2"]) (4K): older than 1d")
    try daemon.stop()
  }
}
