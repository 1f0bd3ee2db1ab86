import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("What is done with an archive before it is removed")
struct RemovalTaskTests {
  private typealias World = RemovalWorld
  private static let end = World.end
  private static let between = World.between

  @Test("the mail reads the archive, then the script gets its path, then it is removed")
  func order() throws {
    let world = World()
    world.play = { _ in
      #expect(world.contents() == Self.between)
      return SimulatedProcesses.Play(takes: Rig.second)
    }
    try world.rig.live(seconds: 3700)
    #expect(
      world.told == [
        World.Told(program: "mail", last: "root", input: "one\n"),
        World.Told(program: "ship", last: "/logs/a.log.2", input: ""),
      ])
    let mail = try #require(world.rig.processes.started.first?.request)
    #expect(mail.arguments == ["mail", "-s", "/logs/a.log.2", "root"] && mail.limit == .seconds(60))
    #expect(world.contents() == Self.end)
    #expect(
      world.rig.messages(.note).suffix(2) == [
        "job a: /logs/a.log.2, before it is removed: mailed to root",
        "job a: /logs/a.log.2, before it is removed: its `preremove` script has run",
      ])
  }

  @Test(
    "an archive that cannot be mailed stays, which is a problem; it is mailed again with growing pauses, and then it goes"
  )
  func failing() throws {
    let world = World()
    var works = false
    world.play = { $0.arguments[0] == "mail" && !works ? .failure("no route") : SimulatedProcesses.Play() }
    try world.rig.live(seconds: 4600) { rig in
      rig.at(4000) {
        #expect(world.contents() == Self.between)
        #expect(Set(world.programs) == ["mail"] && (4...12).contains(world.told.count), "\(world.told.count)")
        works = true
      }
    }
    #expect(world.contents() == Self.end)
    #expect(world.programs.suffix(2) == ["mail", "ship"])
    let failures = world.rig.reports.filter { $0.kind == .hookFailed }
    #expect(
      failures.map(\.message) == [
        "job a: /logs/a.log: cannot mail a.log.2 to root: exit code 1: no route; trying again later"
      ])
    #expect(failures.first?.priority == .error)
  }

  @Test("what has been done is not done again because the next fails")
  func once() throws {
    let world = World()
    world.play = { $0.arguments[0] == "ship" ? .failure("no") : SimulatedProcesses.Play() }
    try world.rig.live(seconds: 4000)
    #expect(world.contents() == Self.between)
    #expect(world.programs.count { $0 == "mail" } == 1 && world.programs.count { $0 == "ship" } > 3)
  }

  @Test("a child that hangs is killed at its limit, and the archive stays")
  func hangs() throws {
    let world = World()
    world.play = { _ in SimulatedProcesses.Play(takes: nil) }
    try world.rig.live(seconds: 3690)
    #expect(world.contents() == Self.between)
    #expect(world.rig.messages(.hookFailed).first?.contains("took longer than 1min") == true)
  }

  @Test("after a crash at any moment it is done again, and no archive is gone for which it was not", arguments: 0..<40)
  func crash(moment: Int64) throws {
    let world = World()
    var finished: [ExactText] = []
    world.play = { request in
      SimulatedProcesses.Play(takes: Rig.second) { finished.append(request.arguments[0]) }
    }
    world.rig.disk.afterChange = { call, _, name in
      guard call == .remove, name == "a.log.2" else { return }
      #expect(finished.contains("mail") && finished.contains("ship"), "at \(moment)")
    }
    try world.rig.live(seconds: 3700, stops: false) { rig in
      rig.driver.schedule(after: 3600 * Rig.second + moment * Rig.second / 12) { rig.crash() }
    }
    try world.rig.live(seconds: 60)
    #expect(world.contents() == Self.end, "at \(moment)")
    #expect(finished.contains("mail") && finished.contains("ship"), "at \(moment)")
  }

  @Test("an archive that a process has open for writing is mailed when it is closed, with its last line")
  func writer() throws {
    let world = World()
    let writer = try #require(world.rig.disk.openForWriting("/logs/a.log.1"))
    try world.rig.live(seconds: 5000) { rig in
      rig.at(4000) {
        #expect(world.told == [] && world.contents() == Self.between)
        rig.disk.append("late\n", toOpen: writer)
        rig.disk.close(writer)
      }
    }
    #expect(world.told.first?.input == "one\nlate\n" && world.told.count == 2)
    #expect(world.contents() == Self.end)
  }

  @Test("a mail of an archive to which somebody writes meanwhile does not count")
  func disturbed() throws {
    let world = World()
    var isOpened = false
    world.play = { request in
      guard request.arguments[0] == "mail", !isOpened else { return SimulatedProcesses.Play(takes: Rig.second) }
      isOpened = true
      world.rig.driver.schedule(after: Rig.second / 2) {
        guard let file = world.rig.disk.openForWriting("/logs/a.log.2") else { return }
        world.rig.disk.append("late\n", toOpen: file)
        world.rig.disk.close(file)
      }
      return SimulatedProcesses.Play(takes: Rig.second)
    }
    try world.rig.live(seconds: 3900)
    #expect(world.programs == ["mail", "mail", "ship"])
    #expect(world.told.dropFirst().first?.input == "one\nlate\n")
    #expect(world.contents() == Self.end)
  }

  @Test("a script during which a rotation renames the archive is run again with its new name")
  func renamed() throws {
    let world = World { job in
      job.schedule = .interval(.seconds(40))
      job.policy.rules.rotatesEmpty = true
    }
    var runs = 0
    world.play = { request in
      guard request.arguments[0] == "ship" else { return SimulatedProcesses.Play() }
      runs += 1
      return SimulatedProcesses.Play(takes: runs == 1 ? 50 * Rig.second : 0)
    }
    try world.rig.live(seconds: 110)
    #expect(
      world.told.filter { $0.program == "ship" }.map(\.last)
        == ["/logs/a.log.2", "/logs/a.log.3", "/logs/a.log.2"])
    #expect(world.contents() == ["a.log": "", "a.log.1": ""])
  }

  @Test("a script may remove the archive itself, or write to it")
  func script() throws {
    for removes in [true, false] {
      let world = World()
      world.play = { request in
        SimulatedProcesses.Play {
          guard request.arguments[0] == "ship" else { return }
          if removes { return world.rig.disk.delete("/logs/a.log.2") }
          guard let file = world.rig.disk.openForWriting("/logs/a.log.2") else { return }
          world.rig.disk.append("note\n", toOpen: file)
          world.rig.disk.close(file)
        }
      }
      try world.rig.live(seconds: 3700)
      #expect(world.programs == ["mail", "ship"])
      #expect(world.contents() == Self.end)
    }
  }

  @Test("archives are not removed for free space without it")
  func space() throws {
    let world = World()
    world.rig.configuration.daemon = DaemonSettings(keepFree: .basisPoints(9000), warnFree: nil)
    world.rig.disk.capacity = 100
    world.rig.disk.plant(.regular, at: "/logs/other", content: String(repeating: "x", count: 50))
    try world.rig.live(seconds: 3000)
    #expect(world.rig.content("a.log.1") == "one\n")
    #expect(world.told == [])
  }

  @Test("where a manager runs commands as units, the mail is one, and reads the archive all the same")
  func unit() throws {
    let world = World()
    world.rig.runsCommandsAsUnits = true
    try world.rig.live(seconds: 3700)
    #expect(world.programs == ["systemd-run", "systemd-run"])
    #expect(world.told.map(\.input) == ["one\n", ""])
    #expect(world.contents() == Self.end)
  }
}
