import CLinux
import Glibc
import Testing

/// Writers that are not visible by the log's name: only the kernel knows when the last of them has closed it.
@Suite("The hidden last writer of an archive")
struct LastWriterTests {
  let scratch = Scratch()

  enum Disguise: String, CaseIterable, CustomTestStringConvertible {
    case inherited = "a descriptor that a child has inherited over fork and exec, its opener gone"
    case hardLink = "a descriptor that was opened by another hard link"
    case mapping = "a shared mapping whose descriptor is closed"

    var testDescription: String { rawValue }
  }

  enum Fate: CaseIterable { case compressed, pruned }

  /// A writer that keeps the log open.
  struct Writer {
    /// Its name in the daemon's messages.
    var who: String
    var writeLate: () throws -> Void
    var letGo: () throws -> Void
    /// The content of the log at the end.
    var content: String
  }

  @Test(
    "prevents compression and removal until it closes the archive, is named, and loses no line",
    arguments: Disguise.allCases, Fate.allCases)
  func holdsOn(_ disguise: Disguise, _ fate: Fate) throws {
    try scratch.write("line\n", to: "logs/app.log")
    var writer =
      switch disguise {
      case .inherited: try shell(scratch["logs/app.log"])
      case .hardLink: try plain()
      case .mapping: try mapped()
      }
    let defaults = "[defaults]\nsize = 1\ncheck = '50ms'\nreopen-timeout = '200ms'\nkeep = \(fate == .pruned ? 1 : 5)\n"
    let daemon = try RunningDaemon(
      scratch,
      defaults + (fate == .compressed ? "compress = 'gzip'\n" : "") + scratch.job("app")
        + scratch.job("other", logs: "other.log"))
    try daemon.waitForList(["app.log", "app.log.1"])
    if disguise == .hardLink {
      let first = writer
      // A log with two names is not rotated at all: the archive gets the second.
      try #require(link(scratch["logs/app.log.1"], scratch["name"]) == 0)
      writer = try shell(scratch["name"])
      try first.letGo()
    }
    // The next rotation renames it, and pushes it out if only one is kept.
    try scratch.append("second\n", to: "logs/app.log")
    try daemon.eventually("another rotation") { scratch.list("logs").contains("app.log.2") }
    try daemon.waitForWriter(writer.who, of: "app.log.2")
    try writer.writeLate()
    try daemon.waitFor("logs/app.log.2", writer.content)
    // Meanwhile the daemon has the time to rotate another log, and to compress or prune what has no writer.
    for number in 1...2 {
      try scratch.write("\(number)\n", to: "other.log")
      try daemon.waitFor("other.log", "")
    }
    let others = fate == .pruned ? ["other.log.1"] : ["other.log.1.gz", "other.log.2.gz"]
    try daemon.eventually("\(others)") { scratch.list().filter { $0.hasPrefix("other.log.") } == others }
    #expect(scratch.read("logs/app.log.2") == writer.content)
    #expect(!scratch.list("logs").contains("app.log.2.gz"))
    // A file with another name is not compressed; it may be pruned.
    if fate == .compressed { unlink(scratch["name"]) }
    try writer.letGo()
    try daemon.waitForList(fate == .pruned ? ["app.log", "app.log.1"] : ["app.log", "app.log.1.gz", "app.log.2.gz"])
    if fate == .compressed {
      #expect(try scratch.unpacked("logs/app.log.2.gz") == writer.content)
    } else if disguise == .hardLink {
      #expect(scratch.read("name") == writer.content)
    }
    try daemon.stop()
  }

  @Test(
    "prevents removal also if the daemon could not ask whether there is one",
    .enabled(if: TracedDaemon.hasStrace), arguments: ["openat:error=EMFILE", "fcntl:error=ENOMEM"])
  func cannotAsk(_ fault: String) throws {
    try scratch.write("line\n", to: "logs/app.log")
    let writer = try scratch.open("logs/app.log")
    // The first open of the archive that is to be removed fails, by its name and by its descriptor. In a directory of their own
    // archives are shifted: it has the name of a version when the daemon asks.
    let daemon = try RunningDaemon(
      scratch, scratch.job("app", "size = 1", "check = '50ms'", "keep = 1", "archive-dir = 'old'"),
      by: [
        "strace", "-qq", "-o", "/dev/null", "-P", "app.log.2", "-P", scratch["logs/old/app.log.2"], "-e",
        "inject=\(fault):when=1",
      ])
    try daemon.waitForList(["app.log.1"], in: "logs/old")
    try scratch.append("second\n", to: "logs/app.log")
    try daemon.waitForOutput(String(fault.suffix(6)))
    #expect(daemon.text.contains("app.log.2"), "\(daemon.text)")
    #expect(scratch.read("logs/old/app.log.2") == "line\n")
    #expect(write(writer, "late\n", 5) == 5)
    close(writer)
    #expect(scratch.read("logs/old/app.log.2") == "line\nlate\n")
    // A file that could not be removed is removed with the next rotation.
    try scratch.append("third\n", to: "logs/app.log")
    try daemon.waitForContents(["app.log.1": "third\n"], in: "logs/old")
    try daemon.stop()
  }

  @Test(
    "is named in a job that does nothing more with its archive, and after a restart before `reopen-timeout`",
    arguments: [SIGTERM, SIGKILL, 0])
  func goesOnInTheArchive(_ signal: Int32) throws {
    try scratch.write("line\n", to: "logs/app.log")
    let writer = try scratch.open("logs/app.log")
    let config = scratch.job("app", "size = 1", "check = '50ms'", "reopen-timeout = '\(signal == 0 ? 1 : 10)s'")
    var daemon = try RunningDaemon(scratch, config)
    try daemon.waitForList(["app.log", "app.log.1"])
    try daemon.waitForOutput("rotated \(scratch["logs/app.log"])")
    if signal != 0 {
      daemon.send(signal)
      try daemon.waitForEnd()
      #expect(!daemon.text.contains("still open"), "\(daemon.text)")
      daemon = try RunningDaemon(scratch)
    }
    try daemon.waitForWriter(of: "app.log.1")
    #expect(daemon.text.contains("): new lines go there, and app.log stays empty; "), "\(daemon.text)")
    #expect(daemon.text.contains("or use `method = \"truncate\"`"), "\(daemon.text)")
    close(writer)
    try daemon.waitForOutput("its writer has closed it")
    try daemon.stop()
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

  private func plain() throws -> Writer {
    let file = try scratch.open("logs/app.log")
    return Writer(who: "", writeLate: {}, letGo: { close(file) }, content: "")
  }

  private func mapped() throws -> Writer {
    let file = try scratch.open("logs/app.log", O_RDWR)
    let mapping = mmap(nil, 5, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    close(file)
    let map = try #require(mapping)
    return Writer(
      who: "pid \(getpid()) (", writeLate: { memset(map, 0x78, 4) }, letGo: { munmap(map, 5) }, content: "xxxx\n")
  }
}
