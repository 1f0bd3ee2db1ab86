import Daemon
import EventLoop
import Glibc
import Linux
import Rotation
import Testing

@Suite("Watches on logs and directories")
struct LogWatchTests {
  let scratch: ScratchDirectory
  let driver: EpollDriver
  let fileSystem: LinuxFileSystem
  let seen = Seen()

  final class Seen {
    var events: [WatchEvent] = []
  }

  init() throws {
    scratch = try ScratchDirectory()
    driver = try EpollDriver()
    fileSystem = LinuxFileSystem(driver: driver)
    fileSystem.onWatchEvents = { [seen] in seen.events += $0 }
  }

  private func path(_ name: String) -> String { "\(scratch.path)/\(name)" }

  private func write(_ name: FileName, _ text: String = "x") throws {
    try scratch.fileSystem.append(Array(text.utf8), to: name, in: scratch.open())
  }

  /// The events since the last call.
  private func notified() -> [WatchEvent] {
    _ = driver.wait(until: Deadlines(immediate: true))
    defer { seen.events = [] }
    return seen.events
  }

  @Test("a log's watch reports once: later writes cause no event until it is watched again")
  func oneShot() throws {
    try write("a")
    let watch = try fileSystem.watchLog(FilePath(path("a")))
    #expect(notified() == [])
    for _ in 0..<3 { try write("a") }
    #expect(notified() == [.written(watch: watch)])
    for _ in 0..<3 { try write("a") }
    #expect(notified() == [])
    let again = try fileSystem.watchLog(FilePath(path("a")))
    #expect(again != watch)
    unsafe #expect(truncate(path("a"), 0) == 0)
    #expect(notified() == [.written(watch: again)])
  }

  @Test(
    "each change by which a name becomes another file's, or nobody's, is reported, also while a writer has the log open"
  )
  func moves() throws {
    let ways: [(String, () -> Int32)] = [
      ("rename", { unsafe rename(path("a"), path("b")) }),
      ("unlink", { unsafe unlink(path("a")) }),
      ("rename over", { unsafe rename(path("new"), path("a")) }),
    ]
    for (name, act) in ways {
      try write("a")
      try write("new")
      let writer = unsafe open(path("a"), O_WRONLY | O_APPEND | O_CLOEXEC)
      defer { close(writer) }
      let watch = try fileSystem.watchLog(FilePath(path("a")))
      #expect(notified() == [])
      #expect(act() == 0)
      #expect(notified() == [.moved(watch: watch)], "\(name)")
    }
    let directory = try scratch.open()
    let watch = try fileSystem.watchLog(FilePath(path("a")))
    try write("b")
    try fileSystem.exchange("a", "b", in: directory)
    #expect(notified() == [.moved(watch: watch)])
  }

  @Test("names that appear in a directory are reported if requested, and writes never")
  func names() throws {
    let watch = try fileSystem.watchDirectory(FilePath(scratch.path), names: false)
    try write("a")
    #expect(notified() == [])
    #expect(try fileSystem.watchDirectory(FilePath(scratch.path), names: true) == watch)
    try write("a")
    try write("b")
    unsafe #expect(mkdir(path("d"), 0o755) == 0)
    unsafe #expect(rename(path("a"), path("c")) == 0)
    #expect(
      notified() == [
        .named(watch: watch, name: "b", isDirectory: false), .named(watch: watch, name: "d", isDirectory: true),
        .named(watch: watch, name: "c", isDirectory: false),
      ])
    let below = try fileSystem.watchDirectory(FilePath(path("d")), names: false)
    unsafe #expect(rmdir(path("d")) == 0)
    #expect(notified() == [.moved(watch: below)])
  }

  @Test("a missing directory, or a file in its place, is an error")
  func errors() throws {
    #expect(throws: Errno.noEntry) { try fileSystem.watchLog(FilePath(path("a"))) }
    #expect(throws: Errno.noEntry) { try fileSystem.watchDirectory(FilePath(path("a")), names: true) }
    try write("a")
    #expect(throws: Errno.notDirectory) { try fileSystem.watchDirectory(FilePath(path("a")), names: true) }
    #expect(throws: Errno.notSupported) { try LinuxFileSystem().watchLog(FilePath(path("a"))) }
  }

  @Test("a queue that overflows reports it")
  func overflow() throws {
    let limit = try #require(
      Int(try FileText.read("/proc/sys/fs/inotify/max_queued_events").split(separator: "\n").first ?? ""))
    guard limit <= 100_000 else { return }
    _ = try fileSystem.watchDirectory(FilePath(scratch.path), names: true)
    try write("a")
    for _ in 0...(limit / 2) {
      unsafe #expect(rename(path("a"), path("b")) == 0)
      unsafe #expect(rename(path("b"), path("a")) == 0)
    }
    var all: [WatchEvent] = []
    for _ in 0..<100 { all += notified() }
    #expect(all.last == .lost)
    #expect(all.count > limit / 2)
  }
}
