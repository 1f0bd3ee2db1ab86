import Config
import Daemon
import Rotation
import Simulation
import Testing
import Timekeeping

/// A job that compresses, each minute.
private func job(_ name: String = "a", keep: Int = 5, after: Int64 = 0, from: Int = 1) -> Job {
  var job = Rig.job(name, every: 60, keep: keep)
  job.policy.rules.compression = Compression(
    command: ["gzip", "-c"], suffix: ".gz", after: .seconds(after), from: from)
  return job
}

@Suite("Compression")
struct CompressionTests {
  @Test("switched on over plain archives keeps every day")
  func switchedOn() throws {
    let rig = Rig([job(keep: 10)])
    for number in 1...4 { rig.disk.plant(.regular, at: "/logs/a.log.\(number)", content: "day \(number)\n") }
    rig.fill("a.log", "today\n")
    try rig.live(seconds: 130) { rig in rig.at(90) { rig.fill("a.log", "tomorrow\n") } }
    #expect(rig.names == ["a.log"] + (1...6).map { "a.log.\($0).gz" })
    let days = (1...6).map { rig.content("a.log.\($0).gz") }
    #expect(days == ["tomorrow\n", "today\n", "day 1\n", "day 2\n", "day 3\n", "day 4\n"])
  }

  @Test("that fails keeps every day uncompressed, stops no rotation, is reported once, and is done later")
  func failing() throws {
    let rig = Rig([job(keep: 10)])
    var isBroken = true
    rig.processes.play = { _ throws(Errno) in
      isBroken
        ? SimulatedProcesses.Play(takes: 1, end: .exited(1), tears: true, lines: ["no room"])
        : SimulatedProcesses.Play(takes: 1)
    }
    try rig.live(seconds: 700) { rig in
      for day in 0..<5 { rig.at(Int64(60 * day + 5)) { rig.fill("a.log", "day \(day)\n") } }
      rig.at(310) {
        #expect(rig.names == ["a.log"] + (1...5).map { "a.log.\($0)" })
        #expect(rig.messages(.rotated).count == 5)
        isBroken = false
      }
    }
    #expect((1...5).map { rig.content("a.log.\($0).gz") } == (0..<5).reversed().map { "day \($0)\n" })
    #expect(rig.names.count == 6)
    let notified = rig.messages(.note).filter { $0.contains("cannot compress") }
    #expect(notified.count == 5, "once for each archive: \(notified)")
    #expect(notified.first?.contains("a.log.1: gzip ended with exit code 1: no room; trying again later") == true)
  }

  @Test("by a missing program leaves the archive uncompressed, with the reason")
  func missing() throws {
    let rig = Rig([job()])
    rig.processes.play = { _ throws(Errno) in throw .noEntry }
    rig.fill("a.log")
    try rig.live(seconds: 200)
    #expect(rig.names == ["a.log", "a.log.1"])
    let notified = rig.messages(.note).filter { $0.contains("cannot start gzip: no such file or directory (ENOENT)") }
    #expect(notified.count == 1)
  }

  @Test("follows its archive when a rotation renames it meanwhile")
  func moved() throws {
    let rig = Rig([job()])
    rig.processes.play = { _ throws(Errno) in SimulatedProcesses.Play(takes: 90 * Rig.second) }
    rig.fill("a.log", "first\n")
    try rig.live(seconds: 300) { rig in rig.at(70) { rig.fill("a.log", "second\n") } }
    #expect(rig.names == ["a.log", "a.log.1.gz", "a.log.2.gz"])
    #expect(rig.content("a.log.2.gz") == "first\n")
  }

  @Test("is interrupted when somebody opens the archive, and has that late line")
  func brokenOff() throws {
    let rig = Rig([job()])
    rig.processes.play = { _ throws(Errno) in SimulatedProcesses.Play(takes: 20 * Rig.second) }
    rig.fill("a.log", "line\n")
    try rig.live(seconds: 170) { rig in
      rig.at(65) {
        guard let inode = rig.disk.openForWriting("/logs/a.log.1") else { return }
        rig.at(40) {
          #expect(rig.names == ["a.log", "a.log.1"])
          rig.disk.append("late\n", toOpen: inode)
          rig.disk.close(inode)
        }
      }
    }
    #expect(rig.processes.started.count == 2)
    #expect(rig.names == ["a.log", "a.log.1.gz"])
    #expect(rig.content("a.log.1.gz") == "line\nlate\n")
  }

