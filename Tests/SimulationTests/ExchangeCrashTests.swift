import Config
import Daemon
import Rotation
import Simulation
import Testing
import Timekeeping

/// Rotations on a disk whose exchanges cost less than renames.
@Suite("A rotation by exchanges")
struct ExchangeCrashTests {
  /// A log with three archives, of which one is pushed out by the rotation after an hour.
  private func rig(_ creation: Creation) -> Rig {
    var job = Rig.job("a", every: 3600, keep: 3)
    job.policy.rules.creation = creation
    let rig = Rig([job])
    rig.disk.hasFastExchange = true
    for age: Int64 in [3, 2, 1] {
      rig.disk.plant(.regular, at: "/logs/a.log.\(age)", content: "\(age)\n", age: age * 3600 * Rig.second)
    }
    rig.fill("a.log", "0\n")
    return rig
  }

  /// The same, where what is pushed out can be neither removed nor renamed in the first seconds.
  private func failingLast() -> Rig {
    let rig = rig(.likeOldLog)
    rig.disk.fault = { [unowned rig] call, directory, name in
      let isPushedOut = directory == "/logs" && name == ".a.log.rotated" && (call == .remove || call == .rename)
      return isPushedOut && rig.driver.now().nanoseconds < 3700 * Rig.second ? .io : nil
    }
    return rig
  }

  /// What the archives hold, the newest first.
  private func archives(_ rig: Rig) -> [String] { (1...6).compactMap { rig.content("a.log.\($0)") } }

  @Test(
    "ends as the undisturbed one after a crash at any change, and in order if the state is lost with it",
    arguments: [Creation.likeOldLog, .leftToWriter], [false, true])
  func crash(creation: Creation, losesState: Bool) throws {
    var points = 0
    for changes in 1...40 {
      let rig = rig(creation)
      try rig.live(seconds: 3700, stops: false) { rig in
        rig.at(3500) {
          rig.disk.onCrash = { [unowned rig] in rig.crash() }
          rig.disk.changesUntilCrash = changes
        }
      }
      guard rig.disk.isDead else { break }
      points += 1
      rig.disk.onCrash = nil
      if losesState { rig.disk.delete("/state/state") }
      try rig.live(seconds: 10)
      #expect(!rig.names.contains(".a.log.rotated"), "\(changes): \(rig.names)")
      let recovered = archives(rig)
      #expect(recovered == recovered.sorted(), "\(changes): \(recovered)")
      let isTaken = recovered.first == "0\n"
      if !losesState {
        #expect(recovered == ["0\n", "1\n", "2\n"], "\(changes): \(rig.names)")
        #expect(rig.content("a.log") == (creation == .likeOldLog ? "" : nil))
      } else {
        #expect(isTaken || rig.content("a.log") == "0\n")
        #expect(Set(recovered).isSuperset(of: ["1\n", "2\n"]))
      }
      // What comes next pushes out the oldest.
      if rig.content("a.log") != "0\n" { rig.fill("a.log", "-\n") }
      try rig.live(seconds: 8000)
      let next = archives(rig)
      #expect(next == (isTaken ? ["-\n", "0\n", "1\n"] : ["0\n", "1\n", "2\n"]), "\(changes): \(next)")
    }
    #expect(points >= 7, "\(points)")
  }

  @Test("leaves what it pushes out under the next number while a process writes to it, and removes it afterwards")
  func held() throws {
    let rig = rig(.likeOldLog)
    let late = try #require(rig.disk.openForWriting("/logs/a.log.3"))
    try rig.live(seconds: 4000)
    #expect(archives(rig) == ["0\n", "1\n", "2\n", "3\n"])
    #expect(!rig.names.contains(".a.log.rotated"))
    #expect(
      rig.messages(.rotated).contains { $0.contains("a.log.4 will be removed when pid 4711 (app) closes it") },
      "\(rig.messages(.rotated))")
    try rig.live(seconds: 100) { rig in rig.at(50) { rig.disk.close(late) } }
    rig.fill("a.log", "-\n")
    try rig.live(seconds: 4000)
    #expect(archives(rig) == ["-\n", "0\n", "1\n"])
  }

  @Test("that fails on its way is finished by the next run", arguments: 1...5)
  func failure(exchanges: Int) throws {
    let rig = rig(.likeOldLog)
    var count = 0
    rig.disk.fault = { call, directory, _ in
      guard call == .exchange || call == .remove, directory == "/logs" else { return nil }
      count += 1
      return count == exchanges ? .io : nil
    }
    try rig.live(seconds: 9000)
    #expect(count > exchanges)
    #expect(archives(rig) == ["0\n", "1\n", "2\n"], "\(rig.names)")
    #expect(rig.content("a.log") == "" && !rig.names.contains(".a.log.rotated"))
  }

  /// Month 94 found it: what was pushed out stayed beyond a gap for ever, and newer archives went before it.
  @Test("that fails at its last step keeps retention from the archives that are newer than the one that is pushed out")
  func retention() throws {
    let rig = failingLast()
    var names: [FileName] = []
    try rig.live(seconds: 7000) { rig in
      rig.at(3650) {
        rig.configuration.jobs[0].policy.rules.maxTotal = 5
        rig.manager.send(.reload)
      }
      rig.at(3690) { names = rig.names }
    }
    #expect(names == [".a.log.rotated", "a.log", "a.log.1", "a.log.2", "a.log.3"])
    #expect(!rig.reports.contains { $0.message.contains("no job has that log") })
    #expect(archives(rig) == ["0\n", "1\n"], "\(rig.names)")
  }

  @Test(
    "that fails at its last step gives what is pushed out the next number, though somebody has removed the one before it"
  )
  func removedMeanwhile() throws {
    let rig = failingLast()
    try rig.live(seconds: 7000) { rig in rig.at(3650) { rig.disk.delete("/logs/a.log.3") } }
    #expect(archives(rig) == ["0\n", "1\n", "3\n"], "\(rig.names)")
    #expect(rig.names == ["a.log", "a.log.1", "a.log.2", "a.log.3"])
  }

  @Test("sets aside an archive whose number is not known, says so, and removes none for it")
  func undecided() throws {
    let rig = rig(.likeOldLog)
    // As a crash may leave it that takes the state with it, and somebody copies the archives meanwhile.
    rig.disk.plant(.regular, at: "/logs/.a.log.rotated", content: "x\n", age: 2 * 3600 * Rig.second)
    try rig.live(seconds: 10)
    let aside = try #require(rig.names.first { SetAsideName.isOne($0) })
    #expect(rig.content(aside) == "x\n" && archives(rig) == ["1\n", "2\n", "3\n"])
    #expect(
      rig.messages(.recovered) == [
        "job a: finished an interrupted rotation of /logs/a.log: which number one archive had is not known; "
          + "it is now \(aside), and nothing removes it"
      ])
  }
}
