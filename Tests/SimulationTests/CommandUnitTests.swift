import Config
import Daemon
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Commands as units of their own")
struct CommandUnitTests {
  /// What is started for a hook when a log of this name is rotated, and what is reported as failed.
  private func start(
    _ command: Command, log: FileName = "a.log", _ play: SimulatedProcesses.Play = .init()
  ) throws -> (started: [ChildRequest], failures: [String]) {
    var job = HookTests.job("a", every: 600, [.run(command, limit: .seconds(10))])
    job.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([job])
    rig.runsCommandsAsUnits = true
    rig.processes.play = { _ in play }
    rig.fill(log)
    try rig.live(seconds: 620)
    return (rig.processes.started.map(\.request), rig.messages(.hookFailed))
  }

  @Test("a command is started by systemd-run, with its limit and its variables, and no variable is put into its text")
  func arguments() throws {
    let (started, failures) = try start(.shell("echo $ROTATED_JOB"))
    #expect(failures == [])
    #expect(
      started.map(\.arguments) == [
        [
          "systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--no-ask-password",
          "--description=rotated: job a: 'echo $ROTATED_JOB'", "--property=RuntimeMaxSec=10000000us",
          "--property=TimeoutStopSec=5s", "--setenv=ROTATED_ARCHIVE", "--setenv=ROTATED_COUNT", "--setenv=ROTATED_JOB",
          "--setenv=ROTATED_LOG", "--", "/bin/sh", "-c", "echo $$ROTATED_JOB",
        ]
      ])
    #expect(started.first?.environment["ROTATED_LOG"] == "/logs/a.log")
    #expect(started.first?.limit == .seconds(20))
  }

  @Test("what a service manager takes for no text is a child of the daemon, as without a manager")
  func notText() throws {
    let name = FileName(bytes: Array("gr\u{FC}n".unicodeScalars.map { UInt8($0.value) }) + Array(".log".utf8))
    #expect(try start(.program(["ship"]), log: name).started.map(\.arguments) == [["ship"]])
    #expect(try start(.shell("printf '\u{7}'")).started.map(\.arguments) == [["/bin/sh", "-c", "printf '\u{7}'"]])
    #expect(try start(.shell("a\n\tb")).started.first?.arguments.first == "systemd-run")
  }

  @Test("a command that its manager has ended at its limit is reported as too slow, and any other by its exit code")
  func limit() throws {
    let slow = try start(.shell("slow"), SimulatedProcesses.Play(takes: 10 * Rig.second, end: .exited(143)))
    #expect(slow.failures.first?.contains("killed, as it took longer than 10s") == true, "\(slow.failures)")
    let wrong = try start(.shell("wrong"), SimulatedProcesses.Play(takes: 9 * Rig.second, end: .exited(3)))
    #expect(wrong.failures.first?.contains("exit code 3") == true, "\(wrong.failures)")
  }
}
