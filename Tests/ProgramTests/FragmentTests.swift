import Testing

/// A config of several files, as an administrator and a tool that deploys configs use it.
@Suite("A config of several files")
struct FragmentTests {
  private let scratch: Scratch

  init() throws {
    scratch = Scratch()
    try scratch.makeDirectory("conf.d")
    try scratch.write("[job.a]\nlogs = '\(scratch["logs/a.log"])'\nevery = '1h'\n", to: "conf.d/a.toml")
    try scratch.write("[job.b]\nlogs = '\(scratch["logs/b.log"])'\nsize = '1M'\n", to: "conf.d/b.toml")
  }

  @Test("a directory is a config of its files, for both programs")
  func directory() throws {
    for (program, arguments) in [
      (Program.rotated, ["--check", "--config", scratch["conf.d"]]), (Program.rotatectl, ["check", scratch["conf.d"]]),
    ] {
      let (code, text) = try Program.run(program, arguments)
      #expect(code == 0 && text.contains("ok, 2 jobs"), "\(text)")
    }
  }

  @Test("one fragment can be checked alone, and without facts of this machine")
  func fragment() throws {
    let keys = "create = { user = 'nobody-here' }\ncompress = { command = ['/no/such/program'], suffix = '.x' }\n"
    try scratch.write("[job.c]\nlogs = '/no/such/directory/c.log'\ndaily = true\n\(keys)", to: "c.toml")
    let (code, text) = try Program.run(Program.rotatectl, ["check", scratch["c.toml"]])
    #expect(code == 78 && text.contains("nobody-here"), "\(text)")
    let offline = try Program.run(Program.rotatectl, ["check", "--offline", scratch["c.toml"]])
    #expect(offline.code == 0 && offline.text == "\(scratch["c.toml"]): ok, 1 job\n", "\(offline.text)")
    try scratch.write("kep = 1\n", to: "wrong.toml")
    #expect(try Program.run(Program.rotatectl, ["check", "--offline", scratch["wrong.toml"]]).code == 78)
  }

  @Test("an error names the file that it is in")
  func names() throws {
    try scratch.write("[job.a]\nlogs = '/x.log'\nevery = '1h'\n", to: "conf.d/c.toml")
    let (code, text) = try Program.run(Program.rotatectl, ["check", scratch["conf.d"]])
    #expect(code == 78 && text.contains("conf.d/c.toml:1:6: error: job `a` is there twice"), "\(text)")
    #expect(text.contains("conf.d/a.toml:1"), "\(text)")
  }
}
