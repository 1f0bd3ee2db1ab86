import Testing

@Suite("The command lines")
struct CommandLineTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.makeDirectory("logs")
  }

  @Test(
    "a wrong argument ends rotated with 64 and one line",
    arguments: [
      (["--conifg", "x"], "unknown option '--conifg'"), (["--config"], "'--config' needs a value"),
      (["-x"], "unknown option"), (["extra"], "unexpected argument 'extra'"),
    ])
  func misuse(arguments: [String], message: String) throws {
    let (code, text) = try Program.run(Program.rotated, arguments)
    #expect(code == 64)
    #expect(text.contains(message), "\(text)")
    #expect(text.contains("--help"))
    #expect(text.split(separator: "\n").count == 1)
  }

  @Test("--help and --version answer with 0")
  func help() throws {
    for option in ["--help", "--version"] {
      let (code, text) = try Program.run(Program.rotated, [option])
      #expect(code == 0)
      #expect(text.contains("rotated"))
    }
  }

  @Test("both checks report every error at its place, with the nearest right name, and exit 78")
  func check() throws {
    try scratch.write("[job.a]\nlogs = \"/x.log\"\nevry = \"1h\"\nkeep = -1\n", to: "bad.toml")
    for (program, arguments) in [
      (Program.rotated, ["--check", "--config", scratch["bad.toml"]]),
      (Program.rotatectl, ["check", "--config", scratch["bad.toml"]]),
    ] {
      let (code, text) = try Program.run(program, arguments)
      #expect(code == 78, "\(text)")
      #expect(text.contains("bad.toml:3:1"), "\(text)")
      #expect(text.contains("every"), "\(text)")
      #expect(text.contains("bad.toml:4:8"), "\(text)")
    }
    try scratch.write("[job.a]\nlogs = \"/x.log\"\nevery = \"1h\"\n", to: "good.toml")
    #expect(try Program.run(Program.rotated, ["--check", "--config", scratch["good.toml"]]).code == 0)
    #expect(try Program.run(Program.rotatectl, ["check", "--config", scratch["good.toml"]]).code == 0)
  }

  @Test("a config that is not there is an error that says so, with 78")
  func missingConfig() throws {
    let (code, text) = try Program.run(Program.rotated, ["--config", scratch["none.toml"]])
    #expect(code == 78)
    #expect(text.contains("none.toml") && text.contains("no such file"), "\(text)")
    #expect(!text.contains(".example"), "\(text)")
    try scratch.write("", to: "none.toml.example")
    let hinted = try Program.run(Program.rotated, ["--config", scratch["none.toml"]])
    #expect(hinted.text.contains("none.toml.example is one to begin with"), "\(hinted.text)")
  }

  @Test("what keeps the daemon from starting is told with the priority of an error, each finding at its place")
  func startFailure() throws {
    try scratch.write("[job.a]\nlogs = \"/x.log\"\nevry = \"1h\"\nkeep = -1\n", to: "bad.toml")
    let (code, text) = try Program.run(Program.rotated, ["--config", scratch["bad.toml"]])
    #expect(code == 78)
    let lines = text.split(separator: "\n")
    #expect(lines.count > 2 && lines.allSatisfy { $0.hasPrefix("<3>") }, "\(text)")
    #expect(text.contains("<3>\(scratch["bad.toml"]):3:1: "), "\(text)")
    #expect(text.contains("<3>\(scratch["bad.toml"]):4:8: "), "\(text)")
    #expect(lines.last == "<3>not started: the config has errors", "\(text)")
  }

  @Test("plan prints the steps and changes nothing; rotate carries them out")
  func planAndRotate() throws {
    for (name, content) in ["app.log": "live", "app.log.1": "one", "app.log.2": "two"] {
      try scratch.write(content, to: "logs/\(name)")
    }
    try scratch.write(
      "[job.app]\nlogs = \"\(scratch["logs/app.log"])\"\nevery = \"1h\"\nkeep = 2\n", to: "rotated.toml")
    let before = scratch.contents("logs")
    let plan = try Program.run(Program.rotatectl, ["plan", "--config", scratch["rotated.toml"]])
    #expect(plan.code == 0, "\(plan.text)")
    for step in ["create .app.log.rotated", "app.log.2 to app.log.3", "app.log.1 to app.log.2", "remove app.log.3"] {
      #expect(plan.text.contains(step), "\(plan.text)")
    }
    #expect(scratch.contents("logs") == before)
    #expect(scratch.list() == ["logs", "rotated.toml"])

    let arguments = ["rotate", "--config", scratch["rotated.toml"], "--state", scratch["state"]]
    let rotate = try Program.run(Program.rotatectl, arguments)
    #expect(rotate.code == 0, "\(rotate.text)")
    #expect(scratch.contents("logs") == ["app.log": "", "app.log.1": "live", "app.log.2": "one"])
    let wrong = try Program.run(Program.rotatectl, arguments + ["ap"])
    #expect(wrong.code != 0)
    #expect(wrong.text.contains("'app'"), "\(wrong.text)")
  }
}
