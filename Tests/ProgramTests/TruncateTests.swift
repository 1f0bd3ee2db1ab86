import Glibc
import Testing

/// The built daemon with `method = "truncate"`.
@Suite("The daemon that truncates")
struct TruncateTests {
  @Test("punches under a writer that keeps its own offset, and each line exists once")
  func ownOffset() throws {
    let scratch = Scratch()
    let log = scratch["logs/app.log"]
    let script =
      "exec 3>'\(log)'; i=0; while [ ! -e '\(scratch["end"])' ]; do i=$((i+1)); echo \"line $i\" >&3; done; echo $i"
    let writer = try Program("/bin/sh", ["-c", script])
    try eventually("a line of the writer") { scratch.read("logs/app.log")?.contains("line 1\n") == true }
    let daemon = try RunningDaemon(
      scratch, scratch.job("app", "every = '100ms'", "keep = 1000", "method = 'truncate'"))
    try daemon.waitForOutput("by punch, which loses nothing")
    try daemon.eventually("five archives") { scratch.list("logs").contains("app.log.5") }
    try scratch.write("", to: "end")
    try writer.waitForEnd()
    try daemon.stop()
    let last = Int(writer.text.split(separator: "\n").last ?? "") ?? 0
    let archives = scratch.list("logs").compactMap { Int($0.dropFirst("app.log.".count)) }.sorted(by: >)
    let all =
      archives.map { scratch.read("logs/app.log.\($0)") ?? "" }.joined()
      + RotationMode.withoutTruncation(scratch.read("logs/app.log") ?? "")
    #expect(last > 100)
    #expect(all == (1...last).map { "line \($0)\n" }.joined())
  }

  @Test("reports beforehand the risk of the chosen method")
  func risk() throws {
    let scratch = Scratch(in: "/dev/shm")
    try scratch.write(RotationMode.content, to: "logs/app.log")
    try scratch.write(
      scratch.job("app", "size = 1", "method = 'truncate'", "truncate-by = 'copy'"), to: "rotated.toml")
    let check = try scratch.rotatectl("check")
    let sentence = "by copy, which loses what is written between the last read and the truncation"
    #expect(check.code == 0)
    #expect(check.text.contains("job app: each log is truncated \(sentence)"), "\(check.text)")
    let plan = try scratch.rotatectl("plan")
    for step in ["1. copy app.log to app.log.1", "2. remove from app.log what app.log.1 holds"] {
      #expect(plan.text.contains(step), "\(plan.text)")
    }
    #expect(plan.text.contains("truncated \(sentence)"), "\(plan.text)")
    let rotate = try scratch.rotatectl("rotate")
    #expect(rotate.text.contains("by hand, in ") && rotate.text.contains(", truncated \(sentence)"), "\(rotate.text)")
    #expect(scratch.contents("logs") == ["app.log": "", "app.log.1": RotationMode.content])
  }
}
