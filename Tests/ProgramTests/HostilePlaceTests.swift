import CLinux
import Glibc
import Testing

/// The daemon where others may write: directories that are exchanged with links, and misleading names. It is root, as
/// in production; the attacker has the rights of root as well, which is more than anybody outside has.
@Suite("In a hostile directory", .enabled(if: geteuid() == 0, "the attacks are on a daemon that is root"))
struct HostilePlaceTests {
  let scratch = Scratch()

  init() throws { try scratch.makeDirectory("outside") }

  /// Everything visible of the files in a directory: any change of them changes it.
  private func fingerprint(_ directory: String) -> [String: String] {
    var prints: [String: String] = [:]
    for name in scratch.list(directory) {
      var status = stat()
      guard lstat(scratch["\(directory)/\(name)"], &status) == 0 else { continue }
      prints[name] =
        "\(status.st_ino) \(status.st_mode) \(status.st_uid):\(status.st_gid) \(status.st_nlink) \(status.st_size) "
        + "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
    }
    return prints
  }

  /// Rotations since the daemon's start, from its status.
  private func rotations(_ daemon: RunningDaemon) -> Int {
    let status = daemon.socket.receive().joined().last { $0.hasPrefix("STATUS=") }
    let words = status?.split(separator: " ") ?? []
    guard let place = words.firstIndex(where: { $0.hasPrefix("rotation") }), place > 0 else { return 0 }
    return Int(words[place - 1]) ?? 0
  }

  private func waitForRotations(_ wanted: Int, _ daemon: RunningDaemon) throws {
    try daemon.eventually("\(wanted) rotations; there were \(rotations(daemon))", within: 300) {
      rotations(daemon) >= wanted
    }
  }

  @Test("with a pidfile of another user, only that user's processes are signalled, and only for that user's logs")
  func pidFiles() throws {
    let user: uid_t = 65534
    let other = try Program("sleep", ["1000"])
    let own = try Program("setpriv", ["--reuid=\(user)", "--clear-groups", "sleep", "1000"])
    try eventually("a process of user \(user)") {
      readWholeFile("/proc/\(own.pid)/status")?.contains("Uid:\t\(user)\t\(user)\t\(user)") == true
    }
    var config = ""
    let cases = [("stranger", uid_t(0), other), ("foreign", user, other), ("good", user, own)]
    for (name, logOwner, process) in cases {
      let (log, file) = ("logs/\(name).log", "logs/\(name).pid")
      try scratch.write("x\n", to: log)
      try scratch.write("\(process.pid)\n", to: file)
      try #require(chown(scratch[log], logOwner, 0) == 0 && chown(scratch[file], user, 0) == 0)
      config += scratch.job(
        name, "every = '200ms'", "use-owner-rights = false",
        "notify = { pidfile = '\(scratch[file])', signal = 'USR1' }")
    }
    let daemon = try RunningDaemon(scratch, config)
    for (name, reason) in [
      ("stranger", "\(scratch["logs/stranger.pid"]) belongs to user \(user) and not to root"),
      ("foreign", "process \(other.pid) does not belong to user \(user), who owns \(scratch["logs/foreign.pid"])"),
    ] {
      try daemon.waitForOutput(
        "job \(name): cannot notify \(scratch["logs/\(name).pid"]) (USR1) of \(scratch["logs/\(name).log"]): \(reason)")
    }
    try daemon.waitForOutput("job good: notified \(scratch["logs/good.pid"]) (USR1)")
    try daemon.eventually("the end of the user's own process") { own.endIfEnded() != nil }
    #expect(other.endIfEnded() == nil)
    try daemon.stop()
    #expect(other.endIfEnded() == nil)
  }

  /// The links are in a directory where everybody may write. `via` is a link of root that leads there, and is followed.
  @Test(
    "ten thousand rotations during exchanges of the directory with a link change nothing outside of it",
    arguments: ["open", "via"])
  func swappedDirectory(way: String) throws {
    for name in ["open", "open/logs"] { try scratch.makeDirectory(name) }
    #expect(chmod(scratch["open"], 0o777) == 0 && symlink("open", scratch["via"]) == 0)
    let names = (0..<200).map { "app-\($0).log" }
    for name in names {
      for file in [name, name + ".1", name + ".2"] { try scratch.write("outside", to: "outside/\(file)") }
      try scratch.write("inside", to: "open/logs/\(name)")
    }
    let before = fingerprint("outside")
    let (logs, away, outside) = (scratch["open/logs"], scratch["open/away"], scratch["outside"])
    let daemon = try RunningDaemon(
      scratch,
      scratch.job("app", logs: "\(way)/logs/app-*.log", "every = '10ms'", "if-empty = true", "keep = 2")
        + scratch.job("one", logs: "\(way)/logs/app-0.log", "size = 1", "check = '10ms'"))
    let attacker = Attacker {
      rename(logs, away)
      symlink(outside, logs)
      unlink(logs)
      rename(away, logs)
      // Time for the daemon to find the directory: its work in it continues through many exchanges.
      usleep(100)
    }
    try waitForRotations(10_000, daemon)
    let (swaps, rotations) = (attacker.stop(), rotations(daemon))
    #expect(swaps > 1000)
    #expect(fingerprint("outside") == before)
    try daemon.stop()
    print("directory swaps: \(rotations) rotations beside \(swaps) swaps, 0 files touched outside")
  }

