import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

/// Archives to which a writer continues to write, in jobs that do nothing more with them.
@Suite("A writer that continues to write to the archive")
struct HeldArchiveTests {
  /// Rotates each hour, and does nothing more.
  private static func job(_ edit: (inout Job) -> Void = { _ in }) -> Job {
    var job = Rig.job("a", every: 3600)
    job.policy.rules.reopenTimeout = .seconds(30)
    edit(&job)
    return job
  }

  private func start(_ job: Job, _ text: String = "x\n") throws -> (rig: Rig, writer: UInt64) {
    let rig = Rig([job])
    let writer = try #require(rig.disk.openForWriting("/logs/a.log"))
    rig.disk.append(text, toOpen: writer)
    return (rig, writer)
  }

  private func notes(_ rig: Rig) -> [String] { rig.reports.filter { $0.kind == .note }.map(\.message) }

  private func record(_ rig: Rig) throws -> StateStore.LogRecord? {
    rig.disk.restart()
    let state = StateStore(fileSystem: rig.disk, directory: try rig.disk.openDirectory("/state"))
    _ = state.load(keepsDamaged: false)
    return state.log("/logs/a.log")
  }

  @Test(
    "is named after `reopen-timeout`, once, with the consequence and the remedy, and when it has closed the archive")
  func named() throws {
    let (rig, writer) = try start(Self.job())
    try rig.live(seconds: 20_000) { rig in
      rig.at(3629) { #expect(notes(rig) == []) }
      rig.at(3632) {
        #expect(
          notes(rig) == [
            "job a: /logs/a.log: a.log.1 is still open for writing in pid 4711 (app): new lines go there, and a.log stays "
              + "empty; make the process reopen its log with `notify`, or restart it, or use `method = \"truncate\"`"
          ])
      }
      rig.at(15_000) { rig.disk.close(writer) }
    }
    #expect(notes(rig).count == 1)
    #expect(rig.messages(.resolved) == ["job a: /logs/a.log: its writer has closed it"])
    #expect(try record(rig)?.awaited == [])
  }

  @Test("is named again only if it is another, and not for each process that it starts")
  func children() throws {
    let (rig, _) = try start(Self.job())
    try rig.live(seconds: 30_000) { rig in
      for number: Int64 in 0..<40 {
        rig.at(3000 + 600 * number) {
          let app = number < 30 ? "pid 4711 (app)" : "pid 4712 (app)"
          let child = "pid \(5000 + number) (sleep)"
          rig.disk.writers = number % 2 == 0 ? [app, child] : [child, app]
        }
      }
    }
    let notified = notes(rig)
    #expect(notified.count == 2, "\(notified)")
    #expect(notified.first?.contains("4711") == true && notified.last?.contains("4712") == true, "\(notified)")
  }

  /// Jobs that reported nothing before.
  enum Kind: CaseIterable {
    case plain, dated, archiveDirectory, otherFileSystem, pattern, fewKept, noLeases

    func edit(_ job: inout Job) {
      switch self {
      case .plain, .noLeases: break
      case .dated: job.policy.rules.naming = Naming(style: .dated(DateFormat(text: "-%Y%m%d")))
      case .archiveDirectory, .otherFileSystem:
        job.policy.rules.archiveDirectory = ArchiveDirectory(path: self == .archiveDirectory ? "old" : "/other/old")
      case .pattern: job.logs = [LogPattern("/logs/*.log")]
      case .fewKept: job.policy.rules.keep = 0
      }
    }
  }

  @Test("is named in every kind of job, and its new log is empty until it closes the archive", arguments: Kind.allCases)
  func everyKind(_ kind: Kind) throws {
    let (rig, writer) = try start(Self.job(kind.edit))
    if kind == .otherFileSystem {
      rig.disk.makeDirectory("/other")
      rig.disk.mounts = ["/other"]
    }
    rig.disk.hasNoLeases = kind == .noLeases
    var notified: [String] = []
    try rig.live(seconds: 9000) { rig in
      rig.at(3700) {
        notified = notes(rig).filter { $0.contains("still open for writing in pid 4711 (app)") }
        rig.disk.append("late\n", toOpen: writer)
      }
      rig.at(7000) { rig.disk.close(writer) }
    }
    #expect(notified.count == 1, "\(notes(rig))")
    #expect(notified.first?.contains("new lines go there, and a.log stays empty") == true)
  }

