import Rotation
import Testing
import Timekeeping

@testable import Config

@Suite("The state file of logrotate")
struct LogrotateStateTests {
  private func read(_ text: String) -> (state: LogrotateState, flaws: [LogrotateState.Flaw]) {
    LogrotateState.read(Array(text.utf8))
  }

  private func time(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0, _ second: Int = 0)
    -> LocalTime
  {
    LocalTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
  }

  @Test("what logrotate writes is read, and written again as it was")
  func roundTrip() {
    let text = """
      logrotate state -- version 2
      "/var/log/syslog" 2026-11-27-6:25:2
      "/var/log/with \\"quotes\\" and \\\\" 2026-1-2-0:0:0
      "/var/log/two\\nlines" 2025-12-31-23:59:59

      """
    let (state, flaws) = read(text)
    #expect(flaws.isEmpty)
    #expect(state["/var/log/syslog"] == time(2026, 11, 27, 6, 25, 2))
    #expect(state["/var/log/with \"quotes\" and \\"] == time(2026, 1, 2))
    #expect(state["/var/log/two\nlines"] == time(2025, 12, 31, 23, 59, 59))
    #expect(String(decoding: state.bytes, as: UTF8.self) == text)
  }

  @Test("version 1 is read: paths without quotes, and days without a time")
  func versionOne() {
    let (state, flaws) = read("logrotate state -- version 1\n/var/log/a 2026-3-4\n\n\"/var/log/b\" 1900-1-1\n")
    #expect(flaws.isEmpty)
    #expect(state["/var/log/a"] == time(2026, 3, 4))
    #expect(state["/var/log/b"] == time(1900, 1, 1))
  }

  @Test("names are bytes, whatever they mean as text")
  func bytes() {
    var state = LogrotateState()
    let names: [[UInt8]] = [
      Array("/a/gr".utf8) + [0xFC], Array("/a/\u{FC}".utf8), Array("/a/u\u{308}".utf8), [0x2F, 0x09],
    ]
    for (index, name) in names.enumerated() { state.record(FilePath(bytes: name), time(2026, 1, index + 1)) }
    let (read, flaws) = LogrotateState.read(state.bytes)
    #expect(flaws.isEmpty)
    #expect(read == state)
    #expect(read.entries.count == 4)
  }

  @Test(
    "a line that cannot be read is reported with its number, and the others count",
    arguments: [
      "\"/a\" 2026-13-1-0:0:0", "\"/a\" 2026-0-1", "\"/a\" 1969-1-1", "\"/a\" 2101-1-1", "\"/a\" 2026-1-32",
      "\"/a\" 2026-1-1-24:0:0", "\"/a\" 2026-1-1-0:60:0", "\"/a\" 2026-1", "\"/a\" never", "\"/a", "\"/a\" ",
      "/a b 2026-1-1",
      "\"\" 2026-1-1", "\"/a\u{0}b\" 2026-1-1", "\"/a\" -2026-1-1", "\"/a\" 2026-1-1-0:0:0:0",
      "\"/a\" 99999999999999999999-1-1",
      "\\", "\"/a\" 2026-1-1-+1:0:0",
    ])
  func flaws(_ line: String) {
    let (state, flaws) = read("logrotate state -- version 2\n\"/x\" 2026-1-1\n\(line)\n\"/y\" 2026-1-2\n")
    #expect(flaws.map(\.line) == [3])
    #expect(state.entries.map(\.path) == ["/x", "/y"])
  }

  @Test("a file that begins otherwise is none, an empty one is an empty state")
  func head() {
    #expect(read("").flaws.isEmpty)
    #expect(read("logrotate state -- version 3\n\"/x\" 2026-1-1\n").flaws.map(\.line) == [1])
    #expect(read("\u{0}\u{0}\u{0}").state.entries.isEmpty)
    #expect(read("logrotate state -- version 2").flaws.isEmpty)
  }

  @Test("a day after the end of its month is one of the next, as mktime(3) has it")
  func longMonth() {
    #expect(read("logrotate state -- version 2\n\"/x\" 2026-2-31\n").state["/x"] == time(2026, 3, 3))
  }

