import Daemon
import Glibc
import Rotation
import Testing

@testable import Linux

@Suite("Writers that keep an offset of their own")
struct OffsetWritersTests {
  private let scratch: ScratchDirectory
  private var path: String { "\(scratch.path)/log" }

  init() throws {
    scratch = try ScratchDirectory()
    let file = unsafe open("\(scratch.path)/log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    try #require(file >= 0)
    close(file)
  }

  private func ask(_ writers: FileWriters) throws -> OffsetWriters {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    let identity = try #require(OpenFiles.Identity(of: file))
    var (answer, pieces) = (OffsetWriters.searching, 0)
    while answer == .searching {
      answer = writers.offsetWriters(of: identity)
      pieces += 1
    }
    #expect(pieces > 1)
    return answer
  }

  /// Runs a process that has the log open by this `redirection`.
  private func withWriter(_ redirection: String, _ body: () throws -> Void) throws {
    let command = "exec 5\(redirection)'\(path)'; echo $$; exec sleep 60"
    guard let stream = unsafe popen(command, "re") else { throw Errno(errno) }
    var line = [CChar](repeating: 0, count: 64)
    _ = unsafe fgets(&line, 64, stream)
    let digits = line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
    let child = try #require(pid_t(String(decoding: digits, as: UTF8.self)))
    defer {
      kill(child, SIGKILL)
      _ = unsafe pclose(stream)
    }
    try body()
  }

  @Test("are found in other processes, and writers that append are not among them")
  func seen() throws {
    guard geteuid() == 0 else { return print("skipped: who is not root does not see all processes") }
    try withWriter(">") { try #expect(ask(FileWriters()) == .some) }
    for redirection in [">>", "<"] { try withWriter(redirection) { try #expect(ask(FileWriters()) != .some) } }
    guard try ask(FileWriters()) != .unknown else { return print("skipped: some process here hides from root") }
    #expect(try ask(FileWriters()) == .none)
    try withWriter(">>") { try #expect(ask(FileWriters()) == .none) }
    try withWriter("<") { try #expect(ask(FileWriters()) == .none) }
  }

  @Test("are unknown if there are more descriptors than are checked")
  func tooMany() throws {
    #expect(try ask(FileWriters(mostDescriptors: 1)) == .unknown)
  }
}
