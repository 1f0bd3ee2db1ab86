import Config
import Rotation
import Testing
import Timekeeping

extension LogrotateSample {
  /// What `rotatectl import` makes of it.
  func imported() -> LogrotateImport {
    LogrotateImport(["/etc/logrotate.conf"], system: system, files: port)
  }
}

@Suite("rotatectl import")
struct ImportTests {
  /// A job with what has no meaning, or another name, taken out.
  private static func plain(_ job: Job) -> Job {
    var job = job
    if case .calendar(let calendar) = job.schedule {
      job.schedule = .calendar(CalendarSchedule(name: "", calendar.expressions, delay: calendar.delay))
    }
    job.policy.rules.creationNames = OwnerNames()
    job.policy.rules.maxAge = job.policy.rules.maxAgeAtRotation ?? job.policy.rules.maxAge
    job.policy.rules.maxAgeAtRotation = nil
    if case .truncate = job.policy.method { job.policy.rules.creation = .likeOldLog }
    if let limit = job.sizeLimit, let least = job.policy.rules.minSize {
      job.policy.rules.minSize = min(least, limit.bytes)
    }
    return job
  }

  /// Imports a sample, loads the TOML, and compares: what is loaded is what was imported, and but for scripts what rotated makes
  /// of the sample itself. Returns how many jobs were compared.
  @discardableResult
  private func check(_ sample: LogrotateSample, _ label: String) throws -> Int {
    let imported = sample.imported()
    let own = Dictionary(
      (sample.read().configuration?.jobs ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let enabled = imported.fragments.flatMap(\.jobs)
    guard !enabled.isEmpty else { return 0 }
    let sources = imported.fragments.map {
      ConfigSource(name: $0.source.printable, bytes: Array($0.text.utf8), isFragment: true)
    }
    let loaded = ConfigReader.read(sources, system: sample.system)
    let errors = loaded.diagnostics.filter { $0.severity == .error }
    #expect(errors.isEmpty, "\(label): \(errors) in \(imported.fragments.map(\.text).joined())")
    #expect(
      loaded.configuration?.jobs.map(Self.plain) == enabled.map(Self.plain),
      "\(label): \(imported.fragments.map(\.text).joined())")
    for job in enabled {
      var (one, other) = (Self.plain(job), try #require(own[job.name].map(Self.plain), "\(label)"))
      #expect(one.policy.hooks.count == other.policy.hooks.count)
      #expect(one.policy.before.count == other.policy.before.count)
      (one.policy.rules.hooks, other.policy.rules.hooks) = ([], [])
      (one.policy.rules.before, other.policy.rules.before) = ([], [])
      #expect(one == other, "\(label)")
    }
    return enabled.count
  }

  /// A file as packages have it.
  private static let file = """
    # see "man logrotate" for details
    weekly
    rotate 4
    create

    # The web server.
    /var/log/nginx/*.log {
      daily
      missingok
      rotate 14
      # half as large
      compress
      delaycompress
      notifempty
      create 0640 www-data adm
      sharedscripts
      postrotate
        # wake it up
        invoke-rc.d nginx rotate >/dev/null 2>&1
      endscript
    }
    /var/log/app.log {
      size 10M
      postrotate
        echo "done" | logger
      endscript
    }
    /var/log/mailed.log {
      mail root@localhost
    }
    # The end.

    """

  /// What becomes of it.
  private static let fragment = #"""
    # Written by `rotatectl import` from /etc/logrotate.conf.
    # A key that a job does not have is that of `[defaults]`.

    # see "man logrotate" for details
    # The web server.
    # half as large
    [job."/var/log/nginx/*.log"]
    logs = "/var/log/nginx/*.log"
    daily = true
    keep = 14
    if-empty = false
    create = { mode = "0640", user = "www-data", group = "adm" }
    archive-names = "numbered"
    notify = { unit = "nginx.service", signal = "USR1" }
    compress = "gzip"
    compress-from = 2

    [job."/var/log/app.log"]
    logs = "/var/log/app.log"
    daily = false
    size = "10M"
    keep = 4
    if-empty = true
    create = true
    archive-names = "numbered"
    notify = { shell = "echo \"done\" | logger", timeout = "1h" }
    compress = false

    # logrotate: `mail` has no equal: archives are not mailed
    # This job is not used, because it cannot mean the same here.
    #[job."/var/log/mailed.log"]
    #logs = "/var/log/mailed.log"
    #calendar = "Sun *-*-* 00:00:00"
    #keep = 4
    #if-empty = true
    #create = true
    #archive-names = "numbered"
    #compress = false

    # The end.

    """#

  @Test("writes what an administrator would write")
  func readable() throws {
    let sample = LogrotateSample(Self.file)
    let fragment = sample.imported().fragments.first
    #expect(fragment?.text == Self.fragment)
    #expect(fragment?.disabled == 1)
    try check(sample, "readable")
  }

  @Test("means the same for every directive, and for hostile names")
  func directives() throws {
    let directives = [
      "hourly", "daily", "weekly", "weekly 3", "weekly 7", "monthly", "monthly 15", "monthly 31", "monthly 30",
      "yearly",
      "minutes 7", "size 100", "size 5M", "size 10000", "daily\nmaxsize 10M", "weekly\nminsize 1M",
      "weekly\nminsize 10M\nmaxsize 1M",
      "daily\nminage 3", "rotate 0", "rotate -1", "dateext\nrotate -1", "dateext", "dateext\nhourly",
      "dateext\ndateformat .%Y",
      "maxage 30", "compress", "compress\ncompresscmd /usr/bin/xz\ncompressext .xz\ncompressoptions -9",
      "compress\ncompressoptions -9", "compress\ncompresscmd zstd\ncompressoptions -9 --long",
      "compress\ndelaycompress",
      "copytruncate", "copytruncate\ncreate 640 root adm", "create", "create 640 root adm", "create root adm",
      "nocreate",
      "create 0600 nobody-here nothing-here", "olddir old", "olddir /var/log/archive\ncreateolddir 750 root adm",
      "extension .log", "addextension .log", "ifempty", "notifempty", "missingok", "su root adm",
      "prerotate\ntrue\nendscript", "firstaction\necho $1\nendscript", "lastaction\nx\nendscript",
      "postrotate\necho \"$1\" '''it\\'s'''\nendscript", "postrotate\nkill -HUP $(cat /run/a.pid)\nendscript",
      "sharedscripts\npostrotate\n\tline one\n\tline 'two'\nendscript", "start 3", "dateext\ndateyesterday", "shred",
      "preremove\nx\nendscript", "copy", "allowhardlink",
    ]
    var compared = 0
    for names in [
      "/var/log/app.log", "/var/log/app/*.log", "\"/var/log/with blank.log\" '/var/log/qu\"ote\\.log'",
      "/var/log/[ab]*.log /x/y?",
    ] {
      for directive in directives {
        let label = "\(names) { \(directive) }"
        compared += try check(LogrotateSample("rotate 4\n\(names) {\n\(directive)\n}\n"), label)
      }
    }
    #expect(compared > 180, "\(compared)")
  }

  @Test("bytes that are not UTF-8 cannot be in a TOML file, so such a job is a comment with the reason")
  func bytes() throws {
    let text = Array("/var/log/gr\u{1}.log {\nrotate 4\n}\n/var/log/b.log {\nrotate 4\n}\n".utf8)
    let sample = LogrotateSample(text.map { $0 == 1 ? 0xFC : $0 })
    let imported = sample.imported()
    #expect(imported.fragments.first?.disabled == 1)
    #expect(imported.fragments.first?.jobs.map(\.name) == ["/var/log/b.log"])
    #expect(imported.fragments.first?.text.contains("# logrotate: `logs` would have bytes that are not UTF-8") == true)
    try check(sample, "bytes")
  }

  @Test("one fragment for each file, in which stanzas keep the order that decides who has a log")
  func severalFiles() throws {
    let sample = LogrotateSample("weekly\nrotate 3\ninclude /etc/logrotate.d\n")
      .with("/etc/logrotate.d/a", "/var/log/a*.log {\ncompress\n}\n")
      .with("/etc/logrotate.d/b", "/var/log/ab.log /var/log/b.log {\ndaily\n}\n/var/log/abc*.log { }\n")
    let fragments = sample.imported().fragments
    #expect(fragments.map(\.source) == ["/etc/logrotate.d/a", "/etc/logrotate.d/b"])
    #expect(try check(sample, "several") == 3)
  }

  @Test("generated files mean the same after the import", arguments: 1...4)
  func generated(seed: Int) throws {
    var state = UInt64(seed) &* 7919
    func draw(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }
    let pool = [
      "daily", "weekly", "monthly", "hourly", "yearly", "size 1M", "maxsize 5M", "minsize 20k", "minage 2", "rotate 7",
      "rotate 400", "compress", "nocompress", "delaycompress", "dateext", "dateformat -%Y-%m-%d",
      "create 600 root root",
      "nocreate", "copytruncate", "olddir /var/old", "extension .log", "maxage 9", "notifempty", "ifempty",
      "sharedscripts",
      "postrotate\nservice a reload || true\nendscript", "postrotate\ntest -f $1 && x\nendscript",
      "prerotate\n# c\nfor i in a b; do x; done\nendscript", "compresscmd /bin/bzip2", "compressext .b",
      "compressoptions -3",
    ]
    var compared = 0
    for number in 0..<150 {
      var text = "rotate 2\n"
      for stanza in 0...draw(3) {
        if draw(3) == 0 { text += pool[draw(10)] + "\n" }
        text +=
          "# stanza \(stanza)\n/var/log/\(number)/\(["*.log", "a\(stanza).log", "b", "[xy]\(stanza)*"][draw(4)]) {\n"
        for _ in 0...draw(7) { text += pool[draw(pool.count)] + "\n" }
        text += "}\n"
      }
      compared += try check(LogrotateSample(text), text)
    }
    #expect(compared > 200, "\(compared)")
  }
}
