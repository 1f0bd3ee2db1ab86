import CLinux
import Glibc
import Testing

/// Writers that are not to be seen by the log's name: what counts is the kernel's word that the last of them has let go.
@Suite("The last writer of an archive, in disguise")
struct LastWriterTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.makeDirectory("logs")
    try scratch.write("line\n", to: "logs/app.log")
  }

  enum Disguise: String, CaseIterable, CustomTestStringConvertible {
    case inherited = "a descriptor that a child has inherited over fork and exec, its opener gone"
    case hardLink = "a descriptor that was opened by another hard link"
    case mapping = "a shared mapping whose descriptor is closed"

    var testDescription: String { rawValue }
  }

  enum Fate: CaseIterable { case compressed, pruned }

  /// Somebody who holds on to the log.
  struct Writer {
    /// As the daemon names it.
    var who: String
    var writeLate: () throws -> Void
    var letGo: () throws -> Void
    /// What the log holds at the end.
    var content: String
  }

  @Test(
    "keeps it from being compressed or pruned until it lets go, is named, and loses no line",
    arguments: Disguise.allCases, Fate.allCases)
  func holdsOn(_ disguise: Disguise, _ fate: Fate) throws {
    var writer =
      switch disguise {
      case .inherited: try shell(scratch["logs/app.log"])
      case .hardLink: try plain()
      case .mapping: try mapped()
      }
    let compress = fate == .compressed ? "compress = \"gzip\"\n" : ""
    try scratch.write(
      """
      [job.app]
      logs = "\(scratch["logs/app.log"])"
      size = 1
      check = "50ms"
      keep = \(fate == .pruned ? 1 : 5)
      reopen-timeout = "200ms"
      \(compress)
      """, to: "rotated.toml")
    let program = try Program(
      Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]])
    try eventually("a rotation: \(program.read())") { scratch.list("logs").contains("app.log.1") }
    if disguise == .hardLink {
      let first = writer
      writer = try linked()
      try first.letGo()
    }
    // The next rotation moves it on, and where only one is kept, pushes it out.
    try scratch.append("second\n", to: "logs/app.log")
    try eventually("another rotation: \(program.read())") { scratch.list("logs").contains("app.log.2") }
    try program.waitForOutput("app.log.2 is still open for writing in \(writer.who)")
    try writer.writeLate()
    try eventually("the late line") { scratch.read("logs/app.log.2") == writer.content }
    // Longer than the daemon has waited for anything so far.
    usleep(300_000)
    #expect(scratch.read("logs/app.log.2") == writer.content)
    #expect(!scratch.list("logs").contains("app.log.2.gz"))
    // What has another name is not compressed; it may be pruned.
    if fate == .compressed { unlink(scratch["other"]) }
    try writer.letGo()
    let end = fate == .pruned ? ["app.log", "app.log.1"] : ["app.log", "app.log.1.gz", "app.log.2.gz"]
    try eventually("the end of it: \(program.read())", within: 10) { scratch.list("logs") == end }
    if fate == .compressed {
      #expect(try Program.run("gzip", ["-dc", scratch["logs/app.log.2.gz"]]).text == writer.content)
    } else if disguise == .hardLink {
      #expect(scratch.read("other") == writer.content)
    }
    #expect(program.threads == 1)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0, "\(program.text)")
  }

  @Test(
    "keeps it from being pruned also when the daemon could not ask whether there is one",
    .enabled(if: TracedDaemon.hasStrace), arguments: ["openat:error=EMFILE", "fcntl:error=ENOMEM"])
  func cannotAsk(_ fault: String) throws {
    let writer = open(scratch["logs/app.log"], O_WRONLY | O_APPEND | O_CLOEXEC)
    try #require(writer >= 0)
    try scratch.write(
      "[job.app]\nlogs = \"\(scratch["logs/app.log"])\"\nsize = 1\ncheck = \"50ms\"\nkeep = 1\n", to: "rotated.toml")
    // The first look at the archive that is to go fails, by its name and by its descriptor.
    let program = try TracedDaemon.start(
      scratch,
      ["-o", "/dev/null", "-P", "app.log.2", "-P", scratch["logs/app.log.2"], "-e", "inject=\(fault):when=1"])
    try eventually("a rotation: \(program.read())") { scratch.list("logs").contains("app.log.1") }
    try scratch.append("second\n", to: "logs/app.log")
    let errno = String(fault.suffix(6))
    try program.waitForOutput(errno)
    #expect(program.text.contains("app.log.2"), "\(program.text)")
    #expect(scratch.read("logs/app.log.2") == "line\n")
    #expect(write(writer, "late\n", 5) == 5)
    close(writer)
    #expect(scratch.read("logs/app.log.2") == "line\nlate\n")
    // What could not be removed goes with the next rotation.
    try scratch.append("third\n", to: "logs/app.log")
    try eventually("the rest: \(program.read())") {
      scratch.contents("logs") == ["app.log": "", "app.log.1": "third\n"]
    }
    for child in program.children { kill(child, SIGTERM) }
    #expect(try program.waitForEnd() == 0, "\(program.text)")
  }

  @Test(
    "is named in a job that does nothing more with its archive, and after a restart that comes before `reopen-timeout`",
    arguments: [SIGTERM, SIGKILL, 0])
  func goesOnInTheArchive(_ signal: Int32) throws {
    let writer = open(scratch["logs/app.log"], O_WRONLY | O_APPEND | O_CLOEXEC)
    try #require(writer >= 0)
    try scratch.write(
      """
      [job.app]
      logs = "\(scratch["logs/app.log"])"
      size = 1
      check = "50ms"
      reopen-timeout = "\(signal == 0 ? 1 : 3)s"
      """, to: "rotated.toml")
    func start() throws -> Program {
      try Program(Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]])
    }
    var program = try start()
    try eventually("a rotation: \(program.read())") { scratch.list("logs") == ["app.log", "app.log.1"] }
    try program.waitForOutput("rotated \(scratch["logs/app.log"])")
    if signal != 0 {
      program.send(signal)
      _ = try program.waitForEnd()
      #expect(!program.text.contains("still open"), "\(program.text)")
      program = try start()
    }
    try program.waitForOutput("app.log.1 is still open for writing in pid \(getpid()) (")
    #expect(program.text.contains("): new lines go there, and app.log stays empty; "), "\(program.text)")
    #expect(program.text.contains("or use `method = \"truncate\"`"), "\(program.text)")
    close(writer)
    try program.waitForOutput("its writer has closed it")
    #expect(program.threads == 1)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0, "\(program.text)")
    #expect(scratch.read("state/state")?.contains(" R ") == true, "what was awaited is done")
  }

  /// A shell opens a file, hands the descriptor down to another and closes its own.
  private func shell(_ path: String) throws -> Writer {
    for name in ["late", "end"] { try #require(mkfifo(scratch[name], 0o600) == 0) }
    let inner = "read go < \(scratch["late"]); echo late >&9; read go < \(scratch["end"])"
    let opener = try Program(
      "/bin/sh", ["-c", "exec 9>>\(path); sh -c '\(inner)' & echo writer $!; exec 9>&-; wait"])
    try opener.waitForOutput("\n")
    let pid = try #require(opener.text.split(separator: " ").last?.dropLast())
    try eventually("a closed descriptor") { !names(in: "/proc/\(opener.pid)/fd").contains("9") }
    return Writer(
      who: "pid \(pid) (sh)",
      writeLate: { try scratch.append("\n", to: "late") },
      letGo: {
        try scratch.append("\n", to: "end")
        try opener.waitForEnd()
      }, content: "line\nlate\n")
  }

  /// A log with two names is not rotated at all: the archive gets the second.
  private func linked() throws -> Writer {
    try #require(link(scratch["logs/app.log.1"], scratch["other"]) == 0)
    return try shell(scratch["other"])
  }

  private func plain() throws -> Writer {
    let file = open(scratch["logs/app.log"], O_WRONLY | O_APPEND | O_CLOEXEC)
    try #require(file >= 0)
    return Writer(who: "", writeLate: {}, letGo: { close(file) }, content: "")
  }

  private func mapped() throws -> Writer {
    let file = open(scratch["logs/app.log"], O_RDWR | O_CLOEXEC)
    try #require(file >= 0)
    let mapping = mmap(nil, 5, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    close(file)
    let map = try #require(mapping)
    return Writer(
      who: "pid \(getpid()) (", writeLate: { memset(map, 0x78, 4) }, letGo: { munmap(map, 5) }, content: "xxxx\n")
  }
}
