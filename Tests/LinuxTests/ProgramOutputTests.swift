import Daemon
import Glibc
import Linux
import Rotation
import Testing
import Timekeeping

@Suite("What other programs print")
struct ProgramOutputTests {
  private func run(
    _ script: String, longestLine: Int = 100, patience: Span = .seconds(30), until last: Int = .max
  ) throws -> (lines: [String], end: ProgramOutput.End) {
    var lines: [String] = []
    let end = try ProgramOutput.read(
      ["sh", "-c", ExactText(script)], longestLine: longestLine, patience: patience, showsErrors: false
    ) { line in
      lines.append(String(decoding: line, as: UTF8.self))
      return lines.count < last
    }
    return (lines, end)
  }

  @Test("comes as lines, the last one without a newline too, and with the exit code")
  func lines() throws {
    let (lines, end) = try run("printf 'a\\n\\nb'; exit 3")
    #expect(lines == ["a", "", "b"] && end == .exited(3))
    #expect(try run("kill -9 $$").end == .killed(9))
  }

  @Test("a long line is cut, and a flood ends when it is enough")
  func bounds() throws {
    #expect(
      try run("head -c 1000000 /dev/zero | tr '\\0' x; echo; echo y", longestLine: 10).lines == ["xxxxxxxxxx", "y"])
    let (lines, end) = try run("yes", until: 1000)
    #expect(lines.count == 1000 && end == .enough)
  }

  @Test("a program that is silent is ended, and one that is not there is an error")
  func silent() throws {
    let (lines, end) = try run("echo a; exec sleep 1000", patience: .milliseconds(100))
    #expect(lines == ["a"] && end == .silent)
    #expect(throws: Errno.noEntry) {
      try ProgramOutput.read(["/nonexistent/program"], longestLine: 1, patience: .seconds(1), showsErrors: false) { _ in
        true
      }
    }
  }
}

@Suite("What is seen of directories and logs")
struct FileExaminationTests {
  @Test("mode, owner and kind of a directory; nothing of what is none")
  func places() throws {
    let scratch = try ScratchDirectory()
    #expect(unsafe chmod(scratch.path, 0o1777) == 0)
    let files = FileExamination()
    let facts = try #require(files.place(FilePath(scratch.path)))
    #expect(facts.mode == 0o1777 && facts.user == geteuid() && facts.isWritable && !facts.isReadOnly)
    #expect(facts.type != 0 && facts.flag == nil)
    #expect(files.place("/proc/self/stat") == nil && files.place("/nonexistent") == nil)
    #expect(files.place("/proc/self")?.type == 0x9FA0)
  }

  @Test("a link and a directory are no logs, and a log without a writer has none")
  func logs() throws {
    let scratch = try ScratchDirectory()
    let files = FileExamination()
    #expect(files.log(FilePath(scratch.path), writers: true) == nil)
    #expect(unsafe symlink("/etc/passwd", "\(scratch.path)/link") == 0)
    #expect(files.log("\(scratch.path)/link", writers: true) == nil)
    #expect(run("/bin/sh", "-c", "echo x >\(scratch.path)/a.log") == 0)
    let facts = try #require(files.log("\(scratch.path)/a.log", writers: true))
    #expect(facts.offsetWriters != .some && facts.writers == [])
  }
}