  @Test("runs in no more children than are allowed, over all jobs, and a reload can change that")
  func maxChildren() throws {
    let rig = Rig((0..<6).map { job("\($0)") })
    rig.configuration.daemon.maxChildren = 2
    for number in 0..<6 { rig.fill("\(number).log") }
    try rig.live(seconds: 100)
    #expect(rig.processes.started.count == 6)
    #expect(rig.processes.mostRunning == 2)
    for number in 0..<6 { rig.fill("\(number).log") }
    try rig.live(seconds: 130) { rig in
      rig.at(5) {
        rig.configuration.daemon.maxChildren = 4
        rig.manager.send(.reload)
      }
    }
    #expect(rig.processes.mostRunning == 4)
    #expect(rig.processes.started.allSatisfy { $0.request.isBackground })
  }

  @Test("waits for its age, and leaves the newest uncompressed, as the config says")
  func afterAndFrom() throws {
    let rig = Rig([job("late", after: 100), job("second", from: 2)])
    for name: FileName in ["late.log", "second.log"] { rig.fill(name, "one\n") }
    try rig.live(seconds: 190) { rig in
      rig.at(70) { rig.fill("second.log", "two\n") }
      rig.at(90) { #expect(rig.names.contains("late.log.1")) }
    }
    #expect(rig.names == ["late.log", "late.log.1.gz", "second.log", "second.log.1", "second.log.2.gz"])
  }

  @Test("stops with the daemon and leaves nothing half-made; the next start does it")
  func stopped() throws {
    let rig = Rig([job()])
    rig.processes.play = { _ throws(Errno) in SimulatedProcesses.Play(takes: nil) }
    rig.fill("a.log", "line\n")
    try rig.live(seconds: 65)
    #expect(rig.processes.running == 0, "the child was killed, and waited for")
    #expect(rig.names == ["a.log", "a.log.1"])
    #expect(rig.disk.outputs.isEmpty)
    rig.processes.play = { _ throws(Errno) in SimulatedProcesses.Play(takes: 1) }
    try rig.live(seconds: 5)
    #expect(rig.names == ["a.log", "a.log.1.gz"])
  }

  @Test("that is switched off by a reload ends at once")
  func switchedOff() throws {
    let rig = Rig([job()])
    rig.processes.play = { _ throws(Errno) in SimulatedProcesses.Play(takes: 30 * Rig.second) }
    rig.fill("a.log", "line\n")
    try rig.live(seconds: 200) { rig in
      rig.at(65) {
        rig.configuration.jobs[0].policy.rules.compression = nil
        rig.manager.send(.reload)
      }
    }
    #expect(rig.names == ["a.log", "a.log.1"])
    #expect(rig.processes.running == 0)
  }

  @Test("removes no source if the directory cannot be synced, or the source cannot be removed")
  func badDisk() throws {
    for call in [SimulatedFileSystem.Call.write, .remove] {
      let rig = Rig([job()])
      var failures = 0
      rig.disk.fault = { [unowned rig] made, directory, _ in
        guard made == call, directory == "/logs", failures < 3 else { return nil }
        failures += 1
        #expect(rig.content("a.log.1") ?? rig.content(".a.log.1.rotated-spent") == "line\n")
        return .io
      }
      rig.fill("a.log", "line\n")
      try rig.live(seconds: 400)
      #expect(failures == 3)
      #expect(rig.names == ["a.log", "a.log.1.gz"])
      #expect(rig.content("a.log.1.gz") == "line\n")
    }
  }

  @Test("leaves a file alone that has another name")
  func hardLinked() throws {
    let rig = Rig([job()])
    rig.fill("a.log", "line\n")
    try rig.live(seconds: 100) { rig in
      rig.at(30) {
        guard let directory = try? rig.disk.openDirectory("/logs") else { return }
        rig.disk.plant(.regular, at: "/logs/a.log.1", content: "linked\n")
        try? rig.disk.link("a.log.1", to: "other", in: directory)
      }
    }
    #expect(rig.names == ["a.log", "a.log.1.gz", "a.log.2", "other"])
    #expect(rig.messages(.note).contains { $0.contains("it has another name (2 hard links)") })
  }

  @Test("that a crash has interrupted is done again, wherever its files are")
  func leftovers() throws {
    let zip = SimulatedProcesses.mark
    for (superseded, copy, end) in [
      (".a.log.1.rotated-spent", "a.log.1.gz", "a.log.1.gz"), (".a.log.1.rotated-spent", "a.log.2.gz", "a.log.2.gz"),
      ("a.log.1", "a.log.1.gz", "a.log.1.gz"), (".a.log.1.rotated-spent", nil, "a.log.1.gz"),
    ] as [(String, String?, String)] {
      let rig = Rig([job()])
      if superseded.hasPrefix("."), copy == "a.log.2.gz" {
        rig.disk.plant(.regular, at: "/logs/a.log.1.gz", content: zip + "newer\n")
        rig.driver.advance(by: Rig.second)
      }
      rig.disk.plant(.regular, at: "/logs/\(superseded)", content: "line\n")
      if let copy { rig.disk.plant(.regular, at: "/logs/\(copy)", content: zip) }
      rig.disk.plant(.regular, at: "/logs/.a.log.3.rotated-output", content: "torn")
      try rig.live(seconds: 10)
      #expect(rig.content(FileName(end)) == "line\n", "\(superseded) \(copy ?? "")")
      #expect(rig.names.allSatisfy { $0.bytes.suffix(3).elementsEqual(".gz".utf8) }, "\(rig.names)")
    }
  }
}

@Suite("Writers of archives")
struct ReleaseTests {
  @Test("are awaited, named if they do not close the archive, and it is compressed when they do")
  func holdsOn() throws {
    let rig = Rig([job()])
    let writer = rig.disk.openForWriting("/logs/a.log")
    let inode = try #require(writer)
    rig.disk.append("line\n", toOpen: inode)
    try rig.live(seconds: 305) { rig in
      rig.at(200) { #expect(rig.names == ["a.log", "a.log.1"]) }
      rig.at(300) { rig.disk.close(inode) }
    }
    #expect(rig.names == ["a.log", "a.log.1.gz"])
    let notified = rig.messages(.note)
    #expect(
      notified == [
        "job a: /logs/a.log: a.log.1 is still open for writing in pid 4711 (app), so it is neither compressed nor removed: new "
          + "lines go there, and a.log stays empty; make the process reopen its log with `notify`, or restart it, or use "
          + "`method = \"truncate\"`"
      ])
    #expect(rig.messages(.resolved) == ["job a: /logs/a.log: its writer has closed it"])
  }

