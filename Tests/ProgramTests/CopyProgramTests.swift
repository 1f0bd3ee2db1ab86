import Glibc
import Testing

/// `copy` of logrotate's files, by the built program.
@Suite("Files that are only copied, by the program")
struct CopyProgramTests {
  let scratch = Scratch()

  private func logrotate(_ directives: String) throws -> (code: Int32, text: String) {
    try scratch.write("\(scratch["logs/app"]) {\nsize 1\nrotate 3\n\(directives)\n}\n", to: "stanza")
    return try Program.run(
      Program.rotatectl, ["logrotate", "-f", "-s", scratch["status"], scratch["stanza"]],
      environment: ["STATE_DIRECTORY": scratch["daemon"], "TZ": "UTC", "XDG_RUNTIME_DIR": scratch.path])
  }

  @Test("a file whose head changes all the time is copied")
  func changing() throws {
    let size = 64 << 20
    try scratch.write("", to: "logs/app")
    #expect(truncate(scratch["logs/app"], size) == 0)
    let writer = try Program(
      "/bin/sh",
      [
        "-c",
        "while :; do echo $$ | dd of=\(scratch["logs/app"]) conv=notrunc status=none; touch \(scratch["begun"]); done",
      ])
    defer { withExtendedLifetime(writer) {} }
    try eventually("a change") { scratch.read("begun") != nil }
    let (code, text) = try logrotate("copy")
    #expect(code == 0, "\(text)")
    var status = stat()
    #expect(stat(scratch["logs/app.1"], &status) == 0 && Int(status.st_size) == size)
  }

  @Test("a program that runs is copied, since it is not opened for writing")
  func running() throws {
    #expect(
      try Program.run("sh", ["-c", "mkdir -p \(scratch["logs"]); cp /bin/sleep \(scratch["logs/app"])"]).code == 0)
    let program = try Program(scratch["logs/app"], ["60"])
    defer { withExtendedLifetime(program) {} }
    let (code, text) = try logrotate("copy")
    #expect(code == 0, "\(text)")
    #expect(try Program.run("cmp", ["/bin/sleep", scratch["logs/app.1"]]).code == 0)
  }
}