  @Test("a line that is too long is left out, and so many bad lines are not all reported")
  func bounds() {
    let long = String(repeating: "a", count: Limits.maxLogrotateStateLine)
    #expect(
      read("logrotate state -- version 2\n\"/\(long)\" 2026-1-1\n\"/y\" 2026-1-2\n").state.entries.map(\.path) == ["/y"]
    )
    let bad = String(repeating: "x\n", count: 10_000)
    #expect(read("logrotate state -- version 2\n\(bad)").flaws.count == Limits.maxLogrotateStateFlaws)
  }

  @Test("the later of two lines of one log counts, and what was not seen for a year goes")
  func expiry() {
    var state = read(
      "logrotate state -- version 2\n\"/x\" 2024-1-1\n\"/y\" 2024-1-1\n\"/z\" 2026-1-1\n\"/x\" 2024-1-2\n"
    ).state
    #expect(state["/x"] == time(2024, 1, 2))
    state.forget(before: time(2025, 1, 1), except: ["/x"])
    #expect(state.entries.map(\.path) == ["/x", "/z"])
    #expect(state["/z"] == time(2026, 1, 1))
  }

  @Test("a file that comes in pieces of any size is read as a whole one")
  func pieces() {
    let text =
      "logrotate state -- version 2\n\"/x\" 2026-1-1\nbad\n\"/\(String(repeating: "a", count: 9000))\" 2026-1-1\n\"/y\" 2026-1-2"
    let whole = read(text)
    #expect(whole.state.entries.count == 2 && whole.flaws.map(\.line) == [3, 4])
    for size in [1, 2, 7, 30, 8193] {
      var (state, reader) = (LogrotateState(), LogrotateState.Reader())
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        reader.read(Array(rest.prefix(size))) { state.record($0.path, $0.last) }
        rest = rest.dropFirst(size)
      }
      reader.end { state.record($0.path, $0.last) }
      #expect(state == whole.state && reader.flaws == whole.flaws, "\(size)")
    }
  }

  @Test("a path with empty names or dots is that of the log without them, and stays as it is in the file")
  func detours() {
    let lines =
      "\"/var//log/./a.log\" 2026-1-1-0:0:0\n\"/var/log/b.log/.\" 2026-1-2-0:0:0\n\"/.c/d..\" 2026-1-3-0:0:0\n"
    var state = read("logrotate state -- version 2\n\(lines)").state
    #expect(state.entries.map(\.log) == ["/var/log/a.log", "/var/log/b.log", "/.c/d.."])
    #expect(state["/var/log/a.log"] == time(2026, 1, 1))
    state.record("/var/log/a.log", time(2026, 1, 5))
    #expect(String(decoding: state.bytes, as: UTF8.self).contains("\n\"/var//log/./a.log\" 2026-1-5-0:0:0\n"))
    #expect(state.entries.count == 3)
  }

  @Test("a rotation by another program is taken over where it is later, or where the entry lies ahead")
  func taken() throws {
    let zone = try Zone(posix: "CET-1CEST,M3.5.0,M10.5.0/3")
    // 2026-10-25 02:30 comes twice, at 00:30 and 01:30 UTC.
    let second = WallTime(seconds: 1_792_891_800)
    let now = second + .seconds(86_400)
    var state = read("logrotate state -- version 2\n\"/a\" 2026-10-25-2:30:0\n\"/b\" 2026-10-20\n\"/c\" 2026-12-1\n")
      .state
    let before = state
    for time in [second, second - .seconds(3600)] { state.take("/a", rotated: time, now: now, zone: zone) }
    state.take("/b", rotated: second - .seconds(10 * 86_400), now: now, zone: zone)
    #expect(state == before)
    for path in ["/b", "/c", "/new"] as [FilePath] {
      let changed = (0..<2).map { _ in state.take(path, rotated: second, now: now, zone: zone) }
      #expect(changed == [true, false])
      #expect(state[path] == time(2026, 10, 25, 2, 30))
    }
  }
}
