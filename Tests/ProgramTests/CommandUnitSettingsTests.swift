import Glibc
import Testing

@Suite("rotatectl unit")
struct CommandUnitSettingsTests {
  /// systemd-analyze(1) reads a unit file without a systemd that runs.
  private static let hasSystemd = (try? Program.run("systemd-analyze", ["--version"])) != nil

  let scratch = Scratch()

  @Test("--drop-in prints what systemd understands, of a TOML config and of logrotate's, whatever the names")
  func dropIn() throws {
    for name in ["a b%c", "d\\e", "f\"g'h"] { try scratch.makeDirectory(name) }
    try scratch.write(
      scratch.job("one", logs: "a b%c/app.log", "every = '1h'")
        + "[job.two]\nlogs = [\"\"\"\(scratch.path)/d\\\\e/x.log\"\"\", '''\(scratch.path)/f\"g'h/y.log''']\nevery = '1h'\n"
        + "archive-dir = '/nowhere/archives'\n", to: "rotated.toml")
    let (code, text) = try scratch.rotatectl("unit", "--drop-in")
    #expect(code == 0, "\(text)")
    let paths = text.split(separator: "\n").filter { $0.hasPrefix("ReadWritePaths=") }
    #expect(
      paths == [
        "ReadWritePaths=", "ReadWritePaths=-/nowhere/archives", "ReadWritePaths=\"\(scratch.path)/a b%%c\"",
        "ReadWritePaths=\"\(scratch.path)/d\\\\e\"", "ReadWritePaths=\"\(scratch.path)/f\"'\"'\"g'h\"",
      ], "\(text)")
    try verify(text)
    try scratch.write("\"\(scratch["a b%c"])/*.log\" {\n  daily\n  rotate 3\n}\n", to: "logrotate.conf")
    try #require(chmod(scratch["logrotate.conf"], 0o644) == 0)
    let other = try Program.run(Program.rotatectl, ["unit", "--drop-in", "--config", scratch["logrotate.conf"]])
    #expect(other.code == 0 && other.text.contains("\nReadWritePaths=\"\(scratch.path)/a b%%c\"\n"), "\(other.text)")
    try verify(other.text)
  }

  /// systemd-analyze has nothing to say of a unit with the drop-in.
  private func verify(_ text: String) throws {
    guard Self.hasSystemd else { return }
    if scratch.list().contains("rotated.service.d") == false { try scratch.makeDirectory("rotated.service.d") }
    try scratch.write("[Service]\nExecStart=/bin/true\nReadWritePaths=-/usr/local\n", to: "rotated.service")
    try scratch.write(text, to: "rotated.service.d/sandbox.conf")
    let words = try Program.run("systemd-analyze", ["verify", "--man=no", scratch["rotated.service"]]).text
    #expect(words == "")
  }

  @Test("without --drop-in it is a wrong argument, and a config with errors exits with 78")
  func misuse() throws {
    try scratch.write("[job.one]\n", to: "rotated.toml")
    #expect(try scratch.rotatectl("unit").code == 64)
    #expect(try scratch.rotatectl("unit", "--drop-in").code == 78)
  }
}
