import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Truncating")
struct TruncateTests {
  static let ways: [TruncationMethod] = [.collapse, .punch, .copy]

  static func job(_ way: TruncationMethod, keep: Int = 4, every seconds: Int64 = 60) -> Job {
    var job = Rig.job("a", every: seconds, keep: keep)
    job.policy.rules.method = .truncate(by: way)
    return job
  }

  /// The numbered lines of all files of the log, the oldest archive first, without NULs and padding.
  static func lines(_ rig: Rig) -> [String] {
    let names: [FilePath] = (1...9).reversed().map { "/logs/a.log.\($0)" } + ["/logs/a.log"]
    return names.compactMap { rig.disk.content(of: $0) }.flatMap { content in
      content.split(separator: "\n").map { $0.filter { $0 != "\0" } }.filter { !$0.allSatisfy { $0 == " " } }
    }
  }

  static func lines(_ range: ClosedRange<Int>) -> [String] { range.map { "line number \($0)" } }
  static func text(_ range: ClosedRange<Int>) -> String { lines(range).map { $0 + "\n" }.joined() }

  @Test("keeps every line once, in the same file, run after run", arguments: ways)
  func runs(way: TruncationMethod) throws {
    let rig = Rig([Self.job(way)])
    var inode: UInt64?
    try rig.live(seconds: 250) { rig in
      rig.fill("a.log", Self.text(1...10))
      inode = rig.disk.inode(of: "/logs/a.log")
      rig.at(70) { rig.fill("a.log", Self.text(11...11)) }
      rig.at(130) { rig.fill("a.log", Self.text(12...30)) }
      rig.at(200) { rig.fill("a.log", Self.text(31...31) + "half of a li") }
    }
    #expect(rig.messages(.rotated).count == 4, "\(rig.reports.map(\.message))")
    #expect(rig.disk.inode(of: "/logs/a.log") == inode)
    #expect(rig.disk.content(of: "/logs/a.log.4") == Self.text(1...10))
    #expect(rig.disk.content(of: "/logs/a.log.3") == Self.text(11...11))
    #expect(rig.disk.content(of: "/logs/a.log.2") == Self.text(12...30))
    let half = way == .copy ? "half of a li" : ""
    #expect(rig.disk.content(of: "/logs/a.log.1") == Self.text(31...31) + half)
    #expect(Self.lines(rig) == Self.lines(1...31) + ["half of a li"])
    #expect(rig.messages(.rotated).first?.contains("by \(way.rawValue), which \(way.risk)") == true)
  }

  /// A crash may come after every change of the disk in a rotation, from start to end.
  @Test("a crash after any change loses no line and doubles none", arguments: ways, [0, 1, 3])
  func crashes(way: TruncationMethod, before: Int) throws {
    var points = 0
    for changes in 1... {
      let rig = Rig([Self.job(way, keep: 8)])
      try rig.live(seconds: 5)
      var next = 1
      // Rotations before, so that versions are shifted and the head has NULs or padding.
      for _ in 0..<before {
        rig.fill("a.log", Self.text(next...next + 6))
        next += 7
        try rig.live(seconds: 60)
      }
      rig.fill("a.log", Self.text(next...next + 8))
      next += 9
      try rig.live(seconds: 65, stops: false) { rig in
        rig.disk.changesUntilCrash = changes
        rig.disk.onCrash = { rig.at(0) { rig.crash() } }
      }
      let crashed = rig.disk.isDead
      // The writer continues while the daemon is down: more than there was before.
      rig.fill("a.log", Self.text(next...next + 12))
      next += 13
      try rig.live(seconds: 65)
      rig.fill("a.log", Self.text(next...next))
      try rig.live(seconds: 65)
      let expected = Self.lines(1...next)
      let found = Self.lines(rig)
      #expect(found == expected, "\(way), crash after \(changes) changes: \(rig.reports.map(\.message))")
      guard found == expected, crashed else { break }
      points = changes
    }
    #expect(points >= 6)
  }

