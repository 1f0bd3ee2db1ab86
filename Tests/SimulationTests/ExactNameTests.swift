import Config
import Daemon
import Rotation
import Simulation
import Testing
import Timekeeping

/// Logs whose names differ only in their bytes.
@Suite("Names that are equal in Unicode and not on the disk")
struct ExactNameTests {
  static let names: [FileName] = [
    "gr\u{FC}\u{DF}e.log", "gru\u{308}\u{DF}e.log", "\u{212B}.log", "\u{C5}.log", "\u{AC00}.log",
    "\u{1100}\u{1161}.log",
    FileName(bytes: [0x67, 0xFC, 0x2E, 0x6C, 0x6F, 0x67]), FileName(bytes: [0x67, 0xFD, 0x2E, 0x6C, 0x6F, 0x67]),
  ]

  private static func job(_ method: Rotation.Method, _ pattern: FilePath) -> Job {
    var job = Job(
      name: "names", logs: [LogPattern(pattern)], schedule: .interval(.seconds(60)),
      sizeLimit: SizeLimit(bytes: 1000, check: nil), policy: Policy(keep: 3))
    job.policy.rules.method = method
    return job
  }

  private static let methods: [Rotation.Method] = [
    .move, .truncate(by: .collapse), .truncate(by: .punch), .truncate(by: .copy),
  ]

  @Test("are logs of their own in one directory, over a restart too", arguments: methods)
  func oneDirectory(method: Rotation.Method) throws {
    let rig = Rig([Self.job(method, "/logs/*.log")])
    for name in Self.names { rig.fill(name, "\(name) first\n") }
    try rig.live(seconds: 90)
    for name in Self.names {
      #expect(rig.content("\(name).1") == "\(name) first\n")
      #expect(rig.content(name)?.allSatisfy { "\0 \n".contains($0) } == true)
    }
    // One grows beyond its size: none of the others is rotated for that.
    let (grown, duplicate) = (Self.names[0], Self.names[1])
    rig.fill(duplicate, "\(duplicate) second\n")
    try rig.live(seconds: 20) { rig in rig.at(10) { rig.fill(grown, String(repeating: "x", count: 999) + "\n") } }
    #expect(rig.content("\(grown).1")?.contains("xxx") == true)
    #expect(rig.content("\(duplicate).2") == nil)
    #expect(rig.content("\(duplicate).1") == "\(duplicate) first\n")
    #expect(rig.messages(.failed).isEmpty)
  }

  @Test("are directories of their own", arguments: methods)
  func directories(method: Rotation.Method) throws {
    let rig = Rig([Self.job(method, "/logs/*/a.log")])
    let paths = Self.names.map { FilePath("/logs").appending($0) }
    for path in paths {
      rig.disk.makeDirectory(path)
      rig.disk.plant(.regular, at: path.appending("a.log"), content: "\(path)\n")
    }
    try rig.live(seconds: 90)
    for path in paths { #expect(rig.disk.content(of: path.appending("a.log.1")) == "\(path)\n") }
  }

  @Test("are changed by a reload if only the spelling in the config changes")
  func reload() throws {
    let rig = Rig([Self.job(.move, "/logs/\(Self.names[0])")])
    for name in Self.names.prefix(2) { rig.fill(name, "\(name)\n") }
    try rig.live(seconds: 90) { rig in
      rig.at(10) {
        rig.configuration.jobs = [Self.job(.move, "/logs/\(Self.names[1])")]
        rig.manager.send(.reload)
      }
    }
    #expect(rig.content("\(Self.names[0]).1") == nil)
    #expect(rig.content("\(Self.names[1]).1") == "\(Self.names[1])\n")
  }

  @Test("a command of notify gets the bytes of a name")
  func environment() throws {
    var job = Self.job(.move, "/logs/*.log")
    job.policy.rules.hooks = [.run(.shell("tell"), limit: .seconds(10))]
    let rig = Rig([job])
    for name in Self.names { rig.fill(name) }
    var notified: [ExactText] = []
    rig.processes.play = { request in
      notified += request.environment["ROTATED_LOG"].map { [$0] } ?? []
      return Rig.play(request)
    }
    try rig.live(seconds: 90)
    let lines = notified.flatMap { $0.bytes.split(separator: UInt8(ascii: "\n")).map { FilePath($0) } }
    #expect(lines.sorted() == Self.names.map { FilePath("/logs").appending($0) }.sorted())
  }
}
