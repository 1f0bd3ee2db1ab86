import Daemon
import Rotation
import Simulation
import Testing

/// What another user puts under the hidden names of a log, where others can write to its directory.
@Suite("A foreign file under a hidden name of the daemon")
struct ForeignNameTests {
  private static let staging: FilePath = "/logs/.a.log.rotated"

  enum Obstacle: CaseIterable {
    case directory, link, pipe, file, emptyFile

    func plant(_ rig: Rig, at path: FilePath) {
      switch self {
      case .directory: rig.disk.plant(.directory, at: path, user: 1001)
      case .link: rig.disk.plant(.symbolicLink, at: path, content: "/etc/shadow", user: 1001)
      case .pipe: rig.disk.plant(.other, at: path, user: 1001)
      case .file: rig.disk.plant(.regular, at: path, content: "planted\n", user: 1001)
      case .emptyFile: rig.disk.plant(.regular, at: path, user: 1001)
      }
    }
  }

  @Test(
    "stays and is reported once, the log is rotated by another name, and no archive is pushed out by it",
    arguments: Obstacle.allCases)
  func staging(obstacle: Obstacle) throws {
    let rig = Rig([Rig.job("a", every: 10, keep: 2)])
    obstacle.plant(rig, at: Self.staging)
    let inode = rig.disk.inode(of: Self.staging)
    rig.fill("a.log", "1\n")
    try rig.live(seconds: 35) { rig in
      for turn in [1, 2] { rig.at(Int64(turn) * 10 + 5) { rig.fill("a.log", "\(turn + 1)\n") } }
    }
    #expect(rig.disk.inode(of: Self.staging) == inode)
    #expect(rig.names == [".a.log.rotated", "a.log", "a.log.1", "a.log.2"])
    #expect([rig.content("a.log.1"), rig.content("a.log.2")] == ["3\n", "2\n"])
    let said = rig.reports.map(\.message).filter { $0.contains("of user 1001)") }
    #expect(said.count == 1 && said.first?.contains(".a.log.rotated (") == true, "\(said)")
  }

  @Test(
    "is no archive where it is a directory with the name of one: `keep` holds for the others, and it is reported once",
    arguments: [false, true])
  func directoryAsArchive(hasFastExchange: Bool) throws {
    let rig = Rig([Rig.job("a", every: 10, keep: 2)])
    rig.disk.hasFastExchange = hasFastExchange
    rig.disk.plant(.directory, at: "/logs/a.log.3")
    for number in [1, 2] { rig.disk.plant(.regular, at: "/logs/a.log.\(number)", content: "old \(number)\n") }
    rig.fill("a.log", "0\n")
    try rig.live(seconds: 55) { rig in
      for turn in 1...4 { rig.at(Int64(turn) * 10 + 5) { rig.fill("a.log", "\(turn)\n") } }
    }
    #expect(rig.messages(.rotated).count == 5)
    #expect(rig.names == ["a.log", "a.log.1", "a.log.2", "a.log.4"])
    #expect([rig.content("a.log.1"), rig.content("a.log.2")] == ["4\n", "3\n"])
    let said = rig.reports.filter { $0.errno == .isDirectory }.map(\.message)
    #expect(said.count == 1, "\(said)")
  }

  @Test(
    "does not keep an interrupted rotation from being finished, under whichever name it was begun",
    arguments: [false, true])
  func crash(isTakenAway: Bool) throws {
    for changes in 1...12 {
      let rig = Rig([Rig.job("a", every: 10, keep: 2)])
      Obstacle.file.plant(rig, at: Self.staging)
      rig.fill("a.log", "1\n")
      rig.disk.plant(.regular, at: "/logs/a.log.1", content: "0\n")
      try rig.live(seconds: 15) { rig in
        rig.disk.onCrash = { rig.crash() }
        rig.disk.changesUntilCrash = changes
      }
      rig.disk.onCrash = nil
      if isTakenAway { rig.disk.delete(Self.staging) }
      try rig.live(seconds: 15)
      let names = rig.names.filter { isTakenAway || $0 != ".a.log.rotated" }
      #expect(names == ["a.log", "a.log.1", "a.log.2"], "crash after \(changes)")
      #expect([rig.content("a.log.1"), rig.content("a.log.2")] == ["1\n", "0\n"], "crash after \(changes)")
    }
  }

  @Test("keeps the log from being rotated if all names are taken, which is reported")
  func everyName() throws {
    let rig = Rig([Rig.job("a", every: 10)])
    for index in 0..<StagingName.count {
      rig.disk.plant(.directory, at: "/logs/\(StagingName.of("a.log", index))", user: 1001)
    }
    rig.fill("a.log", "1\n")
    try rig.live(seconds: 25)
    #expect(rig.content("a.log") == "1\n")
    #expect(rig.reports.filter { $0.message.contains("are taken by files that are not of rotated") }.count == 1)
  }

  @Test("does not stop compression, and is not taken for the remains of one", arguments: Obstacle.allCases)
  func superseded(obstacle: Obstacle) throws {
    var job = Rig.job("a", every: 10)
    job.policy.rules.compression = Compression(command: ["gzip", "-c"], suffix: ".gz")
    let rig = Rig([job])
    let hidden: [FileName] = [".a.log.1.rotated-spent", ".a.log.2.rotated-spent", ".a.log.2.rotated-output"]
    for name in hidden { obstacle.plant(rig, at: "/logs/\(name)") }
    rig.fill("a.log", "1\n")
    try rig.live(seconds: 15)
    #expect(rig.names == hidden.sorted() + ["a.log", "a.log.1.gz"])
    #expect(rig.content("a.log.1.gz") == "1\n")
    #expect(rig.reports.filter { $0.message.contains("is not a file of rotated") }.count == 3)
  }
  @Test("is not the log that a crash has left there, whoever owns it")
  func otherOwner() throws {
    for changes in 1...12 {
      var job = Rig.job("a", every: 10, keep: 2)
      job.policy.rules.creation = .create(mode: nil, user: 33, group: nil)
      let rig = Rig([job])
      rig.disk.plant(.regular, at: "/logs/a.log", content: "1\n", user: 1001)
      try rig.live(seconds: 15) { rig in
        rig.disk.onCrash = { rig.crash() }
        rig.disk.changesUntilCrash = changes
      }
      rig.disk.onCrash = nil
      try rig.live(seconds: 15)
      #expect(rig.names == ["a.log", "a.log.1"], "crash after \(changes)")
      #expect(rig.content("a.log.1") == "1\n", "crash after \(changes)")
    }
  }
  @Test("may be a second name of a file that belongs to us, which is neither removed nor made an archive")
  func secondName() throws {
    let rig = Rig([Rig.job("a", every: 10, keep: 2)])
    rig.disk.makeDirectory("/etc")
    rig.disk.plant(.regular, at: "/etc/shadow", content: "secret\n")
    let (etc, logs) = (try rig.disk.openDirectory("/etc"), try rig.disk.openDirectory("/logs"))
    try rig.disk.link("shadow", in: etc, to: ".a.log.rotated", in: logs)
    rig.fill("a.log", "1\n")
    try rig.live(seconds: 15)
    #expect(rig.names == [".a.log.rotated", "a.log", "a.log.1"])
    #expect(rig.content("a.log.1") == "1\n")
    #expect(rig.disk.inode(of: Self.staging) == rig.disk.inode(of: "/etc/shadow"))
  }
}
