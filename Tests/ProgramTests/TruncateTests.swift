import CLinux
import Glibc
import Testing

/// The built daemon with `method = "truncate"`.
@Suite("The daemon that truncates")
struct TruncateTests {
  struct Mode: CustomTestStringConvertible, Sendable {
    var way: String
    /// Where the file system does it.
    var directory: String
    var testDescription: String { "\(way) in \(directory)" }
  }

  static let modes = [
    Mode(way: "collapse", directory: "/tmp"), Mode(way: "punch", directory: "/dev/shm"),
    Mode(way: "copy", directory: "/dev/shm"),
  ]

  /// What changes content or names; an openat(2) that makes a file is followed by one of these before it matters.
  static let calls = [
    "write", "pwrite64", "copy_file_range", "ftruncate", "fallocate", "mkdirat", "fchown", "fchmod", "fsync",
    "fdatasync", "sync_file_range", "renameat2", "linkat", "unlinkat",
  ]

  static let content = (1...300).map { "line \($0) of a log that is longer than a block\n" }.joined()

  /// Directory contents, without the NULs and the filler that a cut leaves.
  static func contents(_ scratch: Scratch) -> [String: String] {
    var contents = scratch.contents("logs")
    contents["app.log"] = contents["app.log"].map(RotationMode.withoutTruncation)
    return contents
  }

  /// Whether the way can be had where it is to be tried; a sentence in the output if not.
  private func isPossible(_ mode: Mode, _ scratch: Scratch) throws -> Bool {
    guard mode.way == "collapse" else { return true }
    try scratch.write(Self.content, to: "probe")
    let file = open(scratch["probe"], O_RDWR | O_CLOEXEC)
    defer {
      close(file)
      unlink(scratch["probe"])
    }
    if linux_collapse(file, 4096) == 0 { return true }
    print("SKIPPED: \(mode.testDescription), which its file system cannot do")
    return false
  }

  private func config(_ mode: Mode, _ scratch: Scratch) -> String {
    "[job.app]\nlogs = \"\(scratch["logs/app.log"])\"\nsize = 1\ncheck = \"1h\"\nkeep = 2\nmethod = \"truncate\"\n"
      + "truncate-by = \"\(mode.way)\"\n"
  }

  @Test(
    "killed at any system call starts again and ends as if undisturbed", .enabled(if: TracedDaemon.hasStrace),
    arguments: modes)
  func everyCall(mode: Mode) throws {
    guard try isPossible(mode, Scratch(in: mode.directory)) else { return }
    var killed = 0
    for call in Self.calls {
      var when = 1
      while try run(mode, call, when) {
        killed += 1
        when += 1
        try #require(when < 500)
      }
    }
    print("kill matrix, truncate by \(mode.testDescription): \(killed) kills, all right")
    #expect(killed > 20)
  }

  private func run(_ mode: Mode, _ call: String, _ when: Int) throws -> Bool {
    let scratch = try Scratch(in: mode.directory)
    try scratch.makeDirectory("logs")
    for (name, content) in ["app.log": Self.content, "app.log.1": "one", "app.log.2": "two"] {
      try scratch.write(content, to: "logs/\(name)")
    }
    try scratch.write(config(mode, scratch), to: "rotated.toml")
    let arguments = ["--config", scratch["rotated.toml"], "--state", scratch["state"]]
    let tracing = [
      "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e", "inject=\(call):signal=KILL:when=\(when)",
    ]
    let wanted = ["app.log": "", "app.log.1": Self.content, "app.log.2": "one"]
    let isRotated = { Self.contents(scratch) == wanted }
    let traced = try Program("strace", tracing + [Program.rotated] + arguments)
    let wasKilled = try TracedDaemon.end(traced, "\(call) \(when)", isRotated) == 128 + SIGKILL
    let again = try Program(
      "strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat2", Program.rotated] + arguments)
    let stopped = try TracedDaemon.end(again, "the start after \(call) \(when)", isRotated) == 128 + SIGKILL
    #expect(!stopped, "\(again.text)")
    #expect(
      Self.contents(scratch) == wanted, "killed at \(call) \(when): first '\(traced.text)', then '\(again.text)'")
    return wasKilled
  }

  @Test("punches under a writer that keeps its own offset, and each line is there once")
  func ownOffset() throws {
    let scratch = try Scratch()
    try scratch.makeDirectory("logs")
    let log = scratch["logs/app.log"]
    let script =
      "exec 3>'\(log)'; i=0; while [ ! -e '\(scratch["end"])' ]; do i=$((i+1)); echo \"line $i\" >&3; done; echo $i"
    let writer = try Program("/bin/sh", ["-c", script])
    try eventually("a line of the writer") { scratch.read("logs/app.log")?.contains("line 1\n") == true }
    try scratch.write(
      "[job.app]\nlogs = \"\(log)\"\nevery = \"100ms\"\nkeep = 1000\nmethod = \"truncate\"\n", to: "rotated.toml")
    let daemon = try Program(Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]])
    try daemon.waitForOutput("by punch, which loses nothing")
    try eventually("five archives; it said: \(daemon.read())") { scratch.list("logs").contains("app.log.5") }
    #expect(daemon.threads == 1)
    try scratch.write("", to: "end")
    try writer.waitForEnd()
    daemon.send(SIGTERM)
    #expect(try daemon.waitForEnd() == 0)
    let last = Int(writer.text.split(separator: "\n").last ?? "") ?? 0
    var contents = Self.contents(scratch)
    let live = contents.removeValue(forKey: "app.log") ?? ""
    let archives = contents.keys.compactMap { Int($0.dropFirst("app.log.".count)) }.sorted(by: >)
    let all = archives.map { contents["app.log.\($0)"] ?? "" }.joined() + live
    #expect(last > 100)
    #expect(all == (1...last).map { "line \($0)\n" }.joined())
  }

  @Test("says beforehand what the chosen way risks")
  func risk() throws {
    let scratch = try Scratch(in: "/dev/shm")
    try scratch.makeDirectory("logs")
    try scratch.write(Self.content, to: "logs/app.log")
    try scratch.write(config(Mode(way: "copy", directory: ""), scratch), to: "rotated.toml")
    let check = try Program.run(Program.rotatectl, ["check", "--config", scratch["rotated.toml"]])
    let sentence = "by copy, which loses what is written between the last read and the truncation"
    #expect(check.code == 0)
    #expect(check.text.contains("job app: truncates \(sentence)"), "\(check.text)")
    let plan = try Program.run(Program.rotatectl, ["plan", "--config", scratch["rotated.toml"]])
    #expect(plan.text.contains("1. copy app.log to app.log.1, then remove the copied part of app.log"), "\(plan.text)")
    #expect(plan.text.contains("truncated \(sentence)"), "\(plan.text)")
    let rotate = try Program.run(
      Program.rotatectl, ["rotate", "--config", scratch["rotated.toml"], "--state", scratch["state"]])
    #expect(rotate.text.contains("by hand, in ") && rotate.text.contains(", truncated \(sentence)"), "\(rotate.text)")
    #expect(scratch.contents("logs") == ["app.log": "", "app.log.1": Self.content])
  }
}