  @Test("a log that is exchanged with a link, a hard link or a pipe during its rotation leads to nothing outside")
  func swappedLog() throws {
    for name in ["target", "app.log", "app.log.1"] { try scratch.write("outside", to: "outside/\(name)") }
    let (log, target) = (scratch["logs/app.log"], scratch["outside/target"])
    let before = fingerprint("outside").filter { $0.key != "target" }
    let daemon = try RunningDaemon(
      scratch, scratch.job("app", "every = '10ms'", "if-empty = true", "keep = 3", "compress = 'gzip'"))
    let attacker = Attacker {
      unlink(log)
      symlink(target, log)
      usleep(300)
      unlink(log)
      link(target, log)
      usleep(300)
      unlink(log)
      mkfifo(log, 0o600)
      usleep(300)
      unlink(log)
      let file = open(log, O_WRONLY | O_CREAT | O_EXCL, 0o644)
      write(file, "inside\n", 7)
      close(file)
      usleep(20_000)
    }
    try waitForRotations(200, daemon)
    attacker.stop()
    try daemon.stop()
    #expect(scratch.read("outside/target") == "outside")
    let status = try scratch.status("outside/target")
    #expect(status.st_mode & 0o7777 == 0o644 && status.st_uid == 0)
    #expect(fingerprint("outside").filter { $0.key != "target" } == before)
  }

  @Test("names with newlines, quotes, escape sequences and wildcards are rotated, and printed harmlessly")
  func oddNames() throws {
    let rotating = [
      "line\nbreak.log", "quote'\".log", "\u{1B}[31mred\u{7}.log", "back\\slash.log", "*.log", "[a-z]?.log", "-rf.log",
      "%s%n.log", " spaces .log", "e\u{301}.log", String(repeating: "n", count: 242) + ".log",
    ]
    let tooLong = String(repeating: "t", count: 251) + ".log"
    for name in rotating + [tooLong] { try scratch.write(name, to: "logs/\(name)") }
    let daemon = try RunningDaemon(
      scratch, scratch.job("odd", logs: "logs/*.log", "size = 1", "check = '20ms'", "keep = 2"))
    var wanted = [tooLong: tooLong]
    for name in rotating { wanted.merge([name: "", name + ".1": name]) { $1 } }
    try daemon.waitForContents(wanted)
    try daemon.waitForOutput("the rotation needs the name ")
    try daemon.stop()
    #expect(!daemon.text.utf8.contains { $0 < 0x20 && $0 != 0x0A })
    // One line for each event: no name has begun a line of its own.
    let beginnings = ["error", "warning", "notice", "info"].map { "Z \($0): " }
    #expect(
      daemon.text.split(separator: "\n").allSatisfy { line in beginnings.contains { line.dropFirst(19).contains($0) } })
  }

  @Test("files that are not regular are reported and left alone; one planted as an archive is shifted unchanged")
  func notRegular() throws {
    try scratch.write("outside", to: "outside/target")
    let before = fingerprint("outside")
    try scratch.makeDirectory("logs/directory.log")
    #expect(mkfifo(scratch["logs/pipe.log"], 0o600) == 0)
    #expect(symlink(scratch["outside/target"], scratch["logs/link.log"]) == 0)
    #expect(mknod(scratch["logs/null.log"], S_IFCHR | 0o666, 0x103) == 0)
    try scratch.write("linked", to: "logs/hard.log")
    #expect(link(scratch["logs/hard.log"], scratch["logs/other-name"]) == 0)
    try scratch.write("live", to: "logs/app.log")
    #expect(symlink(scratch["outside/target"], scratch["logs/app.log.1"]) == 0)
    #expect(mkfifo(scratch["logs/app.log.2"], 0o600) == 0)
    let left = ["directory.log", "pipe.log", "link.log", "null.log", "hard.log", "other-name"]
    let paths = (left.dropLast() + ["app.log"]).map { "'\(scratch["logs/\($0)"])'" }.joined(separator: ", ")
    let daemon = try RunningDaemon(
      scratch, "[job.odd]\nlogs = [\(paths)]\nevery = '50ms'\nkeep = 2\ncompress = 'gzip'\n")
    try daemon.waitForOutput("rotated \(scratch["logs/app.log"])")
    for (name, words) in [
      ("directory.log", "it is a directory"), ("pipe.log", "it is not a regular file"),
      ("link.log", "it is a symbolic link"), ("null.log", "it is not a regular file"),
      ("hard.log", "it has 2 hard links"),
    ] {
      try daemon.waitForOutput("\(scratch["logs/\(name)"]): not rotated: \(words)")
    }
    // The copy has its name before the uncompressed archive is removed.
    try daemon.waitForList((left + ["app.log", "app.log.1.gz", "app.log.2"]).sorted())
    var target = [CChar](repeating: 0, count: 4096)
    #expect(readlink(scratch["logs/app.log.2"], &target, target.count) == scratch["outside/target"].utf8.count)
    #expect(fingerprint("outside") == before)
    try daemon.stop()
  }

  @Test(
    "nothing is done in a user's directory if the rights of the user, or of its group, are not available",
    arguments: ["setuid", "setgid"])
  func rights(_ capability: String) throws {
    try scratch.write("line\n", to: "logs/app.log")
    #expect(chmod(scratch.path, 0o755) == 0)
    for name in ["logs", "logs/app.log"] { #expect(chown(scratch[name], 65534, 65534) == 0) }
    let daemon = try RunningDaemon(
      scratch, scratch.job("app", "every = '100ms'"), by: ["setpriv", "--bounding-set=-\(capability)"])
    try daemon.waitForOutput("(EPERM)")
    #expect(scratch.contents("logs") == ["app.log": "line\n"])
    try daemon.stop()
  }
}
