import Glibc
import Testing

/// The built programs on logs whose names `String` cannot tell apart, or cannot hold.
@Suite("Names that Unicode calls equal, on the real disk")
struct ExactNameProgramTests {
  private static let names: [[UInt8]] = [
    Array("gr\u{FC}\u{DF}e.log".utf8), Array("gru\u{308}\u{DF}e.log".utf8),
    [0x67, 0x72, 0xFC, 0xDF, 0x65] + ".log".utf8,
  ]

  private func path(_ name: [UInt8], _ scratch: Scratch) -> [CChar] {
    (Array(scratch["logs/"].utf8) + name + [0]).map { CChar(bitPattern: $0) }
  }

  private func append(_ line: String, to name: [UInt8], _ scratch: Scratch) throws {
    let file = open(path(name, scratch), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    try #require(file >= 0)
    defer { close(file) }
    try #require(write(file, line, line.utf8.count) == line.utf8.count)
  }

  private func read(_ name: [UInt8], _ scratch: Scratch) -> String? {
    let file = open(path(name, scratch), O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  @Test("each is rotated for itself, shown escaped, and told of by its bytes", arguments: ["move", "truncate"])
  func eachForItself(method: String) throws {
    let scratch = try Scratch()
    try scratch.makeDirectory("logs")
    for (number, name) in Self.names.enumerated() { try append("log \(number)\n", to: name, scratch) }
    try scratch.write(
      """
      [job.names]
      logs = "\(scratch["logs/*.log"])"
      every = "1h"
      keep = 3
      method = "\(method)"
      notify = { shell = 'printf "%s\\n" "$ROTATED_LOG" >> \(scratch["told"])' }
      """, to: "rotated.toml")
    let plan = try Program.run(Program.rotatectl, ["plan", "--config", scratch["rotated.toml"]])
    #expect(plan.text.contains(#"logs/gr\xfc\xdfe.log (job names):"#), "\(plan.text)")
    let shown = try Program.run(
      Program.rotatectl, ["plan", "--config", scratch["rotated.toml"], scratch[#"logs/gr\xfc\xdfe.log"#]])
    #expect(shown.code == 0 && shown.text.contains(#"gr\xfc\xdfe.log.1"#), "\(shown.text)")
    let rotate = try Program.run(
      Program.rotatectl, ["rotate", "--config", scratch["rotated.toml"], "--state", scratch["state"]])
    #expect(rotate.code == 0, "\(rotate.text)")
    for (number, name) in Self.names.enumerated() {
      #expect(read(name + ".1".utf8, scratch) == "log \(number)\n")
      #expect(read(name, scratch)?.filter { $0 != "\0" && $0 != " " && $0 != "\n" } == "")
    }
    let notified = bytes(of: scratch["told"])
    for name in Self.names { #expect(notified.split(separator: 0x0A).contains { $0.suffix(name.count) == name[...] }) }
  }

  private func bytes(of path: String) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(file, &bytes, bytes.count)
    return Array(bytes.prefix(max(0, count)))
  }
}
