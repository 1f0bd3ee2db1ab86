import Glibc
import Testing

/// The built programs on logs whose names `String` cannot distinguish, or cannot represent.
@Suite("Names that are equal in Unicode, on the real disk")
struct ExactNameProgramTests {
  private static let names: [[UInt8]] = [
    Array("gr\u{FC}\u{DF}e.log".utf8), Array("gru\u{308}\u{DF}e.log".utf8),
    [0x67, 0x72, 0xFC, 0xDF, 0x65] + ".log".utf8,
  ]

  let scratch = Scratch()

  private func open(_ name: [UInt8], _ flags: Int32) -> Int32 {
    let path = (Array(scratch["logs/"].utf8) + name + [0]).map { CChar(bitPattern: $0) }
    return Glibc.open(path, flags | O_CLOEXEC, 0o644)
  }

  /// The first page of a file.
  private func bytes(_ file: Int32) throws -> [UInt8] {
    try #require(file >= 0)
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(file, &bytes, bytes.count)
    return Array(bytes.prefix(max(0, count)))
  }

  @Test(
    "each is rotated separately, shown escaped, and given to commands by its bytes", arguments: ["move", "truncate"])
  func eachForItself(method: String) throws {
    for (number, name) in Self.names.enumerated() {
      let file = open(name, O_WRONLY | O_CREAT)
      defer { close(file) }
      try #require(write(file, "log \(number)\n", 6) == 6)
    }
    try scratch.write(
      scratch.job(
        "names", logs: "logs/*.log", "every = '1h'", "keep = 3", "method = '\(method)'",
        "notify = { shell = 'printf \"%s\\n\" \"$ROTATED_LOG\" >> \(scratch["calls"])' }"),
      to: "rotated.toml")
    let plan = try scratch.rotatectl("plan")
    #expect(plan.text.contains(#"logs/gr\xfc\xdfe.log (job names):"#), "\(plan.text)")
    let shown = try scratch.rotatectl("plan", scratch[#"logs/gr\xfc\xdfe.log"#])
    #expect(shown.code == 0 && shown.text.contains(#"gr\xfc\xdfe.log.1"#), "\(shown.text)")
    let rotate = try scratch.rotatectl("rotate")
    #expect(rotate.code == 0, "\(rotate.text)")
    for (number, name) in Self.names.enumerated() {
      #expect(try bytes(open(name + ".1".utf8, O_RDONLY)) == Array("log \(number)\n".utf8))
      // What a truncation leaves.
      #expect(try bytes(open(name, O_RDONLY)).allSatisfy { "\0 \n".utf8.contains($0) })
    }
    let lines = try bytes(scratch.open("calls", O_RDONLY)).split(separator: 0x0A)
    for name in Self.names { #expect(lines.contains { $0.suffix(name.count) == name[...] }) }
  }
}