  @Test("that closes it in time is not named, and a close is remembered")
  func letsGo() throws {
    let (rig, writer) = try start(Self.job())
    try rig.live(seconds: 3700) { rig in rig.at(3610) { rig.disk.close(writer) } }
    #expect(notes(rig) == [])
    #expect(try record(rig)?.awaited == [])
    try rig.live(seconds: 100)
    #expect(notes(rig) == [])
  }

  @Test("is named after a restart at the time at which it would have been without", arguments: [true, false])
  func restart(stops: Bool) throws {
    let (rig, _) = try start(Self.job())
    try rig.live(seconds: 3612, stops: stops)
    #expect(rig.names == ["a.log", "a.log.1"])
    try rig.live(seconds: 200) { rig in
      rig.at(16) { #expect(notes(rig) == []) }
      rig.at(21) { #expect(notes(rig).count == 1) }
    }
    #expect(notes(rig).count == 1)
    #expect(try record(rig)?.awaited.count == 1)
    // A daemon that was down for long names it at once.
    rig.driver.advance(by: 86_400 * Rig.second)
    try rig.live(seconds: 2)
    #expect(notes(rig).count == 2)
  }

  @Test("gets its log back after a restart, if the config says so", arguments: [true, false])
  func undo(stops: Bool) throws {
    let (rig, writer) = try start(Self.job { $0.policy.rules.undoesWhenStuck = true })
    try rig.live(seconds: 3612, stops: stops)
    #expect(rig.disk.inode(of: "/logs/a.log.1") == writer)
    try rig.live(seconds: 60)
    #expect(rig.names == ["a.log"])
    #expect(rig.disk.inode(of: "/logs/a.log") == writer)
    #expect(try record(rig)?.awaited == [])
  }

  @Test("is notified again after a restart, if it was notified before")
  func notifiedAgain() throws {
    let (rig, _) = try start(Self.job { $0.policy.rules.hooks = [HookTests.reload] })
    try rig.live(seconds: 3612, stops: false)
    #expect(rig.notified.count == 1)
    try rig.live(seconds: 60)
    #expect(rig.notified.count == 2)
    #expect(notes(rig).count { $0.hasSuffix("a.log stays empty; the process is notified again") } == 1, "\(notes(rig))")
  }

  @Test("is found again when rotations have renamed its archive", arguments: [false, true])
  func movedOn(restarts: Bool) throws {
    let (rig, _) = try start(Self.job { $0.schedule = .interval(.seconds(10)) })
    let life: (Rig) -> Void = { rig in for time: Int64 in [12, 22] { rig.at(time) { rig.fill("a.log") } } }
    if restarts {
      try rig.live(seconds: 35, stops: false, life)
      try rig.live(seconds: 30)
    } else {
      try rig.live(seconds: 65, life)
    }
    #expect(rig.names == ["a.log", "a.log.1", "a.log.2", "a.log.3"])
    #expect(notes(rig).count == 1)
    #expect(notes(rig).first?.contains("a.log.3 is still open for writing in pid 4711 (app)") == true, "\(notes(rig))")
  }

  @Test("that has waited for long is named after a restart without waiting for one that came later")
  func longestFirst() throws {
    let (rig, _) = try start(Self.job { $0.schedule = .interval(.seconds(20)) })
    try rig.live(seconds: 45, stops: false) { rig in
      rig.at(30) {
        let later = rig.disk.openForWriting("/logs/a.log")
        if let later { rig.disk.append("y\n", toOpen: later) }
      }
    }
    #expect(rig.names == ["a.log", "a.log.1", "a.log.2"])
    #expect(notes(rig) == [])
    try rig.live(seconds: 35) { rig in
      rig.at(9) {
        #expect(notes(rig).count == 1)
        #expect(notes(rig).first?.contains("a.log.2 is still open for writing") == true, "\(notes(rig))")
      }
    }
    #expect(notes(rig).count == 2, "\(notes(rig))")
  }

  @Test("of an archive that is to be removed: the rotation reports when that happens, and not that it is removed")
  func heldSurplus() throws {
    let (rig, writer) = try start(Self.job { $0.policy.rules.keep = 1 })
    try rig.live(seconds: 12_000) { rig in
      rig.at(5000) { rig.fill("a.log", "second\n") }
      rig.at(8000) {
        #expect(rig.names == ["a.log", "a.log.1", "a.log.2"])
        rig.disk.close(writer)
      }
      rig.at(9000) { #expect(rig.names == ["a.log", "a.log.1"]) }
      rig.at(9000) { rig.fill("a.log", "third\n") }
    }
    let notified = rig.messages(.rotated)
    #expect(notified.count == 3)
    #expect(notified[1].contains("a.log.2 will be removed when pid 4711 (app) closes it"), "\(notified[1])")
    #expect(!notified[1].contains("removed a.log.2"))
    #expect(notified[2].contains(", removed a.log.2"), "\(notified[2])")
  }

  @Test("and has opened it later than the rotation keeps it only until it lets go")
  func opensLater() throws {
    let rig = Rig([Self.job { $0.policy.rules.keep = 1 }])
    rig.fill("a.log")
    try rig.live(seconds: 9100) { rig in
      var late: UInt64?
      rig.at(5000) {
        late = rig.disk.openForWriting("/logs/a.log.1")
        rig.fill("a.log", "second\n")
      }
      rig.at(8000) {
        #expect(rig.names == ["a.log", "a.log.1", "a.log.2"])
        if let late { rig.disk.close(late) }
      }
      rig.at(9000) { #expect(rig.names == ["a.log", "a.log.1"]) }
    }
    #expect(rig.messages(.rotated).last?.contains("a.log.2 will be removed when pid 4711 (app) closes it") == true)
  }

  @Test("and an error that prevents the removal of an archive are not called a removal")
  func unremoved() throws {
    let rig = Rig([Self.job { $0.policy.rules.keep = 1 }])
    for number in 1...3 { rig.disk.plant(.regular, at: "/logs/a.log.\(number)", content: "\(number)\n") }
    rig.fill("a.log")
    rig.disk.fault = { call, _, name in call == .remove && name == "a.log.3" ? .io : nil }
    try rig.live(seconds: 3605)
    let notified = rig.messages(.rotated)
    #expect(notified.count == 1)
    #expect(notified.first?.contains(", removed a.log.4; next") == true, "\(notified)")
  }

  @Test("of very many logs takes one check of each, and few listings, also after a restart", arguments: [5, 0])
  func manyLogs(keep: Int) throws {
    let rig = Rig([
      Self.job {
        $0.logs = [LogPattern("/logs/*.log")]
        $0.policy.rules.naming = Naming(style: .dated(DateFormat(text: "-%Y%m%d")))
        $0.policy.rules.keep = keep
      }
    ])
    for number in 0..<500 { rig.fill("\(1000 + number).log") }
    try rig.live(seconds: 3605, stops: false)
    var listings = 0
    rig.disk.fault = { call, directory, name in
      if call == .look, directory == "/logs", name == "" { listings += 1 }
      return nil
    }
    try rig.live(seconds: 600)
    #expect(listings < 40, "\(listings)")
    #expect(notes(rig) == [])
    rig.disk.restart()
    let state = StateStore(fileSystem: rig.disk, directory: try rig.disk.openDirectory("/state"))
    _ = state.load()
    #expect(state.awaited.isEmpty)
  }

  @Test("is awaited no longer than from now on, whatever time the state has", arguments: [Int64.min, -1, .max])
  func extremeTimes(_ nanoseconds: Int64) throws {
    let (rig, writer) = try start(Self.job())
    let state = StateStore(fileSystem: rig.disk, directory: try rig.disk.openDirectory("/state"))
    rig.disk.plant(.regular, at: "/logs/a.log.1", content: "old\n")
    let old = try #require(rig.disk.openForWriting("/logs/a.log.1"))
    let since = WallTime(nanoseconds: nanoseconds)
    state.record([.awaited(log: "/logs/a.log", inode: old, since: since)])
    try rig.live(seconds: 40)
    #expect(notes(rig).count == 1, "\(notes(rig))")
    #expect(writer != old)
  }

  @Test("costs no listing of the directory for each archive that is gone when the writers are checked")
  func manyGone() throws {
    func listings(keep: Int) throws -> Int {
      var job = Self.job()
      job.logs = [LogPattern("/logs/*.log")]
      job.schedule = .interval(.seconds(5))
      job.policy = Policy(keep: keep)
      job.policy.rules.reopenTimeout = .seconds(30)
      job.policy.rules.rotatesEmpty = true
      let rig = Rig([job])
      for number in 0..<1920 { rig.fill("\(number).log") }
      try rig.live(seconds: 62)
      #expect(rig.names.count == 1920 * (1 + keep))
      return rig.disk.listings
    }
    // Twelve rotations, and six checks in thirty slices each.
    let (gone, present) = (try listings(keep: 2), try listings(keep: 12))
    #expect(gone <= present + 6, "\(gone) listings where archives are gone, \(present) where they are not")
  }
}
