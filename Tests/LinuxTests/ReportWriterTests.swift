import CLinux
import Daemon
import EventLoop
import Glibc
import Rotation
import Testing
import _StringProcessing

@testable import Linux

@Suite("Reports")
struct ReportWriterTests {
  /// A pipe whose reader reads only on request.
  private final class Pipe {
    let readEnd: Descriptor
    let writeEnd: Descriptor

    init() {
      var ends: [Int32] = [-1, -1]
      let result = unsafe pipe(&ends)
      precondition(result == 0, "No descriptors are left for a pipe.")
      readEnd = Descriptor(owning: ends[0])
      writeEnd = Descriptor(owning: ends[1])
      _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    }

    /// All that is in it.
    func drain() -> String {
      var content: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = unsafe read(readEnd.number, &buffer, buffer.count)
        guard count > 0 else { return String(decoding: content, as: UTF8.self) }
        content += buffer.prefix(count)
      }
    }

    /// Fills it to the last page.
    func fill() {
      _ = fcntl(writeEnd.number, F_SETFL, O_NONBLOCK)
      let page = [UInt8](repeating: 0x2E, count: 4096)
      while unsafe write(writeEnd.number, page, page.count) > 0 {}
      _ = fcntl(writeEnd.number, F_SETFL, 0)
    }
  }

  /// Both ends of a new terminal (pty(7)).
  private static func pseudoTerminal() -> (master: Int32, terminal: Int32)? {
    // TIOCSPTLCK and TIOCGPTN, macros that Swift does not see.
    let (unlock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
    let master = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var lock: Int32 = 0
    var name: UInt32 = 0
    guard master >= 0, unsafe ioctl(master, unlock, &lock) == 0, unsafe ioctl(master, number, &name) == 0 else {
      return nil
    }
    let terminal = unsafe open("/dev/pts/\(name)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    return terminal < 0 ? nil : (master, terminal)
  }

  private let rotated = Report(
    .rotated, .notice, "app.log rotated", job: "app", log: "/var/log/a\nb.log", archive: "/var/log/a\nb.log.1",
    bytes: 2048, reason: "size 2K >= 1K", errno: .noSpace)

  @Test("have a time and a priority if standard error is neither the journal nor a terminal")
  func plain() throws {
    let pipe = Pipe()
    let writer = ReportWriter(descriptor: pipe.writeEnd.number)
    writer.write(rotated)
    writer.write(Report(.failed, .error, "no room"))
    let time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z/
    let lines = pipe.drain().split(separator: "\n").map { $0.replacing(time, with: "TIME", maxReplacements: 1) }
    #expect(lines == ["TIME notice: app.log rotated", "TIME error: no room"])
  }

  @Test("are one JSON object on each line on request, however long they are")
  func json() {
    let pipe = Pipe()
    let writer = ReportWriter(descriptor: pipe.writeEnd.number, style: .json)
    writer.write(rotated)
    writer.write(Report(.failed, .error, String(repeating: "\u{1}", count: 4000), job: "x"))
    let lines = pipe.drain().split(separator: "\n")
    #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("{\"at\":\"20") && $0.hasSuffix("}") }, "\(lines)")
    #expect(
      lines.first?.hasSuffix(
        #","kind":"rotated","severity":"notice","message":"app.log rotated","job":"app","path":"/var/log/a\nb.log","#
          + #""archive":"/var/log/a\nb.log.1","bytes":2048,"reason":"size 2K >= 1K","errno":"ENOSPC"}"#) == true,
      "\(lines)")
    #expect(lines.last?.contains(#""job":"x""#) == true && lines.last?.utf8.count ?? 0 < 4096, "\(lines)")
  }

  @Test("are prefixed lines on request")
  func prefixed() {
    let pipe = Pipe()
    let writer = ReportWriter(descriptor: pipe.writeEnd.number, style: .prefixed)
    writer.write(rotated)
    writer.write(Report(.failed, .error, "no room"))
    #expect(pipe.drain() == "<5>app.log rotated\n<3>no room\n")
  }

  @Test("are not written if they are less urgent than the level, which is info by default")
  func level() {
    func written(_ level: Report.Priority?) -> String {
      let pipe = Pipe()
      let writer = ReportWriter(descriptor: pipe.writeEnd.number, style: .prefixed, level: level)
      for priority in [Report.Priority.debug, .info, .warning, .error] { writer.write(Report(.note, priority, "x")) }
      return pipe.drain()
    }
    #expect(written(nil) == "<6>x\n<4>x\n<3>x\n")
    #expect(written(.debug) == "<7>x\n<6>x\n<4>x\n<3>x\n")
    #expect(written(.warning) == "<4>x\n<3>x\n")
  }

  @Test("have the local time on a terminal, and colours if wanted")
  func terminal() throws {
    let pipe = Pipe()
    ReportWriter(descriptor: pipe.writeEnd.number, style: .terminal(isColoured: false)).write(rotated)
    #expect(try /\d\d:\d\d:\d\d app\.log rotated\n/.wholeMatch(in: pipe.drain()) != nil)
    ReportWriter(descriptor: pipe.writeEnd.number, style: .terminal(isColoured: true))
      .write(Report(.failed, .error, "no room"))
    let line = pipe.drain()
    #expect(try /\u{1B}\[2m\d\d:\d\d:\d\d\u{1B}\[0m \u{1B}\[31mno room\u{1B}\[0m\n/.wholeMatch(in: line) != nil)
  }

  @Test("have the second that has just begun on a terminal, not the one before")
  func secondThatBegins() {
    func now() -> timespec {
      var time = timespec()
      unsafe clock_gettime(CLOCK_REALTIME, &time)
      return time
    }
    let pipe = Pipe()
    let writer = ReportWriter(descriptor: pipe.writeEnd.number, style: .terminal(isColoured: false))
    for _ in 0..<2 {
      let start = now().tv_sec
      while now().tv_sec == start {}
      let before = now().tv_sec % 60
      writer.write(rotated)
      let after = now().tv_sec % 60
      let second = Int(pipe.drain().dropFirst(6).prefix(2))
      #expect(second == before || second == after)
    }
  }

  @Test("have the style of standard error")
  func style() throws {
    let pipe = Pipe()
    let number = pipe.writeEnd.number
    let identity = try #require(ReportStyle.identity(of: number))
    #expect(ReportStyle.fitting(number, environment: { _ in nil }) == .plain)
    #expect(ReportStyle.fitting(number, environment: { $0 == "JOURNAL_STREAM" ? identity : nil }) == .journal)
    #expect(ReportStyle.fitting(number, environment: { $0 == "JOURNAL_STREAM" ? "1:2" : nil }) == .plain)
    guard let (master, terminal) = Self.pseudoTerminal() else {
      print("skipped: there are no pseudo terminals")
      return
    }
    defer { for end in [master, terminal] { close(end) } }
    func style(_ environment: [String: String]) -> ReportStyle {
      ReportStyle.fitting(terminal, environment: { environment[$0] })
    }
    #expect(style(["TERM": "xterm"]) == .terminal(isColoured: true))
    #expect(style(["TERM": "dumb"]) == .terminal(isColoured: false))
    #expect(style(["TERM": "xterm", "NO_COLOR": "1"]) == .terminal(isColoured: false))
    #expect(style(["TERM": "xterm", "NO_COLOR": ""]) == .terminal(isColoured: true))
  }

  @Test("are dropped and counted if nobody reads, and never wait for long")
  func fullPipe() {
    let pipe = Pipe()
    let writer = ReportWriter(descriptor: pipe.writeEnd.number, style: .prefixed)
    pipe.fill()
    var start = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &start)
    for _ in 0..<1000 { writer.write(rotated) }
    var end = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &end)
    #expect(end.tv_sec - start.tv_sec < 10)
    _ = pipe.drain()
    writer.write(rotated)
    writer.write(rotated)
    #expect(pipe.drain() == "<4>1000 messages were lost: nothing read them\n<5>app.log rotated\n<5>app.log rotated\n")
  }

  @Test("are shortened to what a pipe takes at once, between two characters")
  func longLine() {
    let pipe = Pipe()
    let writer = ReportWriter(descriptor: pipe.writeEnd.number, style: .prefixed)
    for start in ["", "x", "xx", "xxx"] {
      writer.write(Report(.note, .info, start + String(repeating: "日", count: 5000)))
      let line = pipe.drain()
      #expect((4090...4096).contains(line.utf8.count))
      #expect(line.hasSuffix("日…\n"))
      #expect(!line.unicodeScalars.contains("\u{FFFD}"))
    }
  }

  @Test("survive a reader that has ended")
  func noReader() {
    var mask = sigset_t()
    unsafe sigaddset(&mask, SIGPIPE)
    unsafe pthread_sigmask(SIG_BLOCK, &mask, nil)
    var ends: [Int32] = [-1, -1]
    #expect(unsafe pipe(&ends) == 0)
    close(ends[0])
    let writer = ReportWriter(descriptor: ends[1], style: .prefixed)
    for _ in 0..<3 { writer.write(rotated) }
    close(ends[1])
  }

  @Test("are entries with fields in the journal")
  func journal() {
    #expect(
      JournalEntry(rotated).fields == [
        "MESSAGE=app.log rotated", "MESSAGE_ID=\(Report.Kind.rotated.messageID)", "PRIORITY=5",
        "SYSLOG_IDENTIFIER=rotated", "ERRNO=28", "ROTATED_JOB=app", "ROTATED_LOG=/var/log/a\nb.log",
        "ROTATED_ARCHIVE=/var/log/a\nb.log.1", "ROTATED_BYTES=2048", "ROTATED_REASON=size 2K >= 1K",
      ])
    #expect(JournalEntry(Report(.note, .debug, "hello")).fields.count == 4)
  }

  @Test("reach the journal in its own protocol, and not standard error as well")
  func journalProtocol() throws {
    let pipe = Pipe()
    let number = pipe.writeEnd.number
    let report = rotated
    let outcome = OwnMounts.run { () -> [String]? in
      guard run("mount", "-t", "tmpfs", "none", "/run") == 0 else { return nil }
      let writer = ReportWriter(descriptor: number, style: .journal)
      guard run("mkdir", "-p", "/run/systemd/journal") == 0 else { return nil }
      guard let journal = try? DatagramSocket(at: "/run/systemd/journal/socket") else { return nil }
      writer.write(report)
      return [journal.receive() ?? "nothing"]
    }
    guard let entry = outcome?.first else {
      print("skipped: a journal of one's own needs root")
      return
    }
    #expect(pipe.drain() == "")
    #expect(entry.hasPrefix("MESSAGE=app.log rotated\nMESSAGE_ID=\(Report.Kind.rotated.messageID)\nPRIORITY=5\n"))
    #expect(entry.contains("\nROTATED_JOB=app\n"))
    // A value with a newline is framed by its length, in eight bytes.
    #expect(entry.contains("\nROTATED_LOG\n\u{10}\0\0\0\0\0\0\0/var/log/a\nb.log\n"))
  }

  @Test("have a message id for each kind, which the catalog explains")
  func catalog() throws {
    let ids = Report.Kind.allCases.map(\.messageID)
    #expect(Set(ids).count == ids.count)
    let tests = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let file = try #require(try LinuxFileSystem().openDirectory("/\(tests)/systemd").read("rotated.catalog"))
    for id in ids {
      #expect(try Regex("[0-9a-f]{32}").wholeMatch(in: id) != nil)
      #expect(file.contains("\n-- \(id)\nSubject: "), "\(id)")
    }
    #expect(file.split(separator: "\n").count { $0.hasPrefix("-- ") } == ids.count)
  }
}

extension OpenDirectory {
  /// The text of a file in a directory of the real disk.
  fileprivate func read(_ name: FileName) throws -> String? {
    try LinuxFileSystem().read(name, in: self).map { String(decoding: $0, as: UTF8.self) }
  }
}
