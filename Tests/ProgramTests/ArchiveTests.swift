import CLinux
import Glibc
import Testing

/// The built daemon, with archives that bear dates, or lie elsewhere.
@Suite("The daemon's archives")
struct ArchiveTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.makeDirectory("logs")
  }

  func start(_ config: String) throws -> Program {
    try scratch.write(config, to: "rotated.toml")
    return try Program(
      Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]], environment: ["TZ": "UTC"])
  }

  func stop(_ program: Program) throws {
    #expect(program.threads == 1)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0, "\(program.text)")
  }

  /// Writes lines one after the other into a log that is rotated by size, and waits until each has gone to an archive.
  func write(_ lines: [String], _ archives: () -> [String]) throws {
    for (index, line) in lines.enumerated() {
      try eventually("an empty log") { scratch.read("logs/app.log") ?? "" == "" }
      try scratch.append(line, to: "logs/app.log")
      try eventually("archive \(index + 1)") { archives().contains(line) }
    }
  }

  @Test("bear dates in the order of their age, the extension last, and are as many as are kept")
  func dated() throws {
    try scratch.write("", to: "logs/app.log")
    // The numbered archive of former days is nobody's business now.
    try scratch.write("former", to: "logs/app.log.1")
    let program = try start(
      """
      [job.app]
      logs = "\(scratch["logs/*.log"])"
      size = 1
      check = "20ms"
      archive-names = "dated"
      date-format = "-%Y%m%d"
      extension = true
      keep = 3
      """)
    let dated = { scratch.list("logs").filter { $0.hasPrefix("app-") } }
    try write(["a", "b", "c", "d", "e"]) { dated().compactMap { scratch.read("logs/\($0)") } }
    try eventually("three archives") { dated().count == 3 }
    let names = dated().sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    #expect(names.map { scratch.read("logs/\($0)") } == ["c", "d", "e"])
    #expect(names.allSatisfy { $0.hasSuffix(".log") && $0.contains("~") }, "\(names)")
    #expect(scratch.read("logs/app.log.1") == "former")
    try stop(program)
  }

  @Test("lie in a directory of their own, which is made as the config says")
  func directory() throws {
    try scratch.write("", to: "logs/app.log")
    let program = try start(
      """
      [job.app]
      logs = "\(scratch["logs/app.log"])"
      size = 1
      check = "20ms"
      archive-dir = { path = "old/app", mode = "0750" }
      keep = 2
      """)
    try write(["a", "b", "c"]) { Array(scratch.contents("logs/old/app").values) }
    try eventually("two archives") { scratch.contents("logs/old/app") == ["app.log.1": "c", "app.log.2": "b"] }
    #expect(scratch.list("logs") == ["app.log", "old"])
    var status = stat()
    #expect(stat(scratch["logs/old/app"], &status) == 0 && status.st_mode & 0o7777 == 0o750)
    try stop(program)
  }

  @Test("are moved to another file system, whole, and counted on both")
  func otherFileSystem() throws {
    try scratch.makeDirectory("mnt")
    guard mount("none", scratch["mnt"], "tmpfs", 0, nil) == 0 else {
      return print("skipped: archives on another file system: mounting needs root")
    }
    defer { umount2(scratch["mnt"], Int32(MNT_DETACH)) }
    try scratch.write("", to: "logs/app.log")
    let program = try start(
      """
      [job.app]
      logs = "\(scratch["logs/app.log"])"
      size = 1
      check = "20ms"
      archive-dir = "\(scratch["mnt"])/archives"
      keep = 2
      """)
    try write(["a", "b", "c"]) {
      Array(scratch.contents("mnt/archives").values) + Array(scratch.contents("logs").values)
    }
    try eventually("two archives; there is \(scratch.contents("mnt/archives")); \(program.read())") {
      scratch.contents("mnt/archives") == ["app.log.1": "c", "app.log.2": "b"]
    }
    #expect(scratch.list("logs") == ["app.log"])
    try program.waitForOutput("moved \(scratch["logs/app.log.1"]) to \(scratch["mnt"])/archives/app.log.1")
    try stop(program)
  }

  @Test("that are too many when less is kept go at the reload, without a rotation")
  func lowered() throws {
    try scratch.write("live", to: "logs/app.log")
    for number in 1...4 { try scratch.write("\(number)", to: "logs/app.log.\(number)") }
    let config = "[job.app]\nlogs = \"\(scratch["logs/app.log"])\"\ndaily = true\n"
    let program = try start(config + "keep = 4\n")
    try program.waitForOutput("started with")
    try scratch.write(config + "keep = 2\n", to: "rotated.toml")
    program.send(SIGHUP)
    try eventually("two archives") { scratch.list("logs") == ["app.log", "app.log.1", "app.log.2"] }
    #expect(scratch.read("logs/app.log") == "live")
    try stop(program)
  }
}
