import Daemon
import EventLoop
import Glibc
import Linux
import Rotation
import Testing
import Timekeeping

/// A log that is truncated in several pieces, while somebody else truncates it between two of them.
@Suite("Truncating in pieces")
struct TruncatePiecesTests {
  private final class Run: @unchecked Sendable {
    let loop: LoopExecutor
    let truncator: Truncator
    let directory: OpenDirectory
    let path: String
    let folder: String
    /// Removed with its content when this run ends.
    private let scratch: ScratchDirectory
    var policy = Policy(keep: 5)
    var outcome: Outcome?
    var isOver = false
    var beside: () -> Void = {}

    init(_ scratch: ScratchDirectory) throws {
      loop = LoopExecutor(driver: try EpollDriver())
      let fileSystem = LinuxFileSystem()
      directory = try fileSystem.openDirectory(FilePath(scratch.path))
      let state = StateStore(fileSystem: fileSystem, directory: directory)
      truncator = Truncator(
        fileSystem: fileSystem, loop: loop,
        rotator: Rotator(fileSystem: fileSystem, loop: loop, state: state, zone: .utc))
      self.scratch = scratch
      folder = scratch.path
      path = "\(folder)/app.log"
      policy.rules.method = .truncate(by: .punch)
    }

    /// Rotates once; `beside` is called whenever the rotation yields.
    func rotate(beside: @escaping () -> Void = {}) {
      isOver = false
      self.beside = beside
      Task(executorPreference: loop) {
        self.outcome = await self.truncator.rotate(
          "app.log", in: self.directory, policy: self.policy, cause: .byHand)?.outcome
        self.isOver = true
        self.loop.stop()
      }
      Task(executorPreference: loop) {
        while !self.isOver {
          self.beside()
          await self.loop.yield()
        }
      }
      loop.run()
    }

    func write(_ text: String, at offset: Int) throws {
      let file = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
      try #require(file >= 0)
      defer { close(file) }
      let bytes = Array(text.utf8)
      #expect(unsafe pwrite(file, bytes, bytes.count, offset) == bytes.count)
    }

    func read(_ name: String, at offset: Int, _ count: Int) -> String {
      let file = unsafe open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
      defer { close(file) }
      var bytes = [UInt8](repeating: 0, count: count)
      let got = unsafe pread(file, &bytes, count, offset)
      return String(decoding: bytes.prefix(max(0, got)), as: UTF8.self)
    }

    var isPunched: Bool { read("app.log", at: 0, 1) == "\0" }
  }

  /// The least number of pieces in which this is punched is three.
  private let offsets = [0, 3 * Int(Limits.punchChunk), 6 * Int(Limits.punchChunk)]

  @Test("yields between two pieces, and keeps every line once in the end")
  func pieces() throws {
    let run = try Run(try ScratchDirectory())
    for offset in offsets { try run.write("line \(offset)\n", at: offset) }
    var seen: Set<String> = []
    run.rotate { seen.insert(offsets.map { run.read("app.log", at: $0, 4) == "line" ? "x" : "-" }.joined()) }
    guard case .rotated = run.outcome else {
      Issue.record("\(String(describing: run.outcome))")
      return
    }
    // Each state of the truncation was seen from outside.
    #expect(seen.isSuperset(of: ["xxx", "-xx", "--x"]), "\(seen)")
    for offset in offsets {
      #expect(run.read("app.log.1", at: offset, 20).hasPrefix("line \(offset)\n"))
      #expect(run.read("app.log", at: offset, 4) == "\0\0\0\0")
    }
  }

  @Test("stops if somebody truncates the log meanwhile, and leaves what is written then")
  func truncatedBetween() throws {
    let run = try Run(try ScratchDirectory())
    for offset in offsets { try run.write("line \(offset)\n", at: offset) }
    var isDone = false
    run.rotate {
      guard !isDone, run.isPunched else { return }
      isDone = true
      #expect(unsafe truncate(run.path, 0) == 0)
      // New lines, up to the end of the old ones.
      for offset in offsets { try? run.write("new \(offset)\n", at: offset) }
    }
    #expect(isDone)
    guard case .failed = run.outcome else {
      Issue.record("\(String(describing: run.outcome))")
      return
    }
    for offset in offsets { #expect(run.read("app.log", at: offset, 20).hasPrefix("new \(offset)\n")) }
    // The next try finds that the log is not what was archived, and archives it as it is.
    run.rotate()
    for offset in offsets { #expect(run.read("app.log.1", at: offset, 20).hasPrefix("new \(offset)\n")) }
    for offset in offsets { #expect(run.read("app.log.2", at: offset, 20).hasPrefix("line \(offset)\n")) }
  }
}
