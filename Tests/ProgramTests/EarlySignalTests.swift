import Glibc
import Testing

/// Signals that come before the loop runs. The config is a pipe: when the daemon has opened it, it has done nothing else yet.
@Suite("A signal in the first milliseconds")
struct EarlySignalTests {
  let scratch = Scratch()

  /// The daemon, which waits for its config, and the end of the pipe to which that is written.
  private func start() throws -> (daemon: RunningDaemon, config: Int32) {
    try #require(mkfifo(scratch["rotated.toml"], 0o600) == 0)
    let daemon = try RunningDaemon(scratch, untilReady: false)
    var config: Int32 = -1
    try daemon.eventually("the daemon opens its config") {
      config = open(scratch["rotated.toml"], O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      return config >= 0
    }
    return (daemon, config)
  }

  private func write(_ config: Int32) throws {
    let text = scratch.job("one", "every = '1h'")
    try #require(Glibc.write(config, text, text.utf8.count) == text.utf8.count)
    close(config)
  }

  /// Whether READY or STOPPING came last; nil if neither came.
  private func lastWord(_ daemon: RunningDaemon) -> String? {
    daemon.socket.receive().joined().last { ["READY=1", "STOPPING=1"].contains($0) }
  }

  @Test("is handled when the daemon runs: HUP and USR1 as always, and USR2 is ignored with a line")
  func handledLater() throws {
    let (daemon, config) = try start()
    for signal in [SIGHUP, SIGUSR1, SIGUSR2] { daemon.send(signal) }
    try write(config)
    try daemon.waitForMessage("READY=1", times: 2)
    try daemon.waitForOutput("received SIGUSR2, which is ignored")
    #expect(daemon.text.contains("cannot be read again: it is neither a regular file nor a directory"))
    daemon.send(SIGUSR2)
    try daemon.stop()
    #expect(lastWord(daemon) == "STOPPING=1")
  }

  @Test("TERM or INT ends the wait for a config that comes through a pipe, with 0", arguments: [SIGTERM, SIGINT])
  func stopBeforeConfig(signal: Int32) throws {
    let (daemon, config) = try start()
    defer { close(config) }
    daemon.send(signal)
    #expect(try daemon.waitForEnd() == 0, "\(daemon.text)")
    #expect(daemon.text.contains("stopped before the config could be read"))
  }

  @Test("TERM that comes while the config is read is an orderly stop: STOPPING, no READY after it, and 0")
  func stopWhileReading() throws {
    let (daemon, config) = try start()
    // The pipe holds what the daemon reads at once: when the signal comes, it has the config.
    try write(config)
    try daemon.stop()
    #expect(lastWord(daemon) == "STOPPING=1", "\(daemon.text)")
  }
}
