import Daemon
import EventLoop
import Glibc
import Linux
import Rotation
import Synchronization
import Testing
import Timekeeping

/// `ROTATED_TRUNCATIONS=100` rotates this often for each case (`make test-truncate`).
private let rotations = unsafe getenv("ROTATED_TRUNCATIONS").flatMap { unsafe Int(String(cString: $0)) } ?? 8

/// Writers that never stop, on real file systems: archives and live log together are the numbered stream, exactly.
@Suite("Truncating under a writer", .serialized)
struct TruncateStreamTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var kind: FileSystemContractTests.Kind
    /// Microseconds between two lines; 0 is full speed.
    var pause: UInt32
    var appends: Bool
    var testDescription: String {
      "\(kind.rawValue), \(pause == 0 ? "full speed" : "1,000 lines/s"), \(appends ? "O_APPEND" : "own offset")"
    }
    /// The method in the config, which is the one used: the best that the file system has and this writer allows. The
    /// choice of `auto` is tested in the simulation, where no process is hidden from root.
    var way: TruncationMethod { appends && (kind == .ext4 || kind == .xfs) ? .collapse : .punch }
  }

  static let cases = FileSystemContractTests.Kind.allCases.flatMap { kind in
    [(UInt32(0), true), (1000, true), (0, false)].map { Case(kind: kind, pause: $0.0, appends: $0.1) }
  }

  @Test("loses no line and doubles none", arguments: cases)
  func stream(of given: Case) throws {
    let scratch = try ScratchDirectory()
    let (place, point, state) = ("\(scratch.path)/place", "\(scratch.path)/point", "\(scratch.path)/state")
    for path in [place, point, state] { #expect(unsafe mkdir(path, 0o755) == 0) }
    let failures = OwnMounts.run { () -> [String]? in
      if let reason = given.kind.mount(on: point, place: place) {
        print("skipped: truncating on \(given.kind.rawValue): \(reason)")
        return []
      }
      do {
        return try TruncateRun(given, logs: FilePath(point), state: FilePath(state)).failures()
      } catch {
        return ["\(error)"]
      }
    }
    if failures == nil { print("skipped: truncating on \(given.kind.rawValue): mounting needs root") }
    #expect(failures ?? [] == [])
  }
}

/// One writer and a number of rotations of its log.
private final class TruncateRun: @unchecked Sendable {
  private let given: TruncateStreamTests.Case
  private let fileSystem = LinuxFileSystem()
  private let directory: OpenDirectory
  private let loop: LoopExecutor
  private let truncator: Truncator
  private var policy = Policy(keep: 9_000)
  private var problems: [String] = []

  init(_ given: TruncateStreamTests.Case, logs: FilePath, state: FilePath) throws {
    self.given = given
    directory = try fileSystem.openDirectory(logs)
    loop = LoopExecutor(driver: try EpollDriver())
    let store = StateStore(fileSystem: fileSystem, directory: try fileSystem.openDirectory(state))
    truncator = Truncator(
      fileSystem: fileSystem, loop: loop, rotator: Rotator(fileSystem: fileSystem, loop: loop, state: store, zone: .utc)
    )
    policy.rules.method = .truncate(by: given.way)
  }

  func failures() throws -> [String] {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (given.appends ? O_APPEND : 0)
    let log = unsafe open("\(directory.path)/app.log", flags, 0o644)
    guard log >= 0 else { throw Errno(errno) }
    defer { close(log) }
    let writer = StreamWriter(log, pause: given.pause)
    writer.start()
    Task(executorPreference: loop) {
      await self.rotate()
      self.loop.stop()
    }
    loop.run()
    let lines = writer.stop()
    try compare(lines)
    return problems
  }

  private func rotate() async {
    var (done, tries) = (0, 0)
    while done < rotations && tries < 100 * rotations {
      tries += 1
      switch await truncator.rotate("app.log", in: directory, policy: policy, cause: .byHand)?.outcome {
      case .rotated(let rotated):
        done += 1
        if rotated.way != given.way { problems.append("cut by \(String(describing: rotated.way))") }
      case .failed(let failure): problems.append("\(failure.step): \(failure.errno)")
      default: break
      }
      usleep(3000)
    }
    if done < rotations { problems.append("only \(done) rotations") }
  }

  /// Archives from the oldest, and the log: the stream and nothing else, with every archive ending on a line.
  private func compare(_ lines: Int) throws {
    var next = 0
    for number in (0...rotations).reversed() {
      let name: FileName = number == 0 ? "app.log" : "app.log.\(number)"
      guard var bytes = try fileSystem.read(name, in: directory)?[...] else {
        problems.append("\(name) is missing")
        continue
      }
      if number == 0 {
        bytes = bytes.drop { $0 == 0 }
        // The padding of a collapse: blanks and a newline.
        let rest = bytes.drop { $0 == UInt8(ascii: " ") }
        if rest.first == UInt8(ascii: "\n") { bytes = rest.dropFirst() }
      }
      if bytes.isEmpty { continue }
      guard bytes.count % StreamWriter.length == 0 else {
        problems.append("\(name) has \(bytes.count) bytes, which is no number of lines")
        return
      }
      while !bytes.isEmpty {
        guard bytes.starts(with: StreamWriter.line(next)) else {
          let found = String(decoding: bytes.prefix(StreamWriter.length), as: UTF8.self)
          problems.append("\(name): line \(next) expected, found \(found.debugDescription)")
          return
        }
        bytes = bytes.dropFirst(StreamWriter.length)
        next += 1
      }
    }
    if next != lines { problems.append("\(next) lines are there, \(lines) were written") }
    print("truncating, \(given.testDescription): \(rotations) rotations by \(given.way), \(lines) lines, each once")
  }
}

/// A thread that writes numbered lines of one length, one call each.
private final class StreamWriter: @unchecked Sendable {
  static let length = 40
  private let log: Int32
  private let pause: UInt32
  private let isStopped = Atomic(false)
  private var written = 0
  private var thread = pthread_t()

  init(_ log: Int32, pause: UInt32) {
    self.log = log
    self.pause = pause
  }

  static func line(_ number: Int) -> [UInt8] {
    let digits = Array(String(number).utf8)
    return [UInt8](repeating: UInt8(ascii: "0"), count: 12 - digits.count) + digits
      + Array(" a line of the numbered str\n".utf8)
  }

  func start() {
    let pointer = unsafe Unmanaged.passUnretained(self).toOpaque()
    let code = unsafe pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer = unsafe pointer else { return nil }
        unsafe Unmanaged<StreamWriter>.fromOpaque(pointer).takeUnretainedValue().run()
        return nil
      }, pointer)
    precondition(code == 0, "No thread could be started.")
  }

  private func run() {
    while !isStopped.load(ordering: .acquiring) {
      let line = Self.line(written)
      guard unsafe write(log, line, line.count) == line.count else { break }
      written += 1
      if pause > 0 { usleep(pause) }
    }
  }

  /// Ends it; returns how many lines it has written.
  func stop() -> Int {
    isStopped.store(true, ordering: .releasing)
    pthread_join(thread, nil)
    return written
  }
}
