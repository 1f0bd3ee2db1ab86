import Glibc
import Testing

@Suite("status --watch on a terminal")
struct CommandWatchTests {
  private static let enter = "\u{1B}[?1049h"
  private static let leave = "\u{1B}[?25h\u{1B}[?1049l"
  let scratch = Scratch()

  private func watch(_ terminal: PseudoTerminal, _ more: String = "") throws {
    try terminal.wait(for: "ready> ")
    terminal.forget()
    try terminal.type(
      "\(Program.rotatectl) status --watch=200ms --control \(scratch["run/control"]) \(more); echo ended-$?\n")
    try terminal.wait(for: Self.enter)
    try terminal.wait(for: "q quits")
  }

  private func start() throws -> RunningDaemon {
    try scratch.append("line\n", to: "logs/app.log")
    return try RunningDaemon(scratch, scratch.job("app", "every = '1h'"))
  }

  @Test("it shows what changes, fits a terminal of a new size, and leaves the terminal clean when q is pressed")
  func resize() throws {
    let daemon = try start()
    let terminal = try PseudoTerminal(columns: 120, rows: 20)
    try watch(terminal)
    #expect(terminal.frame.first?.contains("rotated ") == true, "\(terminal.frame)")
    #expect(terminal.frame.contains { $0.hasPrefix("app") }, "\(terminal.frame)")
    try scratch.write(scratch.job("app", "every = '1h'") + scratch.job("other", "every = '1h'"), to: "rotated.toml")
    daemon.send(SIGHUP)
    try eventually("the new job: \(terminal.frame)") {
      terminal.read()
      return terminal.frame.contains { $0.hasPrefix("other") }
    }
    for (columns, rows) in [(60, 12), (40, 5), (200, 50)] as [(UInt16, UInt16)] {
      terminal.resize(columns: columns, rows: rows)
      try eventually("a frame for \(columns) columns: \(terminal.text.suffix(500).debugDescription)") {
        terminal.read()
        return terminal.text.utf8.count > 0 && terminal.text.suffix(100).contains("\u{1B}[\(rows);1H")
      }
      #expect(terminal.frame.count <= Int(rows), "\(terminal.frame)")
    }
    terminal.forget()
    try terminal.type("q")
    try terminal.wait(for: "ended-0")
    #expect(terminal.news.contains(Self.leave))
    try daemon.stop()
  }

  @Test("suspended, it gives the terminal back, and goes on where it was")
  func suspension() throws {
    let daemon = try start()
    let terminal = try PseudoTerminal()
    try watch(terminal)
    for _ in 0..<3 {
      terminal.forget()
      try terminal.type("\u{1A}")
      try terminal.wait(for: Self.leave)
      try terminal.wait(for: "ready> ")
      terminal.forget()
      try terminal.type("stty -a | grep -o ' -*icanon'; fg\n")
      try terminal.wait(for: " icanon")
      try terminal.wait(for: Self.enter)
      try terminal.wait(for: "q quits")
    }
    terminal.forget()
    try terminal.type("\u{3}")
    try terminal.wait(for: "ready> ")
    #expect(terminal.news.contains(Self.leave))
    try daemon.stop()
  }

  @Test("a signal ends it with the terminal as it was", arguments: [SIGINT, SIGTERM, SIGHUP])
  func signals(_ number: Int32) throws {
    let daemon = try start()
    let terminal = try PseudoTerminal()
    try watch(terminal)
    terminal.forget()
    // As a service manager or kill(1) sends it.
    let pid = try #require(terminal.children.first)
    #expect(kill(pid, number) == 0)
    try terminal.wait(for: Self.leave)
    try terminal.wait(for: "ready> ")
    try terminal.type("stty -a | grep -o ' -*icanon'\n")
    try terminal.wait(for: " icanon")
    try daemon.stop()
  }

  @Test("while no daemon runs it says so, and shows the next one")
  func restart() throws {
    var daemon = try start()
    let terminal = try PseudoTerminal()
    try watch(terminal)
    try daemon.stop()
    try eventually("the words: \(terminal.frame)") {
      terminal.read()
      return terminal.frame.contains { $0.contains("not running") }
    }
    daemon = try start()
    try eventually("the daemon: \(terminal.frame)") {
      terminal.read()
      return terminal.frame.contains { $0.contains("process \(daemon.pid)") }
    }
    try daemon.stop()
  }

  @Test("without a terminal it is refused, with 64")
  func noTerminal() throws {
    let (code, text) = try Program.run(Program.rotatectl, ["status", "--watch"])
    #expect(code == 64 && text.contains("needs a terminal"), "\(text)")
  }
}
