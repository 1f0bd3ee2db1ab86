import Glibc
import Testing

/// `mail` and `preremove` of logrotate's files, by the built programs, which are killed meanwhile.
@Suite("What logrotate's files want done before a removal, by the programs")
struct LogrotateRemovalProgramTests {
  let scratch = Scratch()

  private func prepare(_ directives: String) throws {
    for (name, content) in [("app.log", "three\n"), ("app.log.1", "two\n"), ("app.log.2", "one\n")] {
      try scratch.write(content, to: "logs/\(name)")
    }
    try scratch.write("\(scratch["logs/app.log"]) {\nsize 1\nrotate 2\ncreate\n\(directives)\n}\n", to: "stanza")
  }

  /// A program that writes down its arguments and what it reads, and then does this.
  private func makeMailer(_ rest: String) throws {
    try scratch.write("#!/bin/sh\n{ echo \"$*\"; cat; } >>\(scratch["mails"])\n\(rest)\n", to: "mailer")
    #expect(chmod(scratch["mailer"], 0o755) == 0)
  }

  private func logrotate() throws -> (code: Int32, text: String) {
    try Program.run(
      Program.rotatectl, ["logrotate", "-f", "-m", scratch["mailer"], "-s", scratch["status"], scratch["stanza"]],
      environment: ["STATE_DIRECTORY": scratch["daemon"], "TZ": "UTC", "XDG_RUNTIME_DIR": scratch.path])
  }

  @Test("a command that is killed after a mail keeps the archive, and the next run mails it again and removes it")
  func killedCommand() throws {
    try prepare("mail root")
    try makeMailer("[ -e \(scratch["once"]) ] || { touch \(scratch["once"]); kill -KILL $PPID; }")
    #expect(try logrotate().code == 128 + SIGKILL)
    #expect(scratch.read("logs/app.log.3") == "one\n")
    #expect(scratch.read("mails") == "-s \(scratch["logs/app.log.3"]) root\none\n")
    // This is what an interrupted compression leaves. The state has no record of it.
    #expect(rename(scratch["logs/app.log.2"], scratch["logs/.app.log.2.rotated-spent"]) == 0)
    let (code, text) = try logrotate()
    #expect(code == 0, "\(text)")
    #expect(scratch.list("logs") == ["app.log", "app.log.1", "app.log.2"])
    #expect(access(scratch["logs/.app.log.2.rotated-spent"], F_OK) != 0)
    let again = "-s \(scratch["logs/app.log.4"]) root\none\n-s \(scratch["logs/app.log.3"]) root\ntwo\n"
    #expect(scratch.read("mails")?.hasSuffix(again) == true, "\(scratch.read("mails") ?? "")")
  }

