import Glibc
import Testing

@Suite("rotatectl import")
struct ImportProgramTests {
  let scratch = Scratch()

  @Test("prints TOML that check takes, writes one file for each source, and replaces none")
  func files() throws {
    mkdir(scratch["d"], 0o755)
    mkdir(scratch["out"], 0o755)
    try scratch.write("weekly\nrotate 4\ninclude \(scratch["d"])\n", to: "logrotate.conf")
    try scratch.write(
      "/var/log/a.log {\n  daily\n  postrotate\n  kill -HUP `cat /run/a.pid`\n  endscript\n}\n", to: "d/a")
    try scratch.write(
      "# note\n/var/log/b.log /var/log/c*.log {\n  compress\n}\n/var/log/m.log {\n mail x\n}\n", to: "d/b")
    let (code, text) = try Program.run(Program.rotatectl, ["import", scratch["logrotate.conf"]])
    #expect(code == 0 && text.contains("notify = { pidfile = \"/run/a.pid\", signal = \"HUP\" }"), "\(text)")
    #expect(text.contains("# note\n") && text.contains("1 job is a comment"), "\(text)")
    let arguments = ["import", scratch["logrotate.conf"], "--output", scratch["out"]]
    #expect(try Program.run(Program.rotatectl, arguments).code == 0)
    #expect(scratch.list("out") == ["a.toml", "b.toml"])
    let check = try Program.run(Program.rotatectl, ["check", "--offline", scratch["out"]])
    #expect(check.code == 0 && check.text.contains("ok, 2 jobs"), "\(check.text)")
    try scratch.write("mine\n", to: "out/a.toml")
    let again = try Program.run(Program.rotatectl, arguments)
    #expect(again.code == 1 && again.text.contains("a.toml cannot be written"), "\(again.text)")
    #expect(scratch.read("out/a.toml") == "mine\n")
    let none = try Program.run(Program.rotatectl, ["import", scratch["nothing"]])
    #expect(none.code == 78 && none.text.contains("no stanza was found"), "\(none.text)")
  }
}
