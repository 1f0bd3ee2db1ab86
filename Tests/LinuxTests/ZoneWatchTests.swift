import EventLoop
import Glibc
import Rotation
import Testing

@testable import Linux
import Timekeeping

@Suite("The watch on the local zone")
struct ZoneWatchTests {
  let scratch: ScratchDirectory
  let driver: EpollDriver

  init() throws {
    scratch = try ScratchDirectory()
    driver = try EpollDriver()
  }

  /// Lets the driver deliver what has come, without waiting.
  private func deliver() { _ = driver.wait(until: Deadlines(immediate: true)) }

  @Test("detects each way in which the link is set, and nothing else")
  func changes() throws {
    let path = scratch.path
    var seen = 0
    let watch = try ZoneWatch(directory: FilePath(path), on: driver) { seen += 1 }
    unsafe #expect(symlink("/usr/share/zoneinfo/UTC", "\(path)/localtime") == 0)
    deliver()
    #expect(seen == 1)
    // As timedatectl does.
    unsafe #expect(symlink("/usr/share/zoneinfo/Europe/Berlin", "\(path)/.new") == 0)
    deliver()
    #expect(seen == 1)
    unsafe #expect(rename("\(path)/.new", "\(path)/localtime") == 0)
    deliver()
    #expect(seen == 2)
    unsafe #expect(unlink("\(path)/localtime") == 0)
    deliver()
    #expect(seen == 3)
    for name in ["passwd", "localtime2", "local"] { unsafe #expect(mkdir("\(path)/\(name)", 0o755) == 0) }
    deliver()
    #expect(seen == 3)
    withExtendedLifetime(watch) {}
  }

  @Test("a directory that does not exist is an error")
  func missing() {
    #expect(throws: Errno.self) { try ZoneWatch(directory: "/nowhere", on: driver) {} }
  }
}