  @Test("an error at any step loses no line, and is recovered from when it has passed", arguments: ways)
  func failures(way: TruncationMethod) throws {
    for call in SimulatedFileSystem.Call.allCases where call != .look {
      for countdown in 1...4 {
        let rig = Rig([Self.job(way)])
        rig.fill("a.log", Self.text(1...9))
        var left = countdown
        try rig.live(seconds: 400) { rig in
          rig.disk.fault = { found, _, _ in
            guard found == call, rig.driver.now().nanoseconds < 100 * Rig.second else { return nil }
            left -= 1
            return left < 0 ? .noSpace : nil
          }
          rig.at(90) { rig.fill("a.log", Self.text(10...20)) }
        }
        #expect(Self.lines(rig) == Self.lines(1...20), "\(way), \(call) after \(countdown)")
        #expect(rig.disk.content(of: "/logs/a.log")?.contains("line") == false, "\(way), \(call) after \(countdown)")
      }
    }
  }

  @Test("NULs at the head are not archived, and a log of nothing else is empty")
  func nulHead() throws {
    let rig = Rig([Self.job(.auto)])
    rig.fill("a.log", String(repeating: "\0", count: 100))
    try rig.live(seconds: 130) { rig in
      rig.at(70) { rig.fill("a.log", Self.text(1...3)) }
    }
    #expect(rig.messages(.rotated).count == 1)
    #expect(rig.disk.content(of: "/logs/a.log.1") == Self.text(1...3))
  }

