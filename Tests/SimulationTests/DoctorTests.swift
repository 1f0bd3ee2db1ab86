import Config
import Control
import Daemon
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("What the doctor finds")
struct DoctorTests {
  /// A world with one log and a healthy machine, which a test makes ill.
  private final class Patient {
    let rig = Rig([])
    var job = Rig.job("app", every: 60)
    var others: [Job] = []
    var host = HostFacts()
    var place = PlaceFacts()
    var log = LogFacts()

    init() {
      rig.disk.plant(.regular, at: "/logs/app.log", content: "x\n")
      (place.type, place.label, log.label) = (0xEF53, "var_log_t", "var_log_t")
      host.inotify = (8192, 128)
      host.hasLabels = true
    }

    func examine(jobs: [String] = [], logs: [FilePath] = []) -> Examination {
      let dryRun = DryRun(fileSystem: rig.disk, configuration: Configuration(jobs: [job] + others))
      return Examination(
        dryRun, host, now: rig.driver.wallClock(), jobs: jobs, logs: logs,
        place: { [unowned self] path in rig.disk.directories[path] == nil ? nil : place },
        log: { [unowned self] _, _ in log })
    }

    /// The checks that have found something.
    var found: [String] { examine().findings().map(\.check) }
  }

  @Test("a healthy machine has no findings")
  func healthy() { #expect(Patient().found == []) }

  private typealias Illness = (check: String, severity: Wire.Severity, make: (Patient) -> Void)
  private var illnessesOfPlaces: [Illness] {
    [
      ("config", .warning, { $0.job.logs.append(LogPattern("/nowhere/a.log")) }),
      (
        "patterns", .warning,
        { patient in
          patient.job.logs = [LogPattern("/logs/*")]
          patient.rig.disk.plant(.regular, at: "/logs/old.log.1")
        }
      ),
      ("writable", .error, { $0.place.isReadOnly = true }),
      ("writable", .error, { $0.place.flag = .immutable }),
      ("writable", .error, { $0.place.flag = .appendOnly }),
      ("writable", .error, { $0.place.isWritable = false }),
      ("writable", .error, { ($0.place.user, $0.place.mode) = (1000, 0o555) }),
      ("writable", .error, { $0.host.sandbox = UnitSandbox(shown: ["LoadState=loaded", "ProtectSystem=strict"]) }),
      ("open-directories", .warning, { $0.place.mode = 0o777 }),
      ("open-directories", .warning, { $0.place.mode = 0o1777 }),
      (
        "file-system", .error,
        { patient in
          patient.place.type = 0x0102_1994
          patient.job.policy.rules.method = .truncate(by: .collapse)
        }
      ),
      (
        "file-system", .error,
        { patient in
          // What was tried counts, and not what the kind of the file system should be able to do.
          patient.place.tried = TriedFacts(leases: true, cuts: TruncationSupport(collapses: false, punches: true))
          patient.job.policy.rules.method = .truncate(by: .collapse)
        }
      ),
      (
        "file-system", .notice,
        { patient in
          patient.place.type = 0
          patient.place.tried = TriedFacts(leases: false, cuts: TruncationSupport(collapses: true, punches: true))
        }
      ),
      (
        "file-system", .warning,
        { patient in
          patient.place.type = 0x4D44
          patient.job.policy.rules.method = .truncate(by: .auto)
        }
      ),
    ]
  }

  private var illnessesOfLogs: [Illness] {
    [
      ("flags", .error, { $0.log.flag = .appendOnly }),
      ("flags", .error, { $0.log.flag = .immutable }),
      (
        "appending", .warning,
        { patient in
          patient.job.policy.rules.method = .truncate(by: .auto)
          (patient.log.offsetWriters, patient.log.writers) = (.some, ["pid 4711 (app)"])
        }
      ),
      ("labels", .warning, { $0.place.label = "usr_t" }),
      (
        "programs", .error,
        { patient in
          patient.job.policy.rules.compression = Compression(command: ["zstd"], suffix: ".zst")
          patient.host.isInstalled = { $0 != "zstd" }
        }
      ),
      ("inotify", .warning, { $0.host.inotify = (3, 128) }),
      ("inotify", .warning, { $0.host.inotify = (8192, 1) }),
      (
        "rotators", .error,
        { patient in
          patient.host.logrotateRunner = "logrotate.timer"
          patient.host.logrotate = [LogrotateFile("/etc/logrotate.d/app", Array("/logs/*.log {\n}\n".utf8))]
        }
      ),
      ("rotators", .error, { $0.host.daemons = [("/run/a", ["/logs/app.log"]), ("/run/b", ["/logs/app.log"])] }),
      ("tmpfiles", .warning, { $0.host.tmpfiles = TmpfilesRule.read("/t.conf", Array("d /logs - - - 10d\n".utf8)) }),
    ]
  }

  @Test("each illness is found by its own check, says where, and what to do")
  func eachIllness() throws {
    for (number, illness) in (illnessesOfPlaces + illnessesOfLogs).enumerated() {
      let patient = Patient()
      illness.make(patient)
      let findings = patient.examine().findings()
      #expect(findings.map(\.check) == [illness.check], "\(number): \(findings)")
      let finding = try #require(findings.first)
      #expect(finding.severity == illness.severity, "\(number)")
      #expect(!finding.message.isEmpty && !finding.advice.isEmpty)
      #expect(finding.job == "app" || finding.check == "inotify", "\(number)")
    }
  }

  @Test("what another program does to other logs, or not at all, is no finding")
  func innocent() {
    let patient = Patient()
    patient.host.logrotate = [LogrotateFile("/etc/logrotate.d/app", Array("/logs/*.log {\n}\n".utf8))]
    // Nothing runs logrotate.
    #expect(patient.found == [])
    patient.host.logrotateRunner = "logrotate.timer"
    patient.host.logrotate = [LogrotateFile("/etc/logrotate.d/web", Array("/logs/web/*.log {\n}\n".utf8))]
    patient.host.daemons = [("/run/a", ["/logs/app.log"]), ("/run/b", ["/logs/web.log"])]
    patient.host.tmpfiles = TmpfilesRule.read(
      "/t.conf", Array("d /logs - - - 10d\nx /logs/app.log*\nd /tmp - - - 1d\n".utf8))
    patient.log.offsetWriters = .some
    #expect(patient.found == [])
  }

  @Test("the worst comes first, and jobs and logs that are asked for are looked at alone")
  func selection() {
    let patient = Patient()
    patient.others = [Rig.job("web", every: 60)]
    patient.rig.disk.plant(.regular, at: "/logs/web.log")
    patient.log.flag = .immutable
    patient.place.mode = 0o777
    let all = patient.examine().findings()
    #expect(all.map(\.check) == ["flags", "flags", "open-directories"])
    #expect(all.map(\.severity) == [.error, .error, .warning])
    let one = patient.examine(jobs: ["web"]).findings()
    #expect(one.filter { $0.check == "flags" }.map(\.path) == ["/logs/web.log"])
    let path = patient.examine(logs: ["/logs/app.log", "/logs/none.log"])
    #expect(path.findings().filter { $0.check == "flags" }.map(\.path) == ["/logs/app.log"])
    #expect(path.unknown == ["/logs/none.log"])
  }

  @Test("what cannot be seen of writers is said, and is no finding")
  func unseen() {
    let patient = Patient()
    patient.job.policy.rules.method = .truncate(by: .auto)
    patient.log.offsetWriters = .unknown
    #expect(patient.found == [])
    #expect(patient.examine().skipped.map(\.check) == ["appending"])
  }
}

@Suite("What the doctor reads of others")
struct DoctorReadingTests {
  @Test(
    "the nearest rule of a unit decides where it may write",
    arguments: [
      (["ProtectSystem=no"], "/var/log", nil), (["ProtectSystem=full"], "/var/log", nil),
      (["ProtectSystem=full"], "/etc/app", "ProtectSystem=full"),
      (["ProtectSystem=strict"], "/srv/app", "ProtectSystem=strict"),
      (["ProtectSystem=strict", "ReadWritePaths=/srv -/var/log"], "/var/log/app", nil),
      (["ProtectSystem=strict", "ReadWritePaths=/srv"], "/srvx", "ProtectSystem=strict"),
      (["ProtectSystem=strict", "LogsDirectory=app"], "/var/log/app", nil),
      (["ReadWritePaths=/var", "ReadOnlyPaths=/var/log"], "/var/log/app", "ReadOnlyPaths"),
      (["ReadOnlyPaths=/var", "ReadWritePaths=/var/log"], "/var/log/app", nil),
      (["ProtectHome=yes"], "/home/a/logs", "ProtectHome=yes"),
      (["ProtectHome=read-only"], "/root", "ProtectHome=read-only"),
      (["PrivateTmp=yes"], "/tmp/logs", "PrivateTmp=yes"), (["InaccessiblePaths=/srv"], "/srv", "InaccessiblePaths"),
      (["TemporaryFileSystem=/srv:ro"], "/srv/a", "TemporaryFileSystem"),
    ] as [([String], FilePath, String?)])
  func sandbox(lines: [String], path: FilePath, setting: String?) throws {
    let sandbox = try #require(UnitSandbox(shown: ["LoadState=loaded"] + lines))
    let obstacle = sandbox.obstacle(in: path)
    if let setting {
      #expect(obstacle?.contains(setting) == true, "\(obstacle ?? "none")")
    } else {
      #expect(obstacle == nil)
    }
  }

