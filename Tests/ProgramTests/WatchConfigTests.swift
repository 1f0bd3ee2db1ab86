import Glibc
import Testing

@Suite("A watched config", .timeLimit(.minutes(5)))
struct WatchConfigTests {
  private let scratch = Scratch()
  private static let watching = "[daemon]\nwatch-config = true\n"

  private func job(_ name: String) -> String { scratch.job(name, "every = '1h'") }

  @Test("takes effect by itself when the file is written or replaced, and one with errors changes nothing")
  func file() throws {
    let daemon = try RunningDaemon(scratch, Self.watching + job("a"))
    try scratch.write(Self.watching + job("a") + job("b"), to: "rotated.toml")
    try daemon.waitForOutput("1 added (b), 0 changed, 0 removed, 1 unchanged")
    try scratch.write(Self.watching + job("a") + "[job.b]\nkep = 1\n", to: "rotated.toml")
    try daemon.waitForOutput("config rejected: the previous one stays in force")
    try scratch.write(Self.watching + job("c"), to: "next.toml")
    #expect(rename(scratch["next.toml"], scratch["rotated.toml"]) == 0)
    try daemon.waitForOutput("1 added (c), 0 changed, 2 removed (a, b), 0 unchanged")
    try daemon.stop()
  }

  @Test("is not read again when something else in its directory changes, nor when it is not watched any more")
  func quiet() throws {
    let daemon = try RunningDaemon(scratch, Self.watching + job("a"))
    try scratch.write("x", to: "other.txt")
    try scratch.write(Self.watching + job("a"), to: "rotated.toml")
    try scratch.write(job("a") + job("b"), to: "rotated.toml")
    try daemon.waitForOutput("1 added (b), 0 changed, 0 removed, 1 unchanged")
    #expect(daemon.count(of: "config reloaded") == 1)
    try scratch.write(job("a"), to: "rotated.toml")
    // Longer than a watch would wait.
    sleep(2)
    #expect(daemon.count(of: "config reloaded") == 1, "\(daemon.text)")
    #expect(try daemon.wakeUps() == 0)
    try daemon.stop()
  }

  @Test("is refused when a pipe that nobody writes to takes its place, and the daemon goes on")
  func pipe() throws {
    let daemon = try RunningDaemon(scratch, Self.watching + job("a"))
    #expect(mkfifo(scratch["pipe"], 0o600) == 0)
    #expect(rename(scratch["pipe"], scratch["rotated.toml"]) == 0)
    try daemon.waitForOutput("neither a regular file nor a directory")
    try scratch.write(Self.watching + job("b"), to: "next.toml")
    #expect(rename(scratch["next.toml"], scratch["rotated.toml"]) == 0)
    try daemon.waitForOutput("1 added (b), 0 changed, 1 removed (a), 0 unchanged")
    try daemon.stop()
  }

  @Test("may be a symbolic link through a link that is replaced, as a Kubernetes ConfigMap is")
  func configMap() throws {
    for (version, text) in [("v1", job("a")), ("v2", job("a") + job("b"))] {
      try scratch.makeDirectory(version)
      try scratch.write(Self.watching + text, to: "\(version)/rotated.toml")
    }
    #expect(symlink("v1", scratch["..data"]) == 0)
    #expect(symlink("..data/rotated.toml", scratch["rotated.toml"]) == 0)
    let daemon = try RunningDaemon(scratch)
    #expect(symlink("v2", scratch["..next"]) == 0)
    #expect(rename(scratch["..next"], scratch["..data"]) == 0)
    try daemon.waitForOutput("1 added (b), 0 changed, 0 removed, 1 unchanged")
    try daemon.stop()
  }

  @Test("takes in files that are put into its directory or are removed, many at once as one change")
  func fragments() throws {
    try scratch.makeDirectory("sites")
    let daemon = try RunningDaemon(scratch, "include = 'sites/*.toml'\n" + Self.watching + job("a"))
    for number in 1...5 { try scratch.write(job("site\(number)"), to: "sites/\(number).toml") }
    try daemon.waitForOutput("5 added (site1, site2, site3, site4, site5), 0 changed, 0 removed, 1 unchanged")
    for number in 1...5 { unlink(scratch["sites/\(number).toml"]) }
    try daemon.waitForOutput("5 removed")
    #expect(daemon.count(of: "config reloaded") == 2, "\(daemon.text)")
    try daemon.stop()
  }

  @Test("takes in files of logrotate without being asked to, unless it says no; one with errors changes nothing")
  func stanzas() throws {
    try scratch.makeDirectory("logrotate.d")
    func stanza(_ name: String, _ directive: String = "daily") throws {
      let text = "\(scratch["logs/\(name).log"]) {\n  \(directive)\n  rotate 3\n}\n"
      try scratch.write(text, to: "logrotate.d/\(name)")
    }
    try stanza("a")
    let include = "[logrotate]\ninclude = '\(scratch["logrotate.d"])'\n"
    let daemon = try RunningDaemon(scratch, include)
    try stanza("b")
    try daemon.waitForOutput("1 added (\(scratch["logs/b.log"])), 0 changed, 0 removed, 1 unchanged")
    try stanza("b", "start many")
    try daemon.waitForOutput("many")
    #expect(daemon.count(of: "config reloaded") == 1, "\(daemon.text)")
    unlink(scratch["logrotate.d/b"])
    try daemon.waitForOutput("1 removed (\(scratch["logs/b.log"]))")
    try scratch.write("[daemon]\nwatch-config = false\n" + include, to: "rotated.toml")
    try daemon.waitForOutput("0 added, 0 changed, 0 removed, 1 unchanged")
    try stanza("c")
    // Longer than a watch would wait.
    #expect(poll(nil, 0, 1500) == 0)
    #expect(!daemon.text.contains("c.log"), "\(daemon.text)")
    try daemon.stop()
  }
}
