import Daemon
import Glibc
import Rotation
import Testing

@testable import Linux

@Suite("The rights in a directory of another user", .enabled(if: geteuid() == 0, "only root acts as somebody else"))
struct FileRightsTests {
  private static let nobody: UInt32 = 65534
  private let scratch: ScratchDirectory
  private let directory: OpenDirectory
  private let path: String

  init() throws {
    scratch = try ScratchDirectory()
    path = "\(scratch.path)/theirs"
    guard unsafe mkdir(path, 0o755) == 0, unsafe chown(path, Self.nobody, Self.nobody) == 0,
      unsafe chmod(scratch.path, 0o755) == 0
    else {
      throw Errno(errno)
    }
    directory = try scratch.fileSystem.openDirectory(FilePath(path))
  }

  private func create(_ name: FileName, user: UInt32) throws {
    try scratch.fileSystem.create(
      name, Attributes(mode: 0o640, user: user, group: user), like: nil, in: directory)
  }

  @Test("a rotation's calls work there, and a new log has the owner in the config, even root")
  func works() throws {
    let disk = scratch.fileSystem
    try create("theirs", user: Self.nobody)
    try create("roots", user: 0)
    #expect(try disk.status(of: "theirs", in: directory)?.user == Self.nobody)
    #expect(try disk.status(of: "roots", in: directory)?.user == 0)
    try disk.exchange("theirs", "roots", in: directory)
    try disk.rename("roots", to: "moved", in: directory)
    try disk.link("moved", to: "linked", in: directory)
    try disk.replace("linked", with: "theirs", in: directory)
    try disk.remove("linked", in: directory)
    #expect(try disk.entries(in: directory).map(\.name) == ["moved"])
  }

  @Test("a call that the owner may not make is refused, and is not made as root")
  func refuses() throws {
    try create("log", user: Self.nobody)
    unsafe #expect(chmod(path, 0o555) == 0)
    let disk = scratch.fileSystem
    #expect(throws: Errno.permission) { try create("new", user: Self.nobody) }
    #expect(throws: Errno.permission) { try disk.rename("log", to: "log.1", in: directory) }
    #expect(throws: Errno.permission) { try disk.remove("log", in: directory) }
    #expect(throws: Errno.permission) { try disk.link("log", to: "log.1", in: directory) }
    #expect(try disk.entries(in: directory).map(\.name) == ["log"])
    directory.actsAsOwner = false
    try disk.rename("log", to: "log.1", in: directory)
    try create("new", user: 0)
  }

  @Test("a sticky directory protects the files of others from its user, and so from the daemon")
  func sticky() throws {
    let disk = scratch.fileSystem
    unsafe #expect(chown(path, 0, 0) == 0 && chmod(path, 0o1777) == 0)
    directory.actsAsOwner = true
    try create("roots", user: 0)
    // Opened while it had no other owner: the rights are those of the owner at that time.
    #expect(throws: Errno.notPermitted) { try disk.rename("roots", to: "moved", in: directory) }
  }

  @Test("the daemon is root again after each call, failed or not")
  func restores() throws {
    try create("log", user: Self.nobody)
    #expect(throws: Errno.noEntry) { try scratch.fileSystem.remove("none", in: directory) }
    let own = try scratch.open()
    #expect(own.owner == nil)
    try scratch.fileSystem.append([1], to: "mine", in: own)
    #expect(try scratch.fileSystem.status(of: "mine", in: own)?.user == 0)
  }
}
