import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Removed archives are overwritten")
struct OverwritingTests {
  private typealias World = RemovalWorld

  private static func shredding(_ edit: @escaping (inout Job) -> Void = { _ in }) -> World {
    World { job in
      job.policy.rules.beforeRemoval = [.overwrite(cycles: 7)]
      edit(&job)
    }
  }

  @Test("an archive is overwritten by its descriptor, and then removed")
  func overwritten() throws {
    let world = Self.shredding()
    world.play = { _ in
      #expect(world.contents() == World.between)
      return SimulatedProcesses.Play(takes: Rig.second)
    }
    try world.rig.live(seconds: 3700)
    let request = try #require(world.rig.processes.started.first?.request)
    #expect(request.arguments == ["shred", "-n", "7", "--", "/proc/self/fd/0"])
    #expect(world.told.map(\.input) == ["one\n"])
    #expect(world.contents() == World.end)
    #expect(world.rig.messages(.note).last == "job a: /logs/a.log.2, before it is removed: overwritten")
  }

  @Test("an archive that goes by its age goes, though it is young when it is overwritten")
  func outdated() throws {
    let world = Self.shredding { job in
      job.policy.rules.keep = 5
      job.policy.rules.maxAgeAtRotation = .seconds(1800)
    }
    let rig = world.rig
    world.play = { _ in
      SimulatedProcesses.Play {
        guard let file = rig.disk.openForWriting("/logs/a.log.2") else { return }
        rig.disk.append("x", toOpen: file)
        rig.disk.close(file)
      }
    }
    try rig.live(seconds: 3700)
    #expect(world.told.count == 1 && world.contents() == World.end)
  }

  @Test("an archive that cannot be overwritten is removed all the same, and that is said")
  func notOverwritten() throws {
    let world = Self.shredding()
    world.play = { _ in .failure("no") }
    try world.rig.live(seconds: 3700)
    #expect(world.contents() == World.end && world.told.count == 1)
    #expect(
      world.rig.messages(.note).last
        == "job a: cannot overwrite /logs/a.log.2: exit code 1: no; it is removed all the same")
  }

  @Test("what another name has is not overwritten")
  func linked() throws {
    let world = Self.shredding()
    try world.rig.disk.link("a.log.1", to: "mine", in: world.rig.disk.openDirectory("/logs"))
    try world.rig.live(seconds: 3700)
    #expect(world.contents() == World.end.merging(["mine": "one\n"]) { one, _ in one })
    #expect(world.told == [])
    #expect(
      world.rig.messages(.note).last
        == "job a: cannot overwrite /logs/a.log.2: it has another name; it is removed all the same")
  }

  @Test("a rotation meanwhile does not matter, because the descriptor is that of the archive")
  func overwrittenAndRenamed() throws {
    let world = Self.shredding { job in
      job.schedule = .interval(.seconds(40))
      job.policy.rules.rotatesEmpty = true
    }
    world.play = { _ in SimulatedProcesses.Play(takes: 50 * Rig.second) }
    try world.rig.live(seconds: 140)
    #expect(world.told.map(\.input).prefix(2) == ["one\n", "two\n"])
  }

  @Test("the plain content of an archive is overwritten when its compressed copy has its place")
  func replaced() throws {
    let world = Self.shredding { job in
      job.policy.rules.keep = 5
      job.policy.rules.compression = Compression(command: ["gzip"], suffix: ".gz", from: 1)
    }
    world.play = { request in
      if request.arguments[0] == "shred" {
        #expect(world.rig.content("a.log.1") == nil && world.rig.content("a.log.1.gz") != nil)
      }
      return SimulatedProcesses.Play()
    }
    try world.rig.live(seconds: 3700)
    #expect(world.programs.filter { $0 == "shred" }.count == 2)
    #expect(world.told.filter { $0.program == "shred" }.map(\.input) == ["one\n", "two\n"])
    #expect(Set(world.contents().keys) == ["a.log", "a.log.1.gz", "a.log.2.gz"])
  }
}
