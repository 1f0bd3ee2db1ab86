import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("The exit code of a script is advice")
struct LogrotateScriptAdviceTests {
  private static let script = Hook.script(.program(["/bin/sh", "-c", "kill"]), limit: .seconds(10))

  private func rig(_ hook: Hook) -> Rig {
    let rig = Rig([HookTests.job("a", every: 600, [hook])])
    rig.fill("a.log")
    rig.processes.play = { _ in .failure("no such process") }
    return rig
  }

  @Test("a script that fails is not repeated when no process has the old log open")
  func stopped() throws {
    let rig = rig(Self.script)
    try rig.live(seconds: 1100)
    #expect(rig.disk.content(of: "/logs/a.log.1") == "x\n")
    #expect(rig.processes.started.count == 1)
    #expect(rig.messages(.hookFailed) == [])
    #expect(rig.messages(.note).contains { $0.contains("no such process") && $0.contains("not repeated") })
    // Nothing is owed, either.
    try rig.live(seconds: 10)
    #expect(rig.processes.started.count == 1)
  }

  @Test("it is repeated as long as a process has the old log open, and no longer")
  func heldOpen() throws {
    let rig = rig(Self.script)
    let writer = try #require(rig.disk.openForWriting("/logs/a.log"))
    try rig.live(seconds: 700) { rig in
      rig.at(650) { rig.disk.close(writer) }
    }
    let count = rig.processes.started.count
    #expect(count > 2)
    #expect(rig.messages(.hookFailed).count >= 1)
    try rig.live(seconds: 500)
    #expect(rig.processes.started.count <= count + 1)
  }

  @Test("a command that is no script is repeated in either case")
  func command() throws {
    let rig = rig(.run(.program(["/bin/sh", "-c", "kill"]), limit: .seconds(10)))
    try rig.live(seconds: 700)
    #expect(rig.processes.started.count > 2)
    #expect(rig.messages(.hookFailed).count >= 1)
  }
}
