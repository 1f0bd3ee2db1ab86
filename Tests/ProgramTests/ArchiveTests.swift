import CLinux
import Glibc
import Testing

/// The built daemon, with dated archives, or archives in another directory.
@Suite("The daemon's archives")
struct ArchiveTests {
  let scratch = Scratch()

  /// Starts a daemon that rotates `app.log` by size.
  private func start(logs: String? = nil, _ more: String) throws -> RunningDaemon {
    try scratch.write("", to: "logs/app.log")
    return try RunningDaemon(
      scratch, scratch.job("app", logs: logs, "size = 1", "check = '20ms'", more), environment: ["TZ": "UTC"])
  }

  /// Writes lines one after the other into the log, and waits until each has gone to an archive.
  private func write(_ lines: [String], _ daemon: RunningDaemon, _ archives: () -> [String]) throws {
    for (index, line) in lines.enumerated() {
      try daemon.eventually("an empty log") { scratch.read("logs/app.log") ?? "" == "" }
      try scratch.append(line, to: "logs/app.log")
      try daemon.eventually("archive \(index + 1)") { archives().contains(line) }
    }
  }

  @Test("have dates in the order of their age, the extension last, and are as many as are kept")
  func dated() throws {
    // The numbered archive of former days does not matter now.
    try scratch.write("former", to: "logs/app.log.1")
    let daemon = try start(
      logs: "logs/*.log", "archive-names = 'dated'\ndate-format = '-%Y%m%d'\nextension = true\nkeep = 3")
    let dated = { scratch.list("logs").filter { $0.hasPrefix("app-") } }
    try write(["a", "b", "c", "d", "e"], daemon) { dated().compactMap { scratch.read("logs/\($0)") } }
    try daemon.eventually("three archives") { dated().count == 3 }
    let names = dated().sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    #expect(names.map { scratch.read("logs/\($0)") } == ["c", "d", "e"])
    #expect(names.allSatisfy { $0.hasSuffix(".log") && $0.contains("~") }, "\(names)")
    #expect(scratch.read("logs/app.log.1") == "former")
    try daemon.stop()
  }

  @Test("are in a directory of their own, which is made with the attributes in the config")
  func directory() throws {
    let daemon = try start("archive-dir = { path = 'old/app', mode = '0750' }\nkeep = 2")
    try write(["a", "b", "c"], daemon) { Array(scratch.contents("logs/old/app").values) }
    try daemon.waitForContents(["app.log.1": "c", "app.log.2": "b"], in: "logs/old/app")
    #expect(scratch.list("logs") == ["app.log", "old"])
    #expect(try scratch.status("logs/old/app").st_mode & 0o7777 == 0o750)
    try daemon.stop()
  }

  @Test("are moved to another file system, whole, and counted on both")
  func otherFileSystem() throws {
    try scratch.makeDirectory("mnt")
    guard mount("none", scratch["mnt"], "tmpfs", 0, nil) == 0 else {
      return print("skipped: archives on another file system: mounting needs root")
    }
    defer { umount2(scratch["mnt"], Int32(MNT_DETACH)) }
    let daemon = try start("archive-dir = '\(scratch["mnt"])/archives'\nkeep = 2")
    try write(["a", "b", "c"], daemon) {
      Array(scratch.contents("mnt/archives").values) + Array(scratch.contents("logs").values)
    }
    try daemon.waitForContents(["app.log.1": "c", "app.log.2": "b"], in: "mnt/archives")
    #expect(scratch.list("logs") == ["app.log"])
    try daemon.waitForOutput("moved \(scratch["logs/app.log.1"]) to \(scratch["mnt"])/archives/app.log.1")
    try daemon.stop()
  }

  @Test("in excess of a lower keep are removed at the reload, without a rotation")
  func lowered() throws {
    try scratch.write("live", to: "logs/app.log")
    for number in 1...4 { try scratch.write("\(number)", to: "logs/app.log.\(number)") }
    let daemon = try RunningDaemon(scratch, scratch.job("app", "daily = true", "keep = 4"))
    try scratch.write(scratch.job("app", "daily = true", "keep = 2"), to: "rotated.toml")
    daemon.send(SIGHUP)
    try daemon.waitForList(["app.log", "app.log.1", "app.log.2"])
    #expect(scratch.read("logs/app.log") == "live")
    try daemon.stop()
  }
}