  @Test("keep a surplus archive from being removed until they close it")
  func surplus() throws {
    let rig = Rig([Rig.job("a", every: 60, keep: 0)])
    let writer = rig.disk.openForWriting("/logs/a.log")
    let inode = try #require(writer)
    rig.disk.append("line\n", toOpen: inode)
    try rig.live(seconds: 305) { rig in
      rig.at(290) { #expect(rig.names == ["a.log", "a.log.1"]) }
      rig.at(300) { rig.disk.close(inode) }
    }
    #expect(rig.names == ["a.log"])
    #expect(rig.messages(.failed) == [])
  }

  @Test("have their time if the file system has no leases, which is reported once")
  func leaseless() throws {
    let rig = Rig([job()])
    rig.disk.hasNoLeases = true
    rig.fill("a.log", "line\n")
    try rig.live(seconds: 200) { rig in
      rig.at(85) { #expect(rig.names == ["a.log", "a.log.1"]) }
      rig.at(100) { rig.fill("a.log", "second\n") }
    }
    #expect(rig.names == ["a.log", "a.log.1.gz", "a.log.2.gz"])
    #expect(rig.messages(.note).count == 1)
    #expect(
      rig.messages(.note).first?.hasPrefix("/logs: the file system has no leases (invalid argument (EINVAL))") == true)
  }

  @Test(
    "of many logs are awaited while no archive is open, and checked as soon as one is closed",
    arguments: [false, true])
  func descriptors(hasNoWatches: Bool) throws {
    let count = 100
    let rig = Rig((0..<count).map { job("\($0)") })
    rig.disk.hasNoWatches = hasNoWatches
    var inodes: [UInt64] = []
    for number in 0..<count {
      let inode = try #require(rig.disk.openForWriting("/logs/\(number).log"))
      rig.disk.append("line\n", toOpen: inode)
      inodes.append(inode)
    }
    func compressed() -> Int { (0..<count).count { rig.content("\($0).log.1.gz") == "line\n" } }
    try rig.live(seconds: 400) { rig in
      rig.at(100) { #expect(rig.disk.heldByDaemon == 0) }
      rig.at(200) { for inode in inodes { rig.disk.close(inode) } }
      // One child at a time, of a second each; without a watch, the next check may be a minute away.
      if !hasNoWatches { rig.at(302) { #expect(compressed() == count) } }
    }
    #expect(compressed() == count)
    #expect(rig.disk.mostHeldByDaemon <= 4)
    #expect(rig.disk.heldByDaemon == 0)
  }
}
