import Config
import Rotation
import Testing

@Suite("The grammar of logrotate's language")
struct LogrotateGrammarTests {
  private func logs(_ text: String) -> [[FilePath]] { jobs(text).map { $0.logs.map(\.text) } }

  @Test("a stanza has names on one line or several, quoted or not, with comments among them")
  func names() {
    #expect(logs("/var/log/a{\nrotate 1\n}\n") == [["/var/log/a"]])
    #expect(logs("/var/log/a /var/log/b*.log\n{ rotate 1\n}") == [["/var/log/a", "/var/log/b*.log"]])
    #expect(
      logs("\"/var/log/a b\" '/var/log/c'\n# comment { }\n/var/log/d\\ e\n{\nrotate 1\n}") == [
        ["/var/log/a b", "/var/log/c", "/var/log/d e"]
      ])
    #expect(logs("~/a.log { rotate 1\n}\n") == [["/root/a.log"]])
    #expect(logs("/var//log/./a { rotate 1\n}\n") == [["/var/log/a"]])
    #expect(logs("/var/log/x {}\nrotate 1\n/var/log/y {}\n") == [["/var/log/x"], ["/var/log/y"]])
  }

  @Test("settings outside of a stanza hold for the stanzas after them")
  func globals() {
    let text = "rotate 3\ncompress\n/a { rotate 5\n}\n/b { nocompress\n}\nrotate 7\n/c { }\n"
    #expect(jobs(text).map(\.policy.keep) == [5, 3, 7])
    #expect(jobs(text).map { $0.policy.compression != nil } == [true, false, true])
  }

  @Test("flags may share a line, and a comment may follow a flag")
  func flags() {
    #expect(job("compress delaycompress # both")?.policy.compression?.from == 2)
    #expect(problems("compress # fine").isEmpty)
  }

  @Test("blank lines, tabs, line ends of Windows and a missing one at the end are no errors")
  func blanks() {
    #expect(job("\t\t daily\t\r\n\r\n\tsize\t=\t5M\t\r")?.sizeLimit?.bytes == 5 << 20)
    #expect(logs("/a {\r\nrotate 1\r\n}\r\n/b {\nrotate 1\n}") == [["/a"], ["/b"]])
  }

  @Test("an included directory is read in the order of names, without what tabooext and taboopat name")
  func directory() {
    let sample = LogrotateSample("rotate 2\ntabooext + .mine\ninclude /etc/logrotate.d\n")
      .with("/etc/logrotate.d/b", "/b { }").with("/etc/logrotate.d/a", "rotate 9\n/a { }")
      .with("/etc/logrotate.d/c.dpkg-old", "/c { }").with("/etc/logrotate.d/d.mine", "/d { }")
      .with("/etc/logrotate.d/.hidden.swp", "/e { }")
    let jobs = sample.read().configuration?.jobs ?? []
    // The file that comes last is `b`: what `a` sets holds from there on. A `*` does not match a leading dot.
    #expect(jobs.map(\.name) == ["/e", "/a", "/b"])
    #expect(jobs.map(\.policy.keep) == [2, 9, 9])
    let replaced = LogrotateSample("rotate 1\ntabooext .x\ntaboopat + q*\ninclude /d\n").with("/d/a.bak", "/a { }")
      .with("/d/b.x", "/b { }").with("/d/q1", "/q { }")
    #expect(replaced.read().configuration?.jobs.map(\.name) == ["/a"])
  }

  @Test("settings after an include do not reach it, and those in it reach what follows")
  func includeScope() {
    let jobs = LogrotateSample("rotate 2\ninclude /x\n/b { }\nrotate 5\n").with("/x", "/a { }\nrotate 3\n").read()
      .configuration?.jobs
    #expect(jobs?.map(\.policy.keep) == [2, 3])
    let inside = LogrotateSample("/a { include /x\n}\n/b { rotate 1\n}\n").with("/x", "rotate 6\n").read()
    #expect(inside.configuration?.jobs.map(\.policy.keep) == [6, 1])
  }

  @Test("a job is named by its first log")
  func jobNames() {
    let result = LogrotateSample("rotate 1\n/a /b { }\n/c*.log { }\n").read()
    #expect(result.configuration?.jobs.map(\.name) == ["/a", "/c*.log"])
  }

  @Test("the first stanza that has a log takes it, whatever the others say")
  func duplicates() {
    let text = "rotate 1\n/var/log/*.log { }\n/var/log/a.log { }\n/var/log/b /var/log/ap*.log { }\n/var/log/b { }\n"
    let result = LogrotateSample(text).read()
    #expect(result.configuration?.jobs.map(\.name) == ["/var/log/*.log", "/var/log/b"])
    #expect(result.configuration?.jobs.last?.exclude.map(\.text) == ["/var/log/*.log"])
    #expect(lines(result).count == 2)
    #expect(
      lines(result)[0].hasPrefix("3:1: warning: \"/var/log/a.log\" is rotated by \"/var/log/*.log\" as line 2 says"))
    #expect(lines(result)[1].hasPrefix("5:1: warning: \"/var/log/b\" is rotated as line 4 says"))
    let quiet = LogrotateSample("rotate 1\n/var/log/*.log { ignoreduplicates\n}\n/var/log/a.log { }\n").read()
    #expect(lines(quiet) == [])
  }

  @Test("a pattern that matches the archives of its own logs excludes them")
  func ownArchives() throws {
    let samba = try #require(jobs("/var/log/samba/log.* { rotate 7\ncompress\n}").first)
    func excludes(_ path: FilePath) -> Bool { samba.exclude.contains { $0.matches(path: path) } }
    #expect(excludes("/var/log/samba/log.smbd.1") && excludes("/var/log/samba/log.smbd.12.gz"))
    #expect(!excludes("/var/log/samba/log.smbd") && !excludes("/var/log/samba/log.192.168.1.5x"))
    let dated = try #require(jobs("/var/log/fax/* { rotate 7\ndateext\n}").first)
    #expect(dated.exclude.contains { $0.matches(path: "/var/log/fax/in-20260102.gz") })
    #expect(try #require(jobs("/var/log/*.log { rotate 7\n}").first).exclude.isEmpty)
  }

  @Test(
    "a text is told apart from TOML by its first lines",
    arguments: [
      ("# comment\nweekly\nrotate 4\n", ConfigFormat.logrotate), ("/var/log/a {\n}", .logrotate),
      ("\"/var/log/a b\" {\n}", .logrotate), ("size=5M\n/a {}\n", .logrotate),
      ("include /etc/logrotate.d\n", .logrotate),
      ("su root adm\n", .logrotate), ("include = \"conf.d/*.toml\"\n[job.a]\n", .toml), ("[defaults]\n", .toml),
      ("", .toml),
      ("job.a.logs = \"/a\"\n", .toml), ("# only a comment\n", .toml), ("unknown word\n/a {}\n", .logrotate),
    ])
  func formats(_ text: String, _ format: ConfigFormat) { #expect(ConfigFormat.of(Array(text.utf8)) == format) }
}
