import Config
import Daemon
import Rotation
import Simulation
import Testing

@Suite("The drop-in for the unit of the daemon")
struct UnitDropInTests {
  /// Jobs, and the directories that are there: where each is behind its links.
  private final class World {
    let disk = SimulatedFileSystem()
    var jobs: [Job] = []
    var links: [FilePath: FilePath] = [:]
    var modes: [FilePath: UInt32] = [:]
    var daemon = DaemonSettings()

    func make(_ directories: FilePath...) {
      for directory in directories { disk.makeDirectory(directory) }
    }

    func job(
      _ name: String, _ logs: FilePath..., archives: FilePath? = nil, _ change: (inout Policy.Rules) -> Void = { _ in }
    ) {
      var rules = Policy.Rules(keep: 3)
      rules.archiveDirectory = archives.map { ArchiveDirectory(path: $0) }
      change(&rules)
      jobs.append(Job(name: name, logs: logs.map { LogPattern($0) }, policy: Policy(rules)))
    }

    func lines(read: [FilePath] = ["/etc/rotated"], state: FilePath? = nil) -> [String] {
      let real = { [unowned self] (path: FilePath) -> FilePath? in
        links[path] ?? (disk.directories[path] == nil && path != "/" ? nil : path)
      }
      let files = UnitDropIn.Files(real: real, mode: { [unowned self] in modes[$0] })
      let dryRun = DryRun(fileSystem: disk, configuration: Configuration(jobs: jobs, daemon: daemon))
      return UnitDropIn(dryRun, read: read, state: state, files: files).lines
    }

    /// What the lines of a setting say, in their order.
    func values(_ name: String, read: [FilePath] = ["/etc/rotated"], state: FilePath? = nil) -> [String] {
      lines(read: read, state: state).filter { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }
  }

  @Test("it names the directories of logs, archives, metrics and state, each once and none below another")
  func places() {
    let world = World()
    world.make("/var/log/app", "/var/log/web/a", "/srv/app", "/srv/old", "/var/metrics", "/srv/state")
    world.job("app", "/var/log/app/app.log", "/var/log/app/*.log", archives: "old")
    world.job("web", "/var/log/web/*/access.log", archives: "/srv/old")
    world.job("deep", "/srv/app/x.log", archives: "../old")
    world.job("again", "/var/log/app/more/x.log")
    world.daemon.metricsFile = "/var/metrics/rotated.prom"
    #expect(
      world.values("ReadWritePaths", state: "/srv/state")
        == ["", "/srv/app", "/srv/old", "/srv/state", "/var/log/app", "/var/log/web", "/var/metrics"])
    #expect(world.values("ProtectSystem") == ["strict"])
  }

