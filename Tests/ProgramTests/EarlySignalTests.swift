import Glibc
import Testing

/// Signals that come before the loop runs. The config is a pipe: when the daemon has opened it, it has done nothing else yet.
@Suite("A signal in the first milliseconds")
struct EarlySignalTests {
  let scratch: Scratch
  let socket: NotifySocket

  init() throws {
    scratch = try Scratch()
    socket = try NotifySocket(scratch["notify"])
    try scratch.makeDirectory("logs")
    try #require(mkfifo(scratch["rotated.toml"], 0o600) == 0)
  }

  /// The daemon, which waits for its config, and the end of the pipe to write that to.
  private func start() throws -> (program: Program, config: Int32) {
    let program = try Program(
      Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]],
      environment: ["NOTIFY_SOCKET": socket.path])
    var config: Int32 = -1
    try eventually("the daemon opens its config: \(program.read())") {
      config = open(scratch["rotated.toml"], O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      return config >= 0
    }
    return (program, config)
  }

  private func write(_ config: Int32) throws {
    let bytes = Array("[job.one]\nlogs = \"\(scratch["logs/one.log"])\"\nevery = \"1h\"\n".utf8)
    try #require(Glibc.write(config, bytes, bytes.count) == bytes.count)
    close(config)
  }

  @Test("is handled when the daemon runs: HUP and USR1 as ever, and USR2 is ignored with a line")
  func handledLater() throws {
    let (program, config) = try start()
    for signal in [SIGHUP, SIGUSR1, SIGUSR2] { program.send(signal) }
    try write(config)
    try socket.wait(for: "READY=1", times: 2)
    try program.waitForOutput("received SIGUSR2, which is ignored")
    #expect(program.text.contains("cannot be read again: it is not a regular file"))
    program.send(SIGUSR2)
    #expect(program.threads == 1)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0, "\(program.text)")
    let last = socket.receive().last { $0.contains("READY=1") || $0.contains("STOPPING=1") }
    #expect(last?.contains("STOPPING=1") == true)
  }

  @Test("TERM or INT ends the wait for a config that comes through a pipe, with 0", arguments: [SIGTERM, SIGINT])
  func stopBeforeConfig(signal: Int32) throws {
    let (program, config) = try start()
    defer { close(config) }
    program.send(signal)
    #expect(try program.waitForEnd() == 0, "\(program.text)")
    #expect(program.text.contains("stopped before the config could be read"))
  }

  @Test("TERM that comes while the config is read is a stop in order: STOPPING, no READY after it, and 0")
  func stopWhileReading() throws {
    let (program, config) = try start()
    // The pipe holds what the daemon reads at once: when the signal comes, it has the config.
    try write(config)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0, "\(program.text)")
    let notified = socket.receive()
    #expect(notified.contains { $0.contains("STOPPING=1") }, "\(program.text)")
    #expect(notified.last { $0.contains("READY=1") || $0.contains("STOPPING=1") }?.contains("READY=1") != true)
  }
}
