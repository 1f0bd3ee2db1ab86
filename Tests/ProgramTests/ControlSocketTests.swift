import Glibc
import Testing

@Suite("Control socket of the built daemon")
struct ControlSocketTests {
  private static let every = "every = '1h'"

  @Test("a call is answered over a socket that goes with the daemon, and an idle daemon with clients does not wake up")
  func answer() throws {
    let scratch = Scratch()
    let daemon = try RunningDaemon(scratch, scratch.job("a", Self.every))
    try scratch.append("x\n", to: "logs/a.log")
    let client = try ControlClient(scratch["run/control"])
    client.call("Describe")
    client.send("{\"method\":\"org.varlink.service.GetInfo\"}")
    try daemon.eventually("two replies") { client.messages.count == 2 }
    #expect(client.messages[0].contains("\"pid\":\(daemon.pid)") && client.messages[0].contains("\"configSHA256\":\""))
    #expect(client.messages[1].contains("org.rotated.Manager"))
    client.call("Rotate", "{\"force\":true,\"wait\":true}")
    try daemon.waitForContents(["a.log": "", "a.log.1": "x\n"])
    try daemon.eventually("the sums") { client.messages.last?.contains("\"rotated\":1") == true }
    client.call("Subscribe", "{}", ",\"more\":true")
    try daemon.eventually("the first reply of a subscription") { client.messages.count == 4 }
    #expect(try daemon.wakeUps() == 0)
    #expect(try scratch.status("run/control").st_mode & 0o777 == 0o660)
    try daemon.stop()
    #expect(scratch.list("run") == ["control.lock"])
    #expect(client.messages.last?.contains("Stopping") == true && client.isClosed)
  }

  @Test("the digest of the config is that of sha256sum")
  func digest() throws {
    let scratch = Scratch()
    let daemon = try RunningDaemon(scratch, scratch.job("a", Self.every))
    let client = try ControlClient(scratch["run/control"])
    client.call("Describe")
    let digest = try Program.run("sha256sum", [scratch["rotated.toml"]]).text.prefix(64)
    try daemon.eventually("the digest") { client.messages.first?.contains("\"configSHA256\":\"\(digest)\"") == true }
    try daemon.stop()
  }

  @Test("a killed daemon gets its socket back, and a second one leaves it to the first and runs without")
  func socketAfterCrash() throws {
    let scratch = Scratch()
    let config = scratch.job("a", Self.every)
    try RunningDaemon(scratch, config).kill()
    #expect(scratch.list("run").contains("control"))
    let daemon = try RunningDaemon(scratch, config)
    _ = try ControlClient(scratch["run/control"])
    let other = Scratch()
    let second = try RunningDaemon(
      other, other.job("b", Self.every), environment: ["RUNTIME_DIRECTORY": scratch["run"]])
    #expect(second.text.contains("another daemon listens there"))
    try second.stop()
    let client = try ControlClient(scratch["run/control"])
    client.call("Describe")
    try daemon.eventually("a reply") { client.messages.count == 1 }
    try daemon.stop()
  }

  @Test("a directory that cannot be used is a warning, and logs are rotated all the same")
  func unusableDirectory() throws {
    let scratch = Scratch()
    let daemon = try RunningDaemon(
      scratch, scratch.job("a", "every = '100ms'"), environment: ["RUNTIME_DIRECTORY": "/proc/none"])
    #expect(daemon.text.contains("no control socket at /proc/none/control"))
    try scratch.append("x\n", to: "logs/a.log")
    try daemon.waitForContents(["a.log": "", "a.log.1": "x\n"])
    try daemon.stop()
  }

  @Test("a thousand clients leave a log to be rotated on time, and their descriptors come back")
  func crowd() throws {
    let scratch = Scratch()
    let daemon = try RunningDaemon(scratch, scratch.job("a", "every = '200ms'", "keep = 1000"))
    // It never sleeps for long with such a job; by now it has opened what it needs.
    try daemon.waitForOutput("started with")
    let before = daemon.descriptors
    var clients: [ControlClient] = []
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, 4096))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    for number in 0..<1000 {
      let client = try ControlClient(scratch["run/control"])
      if number % 2 == 0 { client.call("List", "{\"withLogs\":true}", ",\"more\":true") }
      if number % 3 == 0 { client.call("Subscribe", "{}", ",\"more\":true") }
      clients.append(client)
    }
    try daemon.eventually("a reply for each who has asked") {
      clients.indices.allSatisfy { $0 % 2 != 0 || !clients[$0].messages.isEmpty }
    }
    try scratch.append("x\n", to: "logs/a.log")
    try daemon.eventually("the rotation", within: 3) { scratch.list("logs").contains("a.log.1") }
    #expect(daemon.descriptors >= 1000)
    clients = []
    try daemon.eventually("the descriptors") { daemon.descriptors <= before }
    try daemon.stop()
  }

  @Test(
    "another user reads if the socket lets them, and changes nothing", .enabled(if: geteuid() == 0, "takes root"))
  func otherUser() throws {
    let scratch = Scratch()
    let daemon = try RunningDaemon(scratch, scratch.job("a", Self.every))
    for path in [scratch.path, scratch["run"]] { chmod(path, 0o755) }
    chmod(scratch["run/control"], 0o666)
    let script = """
      use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "cannot connect: $!";
      print $s map {; "{\\"method\\":\\"org.rotated.Manager.$_\\"}\\0" } qw(Describe Rotate); $s->shutdown(1); print <$s>;
      """
    let (_, text) = try Program.run(
      "setpriv",
      ["--reuid", "65534", "--regid", "65534", "--clear-groups", "perl", "-e", script, scratch["run/control"]])
    #expect(text.contains("\"daemon\":") && text.contains("PermissionDenied"))
    try daemon.stop()
  }
}
