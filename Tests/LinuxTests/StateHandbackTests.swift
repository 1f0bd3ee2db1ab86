import Daemon
import EventLoop
import Glibc
import Rotation
import Testing
import Timekeeping

@testable import Linux

@Suite("Giving the state back to logrotate")
struct StateHandbackTests {
  let scratch: ScratchDirectory
  let now = SystemClock.wall

  init() throws {
    scratch = try ScratchDirectory()
    guard unsafe mkdir("\(scratch.path)/own", 0o755) == 0 else { throw Errno(errno) }
    try write(
      "/logs/a.log /logs/*.txt {\n  daily\n  rotate 3\n}\n", to: "config", mode: 0o644)
  }

  private func write(_ text: String, to name: String, mode: mode_t = 0o640) throws {
    try SmallFile.write(Array(text.utf8), to: FilePath("\(scratch.path)/\(name)"), mode: mode)
  }

  private var text: String? {
    (try? FileContent.read("\(scratch.path)/status", limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
  }

  private func record(_ records: StateRecord...) throws {
    let directory = try scratch.fileSystem.openDirectory("\(scratch.path)/own")
    let store = StateStore(fileSystem: scratch.fileSystem, directory: directory)
    _ = store.load()
    store.record(records)
  }

  private func handBack(patience: Span = .seconds(60), config: Bool = true) throws -> [String] {
    try StateHandback(
      state: "\(scratch.path)/status", config: config ? "\(scratch.path)/config" : nil, patience: patience,
      own: "\(scratch.path)/own"
    ).write()
  }

  /// As the state file has the time.
  private func line(_ path: String, _ time: WallTime) -> String {
    let local = LocalZone.load().zone.localTime(at: time)
    return "\"\(path)\" \(local.year)-\(local.month)-\(local.day)-\(local.hour):\(local.minute):\(local.second)\n"
  }

  @Test("logs that were rotated since get their time, once, and all else stays as it is")
  func entries() throws {
    let head = "logrotate state -- version 2\n"
    let (hour, day) = (now - .seconds(3600), now - .seconds(86_400))
    let others =
      "\"/var/log/sys\\\\log\" 2026-1-2-3:4:5\n" + line("/logs/later.txt", hour) + line("/logs/taken.txt", day)
    try write("\(head)\"/logs//a.log\" 2026-1-1-0:0:0\n\(others)", to: "status")
    try record(
      .done(log: "/logs/a.log", at: hour, due: nil), .done(log: "/logs/new.txt", at: day, due: nil),
      .done(log: "/logs/later.txt", at: day, due: nil), .done(log: "/elsewhere/x.log", at: hour, due: nil),
      .imported(log: "/logs/taken.txt", rotated: day, served: day, seen: hour),
      .imported(log: "/logs/first.txt", rotated: nil, served: day, seen: hour))
    let wanted = "\(head)\(line("/logs//a.log", hour))\(others)\(line("/logs/new.txt", day))"
    for _ in 0..<2 {
      #expect(try handBack() == [])
      #expect(text == wanted)
    }
    var status = stat()
    #expect(unsafe stat("\(scratch.path)/status", &status) == 0 && status.st_mode & 0o777 == 0o640)
  }

  @Test("without a config of logrotate, only what its state has already is brought up to date")
  func noConfig() throws {
    try write("logrotate state -- version 2\n\"/logs/a.log\" 2026-1-1-0:0:0\n", to: "status")
    try record(.done(log: "/logs/a.log", at: now, due: nil), .done(log: "/logs/new.txt", at: now, due: nil))
    #expect(try handBack(config: false) == [])
    #expect(text == "logrotate state -- version 2\n\(line("/logs/a.log", now))")
  }

  @Test("a state file that is yet to come is made, and none where nothing was rotated")
  func missing() throws {
    #expect(try handBack() == [] && text == nil)
    try record(.done(log: "/logs/a.log", at: now, due: nil))
    #expect(try handBack() == [])
    #expect(text == "logrotate state -- version 2\n\(line("/logs/a.log", now))")
  }

  @Test("a file that is none of logrotate's stays, lines that cannot be read are named, and nothing is held up by that")
  func damaged() throws {
    try record(.done(log: "/logs/a.log", at: now, due: nil))
    try write("something else\n", to: "status")
    let remarks = try handBack()
    #expect(text == "something else\n")
    #expect(remarks.count == 1 && remarks[0].contains("/status stays as it is: this is no state file of logrotate"))
    try write("logrotate state -- version 2\nbad\n\"/x\" 2026-1-1-0:0:0\n", to: "status")
    #expect(
      try handBack() == ["line 2 of \(scratch.path)/status is left out: expected a path in quotes and a time"])
    #expect(text == "logrotate state -- version 2\n\"/x\" 2026-1-1-0:0:0\n\(line("/logs/a.log", now))")
    #expect(unsafe unlink("\(scratch.path)/status") == 0)
    #expect(unsafe symlink("\(scratch.path)/config", "\(scratch.path)/status") == 0)
    let refused = try handBack()
    #expect(refused.count == 1 && refused[0].hasSuffix("logrotate may rotate once more what rotated has rotated"))
  }

  @Test("a logrotate that has locked the file is waited for, and not overtaken")
  func locked() throws {
    try record(.done(log: "/logs/a.log", at: now, due: nil))
    try write("logrotate state -- version 2\n", to: "status")
    let file = Descriptor(owning: unsafe open("\(scratch.path)/status", O_RDWR | O_CLOEXEC))
    #expect(flock(file.number, LOCK_EX) == 0)
    #expect(throws: TakeoverStep.Failure.self) { _ = try handBack(patience: .milliseconds(300)) }
    #expect(text == "logrotate state -- version 2\n")
    _ = flock(file.number, LOCK_UN)
    #expect(try handBack() == [])
    #expect(text?.contains("/logs/a.log") == true)
  }
}
