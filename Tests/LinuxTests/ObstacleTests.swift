import Daemon
import EventLoop
import Glibc
import Rotation
import Testing

@testable import Linux
import Timekeeping

/// Obstacles to the rename of a log, and their messages.
@Suite("An obstacle to a rotation", .enabled(if: geteuid() == 0, "only root can put it there"))
struct ObstacleTests {
  /// Rotates `logs/app.log` below a path, and returns the reason of the failure and the names in the directory then.
  private func failure(at path: String) throws -> (reason: String, names: [String]) {
    let fileSystem = LinuxFileSystem()
    let directory = try fileSystem.openDirectory("\(path)/logs")
    let loop = LoopExecutor(driver: try EpollDriver())
    let state = StateStore(fileSystem: fileSystem, directory: try fileSystem.openDirectory(FilePath(path)))
    let rotator = Rotator(fileSystem: fileSystem, loop: loop, state: state, zone: .utc)
    let outcome = rotator.rotate(
      ["app.log"], in: LogPlace(LogDirectories(directory)), policy: Policy(keep: 2, rotatesEmpty: true),
      cause: .byHand
    ).first?.outcome
    guard case .failed(let failure) = outcome else { return ("\(String(describing: outcome))", []) }
    return (failure.reason, try fileSystem.entries(in: directory).map { "\($0.name)" }.sorted())
  }

  private func make(_ path: String) throws {
    #expect(unsafe mkdir("\(path)/logs", 0o755) == 0)
    let fileSystem = LinuxFileSystem()
    try fileSystem.append([120, 10], to: "app.log", in: try fileSystem.openDirectory("\(path)/logs"))
  }

  @Test(
    "that chattr has set is reported, on the log or on its directory, and no empty file is left",
    arguments: ["i", "a"],
    ["logs/app.log", "logs"])
  func flags(flag: String, place: String) throws {
    let scratch = try ScratchDirectory()
    try make(scratch.path)
    let path = "\(scratch.path)/\(place)"
    guard LinuxTests.run("chattr", "+\(flag)", path) == 0 else {
      return print("skipped: a log with a flag of chattr: the file system of /tmp has none")
    }
    defer { LinuxTests.run("chattr", "-\(flag)", path) }
    let (reason, names) = try failure(at: scratch.path)
    let words = flag == "i" ? "is immutable; `chattr -i`" : "is append-only; `chattr -a`"
    #expect(reason.hasPrefix("operation not permitted (EPERM): \(path) \(words)"), "\(reason)")
    // From a directory that is append-only, nothing can be removed.
    #expect(names == (path.hasSuffix("logs") && flag == "a" ? [".app.log.rotated", "app.log"] : ["app.log"]))
  }

  @Test("that is a mount over the log is reported, and no empty file is left")
  func mount() throws {
    let scratch = try ScratchDirectory()
    try make(scratch.path)
    let log = "\(scratch.path)/logs/app.log"
    let found = OwnMounts.run { () -> [String]? in
      guard LinuxTests.run("mount", "--bind", "/etc/hostname", log) == 0 else { return nil }
      defer { LinuxTests.run("umount", log) }
      return (try? failure(at: scratch.path)).map { [$0.reason] + $0.names }
    }
    guard let found else { return print("skipped: a mount over a log: mounting needs root") }
    #expect(found == ["device or resource busy (EBUSY): a file system is mounted over \(log)", "app.log"])
  }
}