  @Test("a missing directory has a hyphen, and a word on what to do, unless it will be made in a writable one")
  func missing() {
    let world = World()
    world.make("/var/log")
    world.job("app", "/srv/app/app.log", archives: "/srv/old")
    world.job("sub", "/var/log/sub.log", archives: "old")
    #expect(world.values("ReadWritePaths") == ["", "-/srv/app", "-/srv/old", "/var/log"])
    let lines = world.lines()
    #expect(
      lines.contains("# archives of job app; the directory is missing: when it was made, restart rotated"), "\(lines)")
  }

  @Test("a directory that a link leads to is named, too, and `..` is followed from what a wildcard stands for")
  func links() {
    let world = World()
    world.make("/var/log/app", "/var/log/app/old", "/data/old", "/home/anna/x")
    world.links["/var/log/app/old"] = "/data/old"
    world.job("app", "/var/log/app/app.log", archives: "old")
    #expect(world.values("ReadWritePaths") == ["", "/var/log/app", "/var/log/app/old"])
    world.jobs = []
    world.job("users", "/home/*/x/*.log", archives: "../../../old")
    // Below /home, and one above.
    #expect(world.values("ReadWritePaths") == ["", "/home", "-/old"])
  }

  @Test("homes are hidden and /tmp is private only where nothing is needed there")
  func homes() {
    let world = World()
    world.make("/var/log", "/home/anna", "/tmp/x", "/data")
    world.job("app", "/var/log/app.log")
    func protection() -> [String] { ["ProtectHome", "PrivateTmp"].flatMap { world.values($0) } }
    #expect(protection() == ["yes", "yes"])
    #expect(world.values("ProtectHome", read: ["/root/config"]) == ["read-only"])
    world.job("anna", "/home/anna/app.log")
    #expect(protection() == ["read-only", "yes"])
    world.jobs.removeLast()
    world.job("tmp", "/tmp/x/app.log")
    #expect(protection() == ["yes"])
    world.jobs.removeLast()
    // Behind a link.
    world.links["/data"] = "/home/data"
    world.job("linked", "/data/app.log")
    #expect(protection() == ["read-only", "yes"])
    world.jobs.removeLast()
    world.job("hook", "/var/log/b.log") { $0.hooks = [.pidFile(path: "/run/user/1000/app.pid", signal: 1)] }
    #expect(protection() == ["read-only", "yes"])
    world.jobs.removeLast()
    world.job("tool", "/var/log/b.log") { $0.compression = Compression(command: ["/root/bin/z"], suffix: ".z") }
    #expect(protection() == ["read-only", "yes"])
  }

  @Test("a set-ID bit and a pidfile keep what they need")
  func rights() {
    let world = World()
    world.make("/var/log")
    world.disk.plant(.regular, at: "/var/log/app.log")
    world.job("app", "/var/log/*.log")
    #expect(world.values("RestrictSUIDSGID") == ["yes"])
    #expect(world.values("CapabilityBoundingSet") == ["~CAP_KILL"])
    world.modes["/var/log/app.log"] = 0o2640
    #expect(world.values("RestrictSUIDSGID") == [])
    world.modes = [:]
    world.jobs = []
    world.job("app", "/var/log/*.log") { rules in
      rules.creation = .create(mode: 0o2640, user: nil, group: nil)
      rules.hooks = [.pidFile(path: "/run/app.pid", signal: 1)]
    }
    #expect(world.values("RestrictSUIDSGID") == [])
    #expect(world.values("CapabilityBoundingSet") == [])
  }

  @Test("paths are quoted for a unit file, and what cannot be written there is written by the directory above")
  func quoting() {
    #expect(UnitPath.text("/var/log/app-1.0_x") == "/var/log/app-1.0_x")
    #expect(UnitPath.text("/srv/a b") == "\"/srv/a b\"")
    #expect(UnitPath.text("/srv/100%") == "\"/srv/100%%\"")
    #expect(UnitPath.text("/srv/a\\b") == "\"/srv/a\\\\b\"")
    #expect(UnitPath.text("/srv/a\"b'c") == "\"/srv/a\"'\"'\"b'c\"")
    #expect(UnitPath.text("/srv/gr\u{FC}n") == "\"/srv/gr\u{FC}n\"")
    #expect(UnitPath.text("/srv/a\nb") == nil)
    #expect(UnitPath.text(FilePath(Array("/srv/".utf8) + [0xFF])) == nil)
    let world = World()
    world.make("/srv/a\nb")
    world.job("odd", "/srv/a\nb/app.log")
    #expect(world.values("ReadWritePaths") == ["", "/srv"])
  }

  @Test("the doctor reads the paths as systemctl quotes them")
  func shown() throws {
    let sandbox = try #require(
      UnitSandbox(shown: [
        "LoadState=loaded", "ProtectSystem=strict", #"ReadWritePaths=/var/log -"/srv/a b" "/srv/c\\d\"e""#,
      ]))
    for path: FilePath in ["/var/log/x", "/srv/a b/c", #"/srv/c\d"e"#] { #expect(sandbox.obstacle(in: path) == nil) }
    #expect(sandbox.obstacle(in: "/srv/a") != nil)
  }
}