  @Test("a unit that is not there has no sandbox")
  func noUnit() {
    #expect(UnitSandbox(shown: ["LoadState=not-found", "ProtectSystem=strict"]) == nil)
    #expect(UnitSandbox(shown: []) == nil)
  }

  @Test("logrotate's paths are found wherever they may be written, and scripts have none")
  func logrotate() {
    let text = """
      # /var/log/comment.log
      compress
      /var/log/one.log /var/log/two-*.log
      "/var/log/with space.log" {
        weekly
        postrotate
          test -f /var/log/script.log && { kill -HUP 1; }
        endscript
      }
      /var/log/inline.log { daily }
      '/var/log/last.log'
      {
      }
      """
    let file = LogrotateFile("/etc/logrotate.d/x", Array(text.utf8))
    let lines: [(FilePath, Int?)] = [
      ("/var/log/comment.log", nil), ("/var/log/one.log", 3), ("/var/log/two-a.log", 3),
      ("/var/log/with space.log", 4), ("/var/log/script.log", nil), ("/var/log/inline.log", 10),
      ("/var/log/last.log", 11), ("/var/log/other.log", nil),
    ]
    for (path, line) in lines { #expect(file.line(naming: path) == line, "\(path)") }
  }

  @Test(
    "of tmpfiles.d, lines with an age and lines that remove concern what is below them",
    arguments: [
      ("d /logs 0755 root root 10d", true), ("d /logs 0755 root root -", false), ("d /logs", false),
      ("e /log* - - - 1w -", true), ("D /logs", true), ("R /logs/app.log.*", true), ("r! /logs/app.log.1", true),
      ("d /logs/ - - - 1d", true), ("q / - - - 30d", true), ("d /other - - - 1d", false), ("f /logs/app.log.1", false),
      ("# d /logs - - - 1d", false), ("d \"/logs\" - - - ~5d", true), ("d /logs/other - - - 1d", false),
    ])
  func tmpfiles(line: String, removes: Bool) {
    let rules = TmpfilesRule.read("/etc/tmpfiles.d/a.conf", Array("\n\(line)\n".utf8))
    let hits = rules.filter { $0.effect != .keeps && $0.concerns("/logs/app.log.1") }
    #expect(!hits.isEmpty == removes)
    if removes { #expect(hits.map(\.line) == [2]) }
  }
}