  @Test(
    "a mail that fails is an error and the archive stays; compressed archives are mailed uncompressed, and none by half"
  )
  func mails() throws {
    try prepare("mail root\ncompress")
    for name in ["app.log.1", "app.log.2"] { #expect(try Program.run("gzip", [scratch["logs/\(name)"]]).code == 0) }
    try makeMailer("exit 3")
    let (code, text) = try logrotate()
    #expect(code == 1 && text.contains("cannot mail app.log.3.gz to root: exit code 3"), "\(text)")
    #expect(scratch.read("mails") == "-s \(scratch["logs/app.log.3.gz"]) root\none\n")
    // The mailer is content, and the archive is damaged.
    try scratch.write("no archive", to: "logs/app.log.3.gz")
    try makeMailer("exit 0")
    let damaged = try logrotate()
    #expect(damaged.code == 1 && damaged.text.contains("gunzip ended with exit code 1"), "\(damaged.text)")
    #expect(scratch.read("logs/app.log.4.gz") == "no archive")
  }

  @Test("with mailfirst a log is mailed that was just rotated, after postrotate")
  func first() throws {
    try prepare("mail root\nmailfirst\npostrotate\necho post >>\(scratch["mails"])\nendscript")
    try makeMailer("exit 0")
    #expect(try logrotate().code == 0)
    #expect(scratch.read("mails") == "post\n-s \(scratch["logs/app.log.1"]) root\nthree\n")
    #expect(scratch.list("logs") == ["app.log", "app.log.1", "app.log.2"])
  }

  @Test(
    "a daemon that is killed in preremove has removed nothing, and the next one runs it again and removes the archive")
  func killedDaemon() throws {
    let (told, go) = (scratch["told"], scratch["go"])
    try prepare(
      "preremove\necho \"$1 $(cat \"$1\")\" >>\(told)\n"
        + "while [ -e \(told) ] && [ ! -e \(go) ]; do sleep 0.05; done\nendscript")
    let config = "[logrotate]\ninclude = '\(scratch["stanza"])'\n"
    let line = "\(scratch["logs/app.log.3"]) one\n"
    let daemon = try RunningDaemon(scratch, config)
    try daemon.waitFor("told", line)
    try daemon.kill()
    #expect(
      scratch.contents("logs") == ["app.log": "", "app.log.1": "three\n", "app.log.2": "two\n", "app.log.3": "one\n"])
    try scratch.write("", to: "go")
    let next = try RunningDaemon(scratch)
    try next.eventually("the removal of the archive") { scratch.list("logs").count == 3 }
    #expect(scratch.read("told") == line + line)
    #expect(scratch.contents("logs") == ["app.log": "", "app.log.1": "three\n", "app.log.2": "two\n"])
    try next.stop()
  }

  @Test(
    "shred overwrites a removed archive, and the plain content of a compressed log",
    arguments: [true, false])
  func shredded(asDaemon: Bool) throws {
    try prepare("shred\nshredcycles 1\ncompress")
    #expect(try Program.run("gzip", [scratch["logs/app.log.2"]]).code == 0)
    // The descriptors stay with the files when these have no name any more.
    let files = try ["app.log", "app.log.2.gz"].map { name in
      let file = open(scratch["logs/\(name)"], O_RDONLY)
      try #require(file >= 0)
      return file
    }
    defer { for file in files { close(file) } }
    func head(_ file: Int32) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: 6)
      return pread(file, &bytes, 6, 0) == 6 ? bytes : []
    }
    let before = files.map(head)
    #expect(before[0] == Array("three\n".utf8) && before[1].starts(with: [0x1f, 0x8b]))
    if asDaemon {
      let daemon = try RunningDaemon(scratch, "[logrotate]\ninclude = '\(scratch["stanza"])'\n")
      try daemon.eventually("the overwriting") { files.allSatisfy { !before.contains(head($0)) } }
      try daemon.eventually("the removal") { scratch.list("logs").count == 3 }
      try daemon.stop()
    } else {
      let (code, text) = try logrotate()
      #expect(code == 0, "\(text)")
      #expect(files.allSatisfy { !before.contains(head($0)) })
    }
    #expect(scratch.list("logs") == ["app.log", "app.log.1.gz", "app.log.2.gz"])
    #expect(try Program.run("zcat", [scratch["logs/app.log.1.gz"]]).text == "three\n")
  }

  @Test("plan shows what comes before a removal")
  func plan() throws {
    try prepare("mail root\nshred\npreremove\nx\nendscript")
    let (code, text) = try Program.run(
      Program.rotatectl, ["plan", "--format", "logrotate", "--config", scratch["stanza"], "--state", scratch["state"]])
    #expect(code == 0, "\(text)")
    let steps = [
      "mail app.log.3 to root", "run the `preremove` script for app.log.3", "overwrite app.log.3",
      "remove app.log.3 (more archives than `keep`)",
    ]
    let found = text.split(separator: "\n").suffix(4).map { String($0.drop { $0 != "." }.dropFirst(2)) }
    #expect(found == steps, "\(text)")
  }
}