  @Test("the best method is chosen that file system and writers allow")
  func auto() throws {
    func message(_ support: TruncationSupport, offsetWriters: OffsetWriters = .none) throws -> String {
      let rig = Rig([Self.job(.auto)])
      rig.disk.cutSupport = support
      rig.disk.offsetWriters = offsetWriters
      rig.fill("a.log", Self.text(1...9))
      try rig.live(seconds: 65)
      return rig.messages(.rotated).joined()
    }
    #expect(try message(TruncationSupport(collapses: true, punches: true)).contains("by collapse"))
    #expect(try message(TruncationSupport(collapses: true, punches: true), offsetWriters: .some).contains("by punch"))
    #expect(try message(TruncationSupport(collapses: false, punches: true)).contains("by punch"))
    // "Unknown" is not "no".
    #expect(
      try message(TruncationSupport(collapses: true, punches: true), offsetWriters: .unknown).contains("by punch"))
    let copied = try message(TruncationSupport(collapses: false, punches: false))
    #expect(copied.contains("truncated by copy, which loses what is written between the last read and the truncation"))
  }

  @Test(
    "a method that the file system does not support changes nothing, and is reported",
    arguments: [TruncationMethod.collapse, .punch])
  func unsupported(way: TruncationMethod) throws {
    let rig = Rig([Self.job(way)])
    rig.disk.cutSupport = TruncationSupport(collapses: false, punches: false)
    rig.fill("a.log", Self.text(1...9))
    try rig.live(seconds: 65)
    #expect(rig.disk.content(of: "/logs/a.log") == Self.text(1...9))
    #expect(rig.disk.content(of: "/logs/a.log.1") == nil)
    #expect(rig.messages(.failed).first?.contains("cannot rotate: \(way.rawValue)") == true)
  }

  @Test("a punched log does not exceed its size limit for ever, and one without a complete line is reported")
  func sizes() throws {
    var job = Self.job(.punch)
    job.schedule = nil
    job.sizeLimit = SizeLimit(bytes: 50, check: .seconds(10))
    let rig = Rig([job])
    try rig.live(seconds: 100) { rig in
      rig.fill("a.log", Self.text(1...9))
      rig.at(35) { rig.fill("a.log", "short\n") }
      rig.at(55) { rig.fill("a.log", String(repeating: "x", count: 60)) }
    }
    #expect(rig.messages(.rotated).count == 2)
    rig.fill("a.log", String(repeating: "y", count: 60))
    try rig.live(seconds: 30)
    #expect(rig.messages(.note).contains { $0.contains("it has no complete line") })
  }

  @Test("keep 0 drops the content and nothing else", arguments: ways)
  func keepNone(way: TruncationMethod) throws {
    let rig = Rig([Self.job(way, keep: 0)])
    rig.fill("a.log", Self.text(1...9))
    try rig.live(seconds: 65)
    #expect(rig.disk.directories["/logs"]?.keys.sorted() == ["a.log"])
    #expect(Self.lines(rig) == [])
  }

  @Test("a rotation starts again if the log was given another file while it was copied")
  func swapped() throws {
    let rig = Rig([Self.job(.punch)])
    rig.fill("a.log", Self.text(1...9))
    var isDone = false
    rig.disk.afterChange = { call, _, _ in
      guard call == .copy, !isDone else { return }
      isDone = true
      rig.disk.plant(.regular, at: "/logs/a.log", content: Self.text(10...12))
    }
    try rig.live(seconds: 65)
    #expect(rig.disk.content(of: "/logs/a.log.1") == Self.text(10...12))
    #expect(rig.disk.content(of: "/logs/a.log.2") == nil)
  }

  @Test("a job that changes to moving finishes the truncation that it began")
  func changedMethod() throws {
    let rig = Rig([Self.job(.punch)])
    rig.fill("a.log", Self.text(1...9))
    try rig.live(seconds: 200) { rig in
      rig.disk.fault = { call, _, _ in
        call == .cut && rig.driver.now().nanoseconds < 150 * Rig.second ? .io : nil
      }
      rig.at(100) {
        rig.configuration.jobs[0].policy.rules.method = .move
        rig.manager.send(.reload)
      }
    }
    #expect(Self.lines(rig) == Self.lines(1...9))
  }

  /// A record of a truncation that anybody may have written, of a log and the file under the name of its first archive.
  private func record(
    _ rig: Rig, way: TruncationMethod, _ range: Range<Int64>, isPunched: Bool = false, live: String, archive: String?
  ) throws {
    rig.fill("a.log", live)
    if let archive { rig.disk.plant(.regular, at: "/logs/a.log.1", content: archive) }
    let inode = try #require(rig.disk.inode(of: "/logs/a.log"))
    var cut = Truncation(
      live: inode, archive: rig.disk.inode(of: "/logs/a.log.1") ?? 9_999, start: range.lowerBound,
      end: range.upperBound, way: way, blockSize: SimulatedFileSystem.blockSize, due: nil)
    cut.isPunched = isPunched
    let store = StateStore(fileSystem: rig.disk, directory: try rig.disk.openDirectory("/state"))
    store.record([.cutting(log: "/logs/a.log", cut)])
  }

  @Test("a record alone removes nothing from a log: what the archive does not have stays", arguments: ways)
  func recordBeforeStart(way: TruncationMethod) throws {
    // The archive agrees with the record, and the log has lines before that.
    let rig = Rig([Self.job(way, every: 3600)])
    let (before, lines) = (Self.text(1...5), Self.text(6...9))
    let start = Int64(before.utf8.count)
    try record(
      rig, way: way, start..<(start + Int64(lines.utf8.count)), live: before + lines, archive: lines)
    try rig.live(seconds: 60)
    #expect(rig.disk.content(of: "/logs/a.log") == before + lines)
  }

  @Test(
    "a record that bytes were archived and punched is not enough to remove their blocks",
    arguments: [nil, "another's\n"])
  func recordOfPunched(archive: String?) throws {
    let rig = Rig([Self.job(.collapse, every: 3600)])
    let live = String(repeating: "\0", count: 64) + Self.text(1...5)
    try record(rig, way: .collapse, 0..<80, isPunched: true, live: live, archive: archive)
    try rig.live(seconds: 60)
    #expect(rig.disk.content(of: "/logs/a.log") == live)
    // It is rotated as any other when it is due.
    try rig.live(seconds: 3700)
    #expect(Self.lines(rig).filter { $0.hasPrefix("line") } == Self.lines(1...5))
  }

  @Test("an archive whose content is not yet removed from its log is neither compressed nor moved")
  func uncutArchive() throws {
    var job = Self.job(.punch)
    job.policy.rules.compression = Compression(command: ["gzip"], suffix: ".gz", from: 1)
    let rig = Rig([job])
    try rig.live(seconds: 200) { rig in
      rig.fill("a.log", Self.text(1...9))
      rig.disk.fault = { call, _, _ in
        call == .cut && rig.driver.now().nanoseconds < 100 * Rig.second ? .io : nil
      }
      rig.at(95) { #expect(rig.names.map(\.description).filter { $0.hasPrefix("a.log") } == ["a.log", "a.log.1"]) }
    }
    #expect(rig.content("a.log.1.gz") == Self.text(1...9), "\(rig.names) \(rig.reports.map(\.message))")
    #expect(rig.disk.content(of: "/logs/a.log")?.contains("line") == false)
  }
}
