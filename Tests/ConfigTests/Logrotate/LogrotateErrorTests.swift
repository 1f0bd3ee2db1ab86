import Config
import Rotation
import Testing

@Suite("Errors in logrotate's language")
struct LogrotateErrorTests {
  private let good = "/good { rotate 1\n}\n"

  /// The names of the jobs, and the findings.
  private func outcome(_ text: String) -> (jobs: [String], findings: [String]) {
    let result = LogrotateSample(text).read()
    return (result.configuration?.jobs.map(\.name) ?? [], lines(result))
  }

  @Test(
    "an error in a stanza drops that stanza alone",
    arguments: [
      (
        "rotate x",
        "1:22: error: `rotate` is \"x\"; expected a whole number from -1 to 2147483647; the stanza is not used"
      ),
      (
        "rotate 1 # why",
        "1:22: error: `rotate` is \"1 # why\"; expected a whole number from -1 to 2147483647; the stanza is not used (a comment needs a line of its own)"
      ),
      ("rotate", "1:15: error: `rotate` has no value; expected a whole number from -1 to 2147483647"),
      (
        "rotate -2",
        "1:22: error: `rotate` is \"-2\"; expected a whole number from -1 to 2147483647; the stanza is not used"
      ),
      (
        "size 5T",
        "1:20: error: `size` is \"5T\"; expected a number of bytes, with `k`, `M` or `G` behind it for a power of 1024; the stanza is not used"
      ),
      (
        "size -5",
        "1:20: error: `size` is \"-5\"; expected a number of bytes, with `k`, `M` or `G` behind it for a power of 1024; the stanza is not used"
      ),
      (
        "maxsize 99999999999999999999",
        "1:23: error: `maxsize` is \"99999999999999999999\"; expected a number of bytes, with `k`, `M` or `G` behind it for a power of 1024; the stanza is not used"
      ),
      (
        "create 0640 root adm more",
        "1:22: error: `create` is \"0640 root adm more\"; expected a mode, a user and a group, such as `0640 root adm`; the stanza is not used"
      ),
      ("su root", "1:18: error: `su` is \"root\"; expected a user and a group; the stanza is not used"),
      ("compress!", "1:23: error: `compress` is followed by `!`; expected a blank. The stanza is not used"),
      (
        "$x",
        "1:15: error: the line is \"$x\"; expected a directive or the name of a log. The stanza is not used (the name of a log begins with `/`, with a quote, or with `~`)"
      ),
      (
        "tabooext .x",
        "1:15: error: `tabooext` is in a stanza, which is not used (write it outside of all stanzas, before the `include`)"
      ),
      (
        "/var/log/b {",
        "1:15: error: the name of a log within the stanza from line 1, which is not used (close the stanza with `}`)"
      ),
      (
        "olddir ../x",
        "1:15: error: `olddir` is \"../x\"; expected an absolute path or one from the log's directory, without `..`; the stanza is not used"
      ),
    ])
  func stanza(_ directive: String, _ message: String) {
    // The script shows that a brace in it does not end what is passed over.
    let text = "/var/log/a {  \(directive)\npostrotate\nf() {\n}\nendscript\nrotate 3\n}\n" + good
    let (jobs, findings) = outcome(text)
    #expect(jobs == ["/good"])
    #expect(findings == [message])
  }

  @Test(
    "an error outside of a stanza drops the rest of the file, and no stanza before it",
    arguments: [
      "rotate x\n", "}\n", "\u{1}\n", "compress;\n", "/c }\n", "'/c {\n}\n", "{\n}\n", "weekly 9\n",
      "monthly 0\n",
      "/c { weekly x\n}\n", "/c {\npostrotate\nx\n}\n", "include\n",
    ])
  func file(_ mistake: String) {
    let (jobs, findings) = outcome(good + mistake + "/other { rotate 2\n}\n")
    #expect(jobs == ["/good"])
    #expect(findings.count == 1 && findings.first?.contains(": error: ") == true, "\(findings)")
  }

  @Test("a file of a directory that has an error changes no setting, and its good stanzas count")
  func rolledBack() {
    let sample = LogrotateSample("rotate 2\ninclude /d\n/last { }\n").with(
      "/d/1", "rotate 8\n/a { }\n/b { rotate x\n}\n"
    )
    .with("/d/2", "/c { }")
    let result = sample.read()
    #expect(result.configuration?.jobs.map(\.name) == ["/a", "/c", "/last"])
    #expect(result.configuration?.jobs.map(\.policy.keep) == [8, 2, 2])
    #expect(lines(result).count == 1)
    #expect(lines(result).first?.hasPrefix("/d/1:3:13: error: `rotate` is \"x\"") == true, "\(lines(result))")
  }

  @Test("an unknown directive is a warning with the nearest name, and the rest of the stanza counts")
  func unknown() {
    let (jobs, findings) = outcome("/a { rotate 1\nnotifempt\ncopytruncat\nfoo bar\n}\n")
    #expect(jobs == ["/a"])
    #expect(
      findings == [
        "2:1: warning: unknown directive `notifempt`: the line is not used (did you mean `notifempty`?)",
        "3:1: warning: unknown directive `copytruncat`: the line is not used (did you mean `copytruncate`?)",
        "4:1: warning: unknown directive `foo`: the line is not used",
      ])
  }

  @Test("a template that was never filled in drops what logrotate drops")
  func templates() {
    #expect(outcome(good + "${PKG}/nginx/*.log {\nrotate 1\n}\n/b { }\n").jobs == ["/good"])
    #expect(outcome("/a { rotate 1\nmysql{MAJOR}\n}\n" + good).jobs == ["/good"])
    #expect(outcome("@LOGDIR@/x {\n}\n" + good).jobs == [])
  }

  @Test("text after a brace is an error, and nothing is dropped for it")
  func afterBrace() {
    let (jobs, findings) = outcome("/a { rotate 1\n} daily\n/b { rotate 1\n}\n")
    #expect(jobs == ["/a", "/b"])
    #expect(findings == ["2:3: error: text after `}` is not used (write it on a line of its own)"])
  }

  @Test("a stanza without its brace at the end of the file is used, with a warning")
  func unclosed() {
    let (jobs, findings) = outcome("/a {\nrotate 1\ndaily\n")
    #expect(jobs == ["/a"])
    #expect(findings == ["1:1: warning: the stanza has no `}` (write `}` on a line after its last directive)"])
  }

  @Test("NULs are errors: in a directive, a value, a name and a script")
  func nuls() {
    #expect(outcome("/a { rotate 1\n\u{0}\n}\n" + good).jobs == ["/good"])
    #expect(outcome("/a { olddir x\u{0}y\n}\n" + good).jobs == ["/good"])
    #expect(outcome("/a\u{0}b { rotate 1\n}\n" + good).jobs == ["/good"])
    #expect(outcome("/a { rotate 1\npostrotate\nx\u{0}\nendscript\n}\n" + good).jobs == ["/good"])
  }

  @Test("a file of 16 MiB is not read, and one just below is")
  func size() {
    let below = LogrotateSample(
      Array(good.utf8) + Array(repeating: UInt8(ascii: "\n"), count: (16 << 20) - 1 - good.utf8.count))
    #expect(below.read().configuration?.jobs.count == 1)
    let above = LogrotateSample(Array(good.utf8) + Array(repeating: UInt8(ascii: "\n"), count: 16 << 20))
    #expect(above.read().configuration == nil)
    #expect(lines(above.read()).first?.contains("the limit is 16777215") == true)
  }

  @Test("a file that includes itself is reported, and the rest counts")
  func loop() {
    let result = LogrotateSample(good + "include /x\n").with(
      "/x", "/x1 { rotate 1\n}\ninclude /etc/logrotate.conf\n/x2 { rotate 1\n}\n"
    ).read()
    #expect(result.configuration?.jobs.map(\.name) == ["/good", "/x1", "/x2"])
    #expect(lines(result) == ["/x:3:9: error: \"/etc/logrotate.conf\" includes itself (remove the `include`)"])
  }

  @Test("files include each other at most 16 deep")
  func depth() {
    var sample = LogrotateSample("rotate 1\ninclude /1\n")
    for number in 1...20 { sample = sample.with("/\(number)", "/log\(number) { }\ninclude /\(number + 1)\n") }
    let result = sample.read()
    #expect(result.configuration?.jobs.count == 16)
    #expect(lines(result).count == 1)
  }

  @Test("what cannot be read is reported where it is named, or as the file itself in a directory")
  func unreadable() {
    let missing = LogrotateSample(good + "include /none\n/b { rotate 1\n}\n").read()
    #expect(missing.configuration?.jobs.map(\.name) == ["/good", "/b"])
    #expect(lines(missing) == ["3:9: error: \"/none\" cannot be read: no such file or directory (ENOENT)"])
    var sample = LogrotateSample(good + "include /d\n").with("/d/a", "/a { rotate 1\n}").with("/d/b", "")
    sample.refused["/d/b"] = "is not used: its group or others can write it"
    #expect(sample.read().configuration?.jobs.map(\.name) == ["/good", "/a"])
    #expect(lines(sample.read()) == ["/d/b:1:1: error: the file is not used: its group or others can write it"])
  }

  @Test("a config that has no stanza without errors cannot be used")
  func nothing() {
    #expect(LogrotateSample("weekly\n").read().configuration == nil)
    #expect(LogrotateSample("/a { rotate x\n}\n").read().configuration == nil)
  }

  @Test("names that are no absolute paths of logs are left out, and the others of the stanza count")
  func names() {
    let (jobs, findings) = outcome("/var/log/../a /var/log/ \"x.log\" /var/log/b[ /ok { rotate 1\n}\n")
    #expect(jobs == ["/ok"])
    #expect(findings.count == 4)
  }

  @Test("a stanza without any rotate is warned of, since its logs' contents are removed")
  func noRotate() {
    #expect(
      outcome("/a { daily\n}\n").findings == [
        "1:1: warning: no `rotate` is in force: each rotation removes the content of the log (write `rotate 4` in the stanza, or before it)"
      ])
  }

  @Test("a user or group that is not there is a warning: the stanza is used")
  func accounts() {
    #expect(
      problems("create 640 nobodyhere adm\nsu nobodyhere nogroup") == [
        "3:1: warning: there is no user \"nobodyhere\" on this system: until there is, `create` takes that of the old log"
      ])
    #expect(job("create 640 nobodyhere adm")?.policy.creation == .create(mode: 0o640, user: nil, group: 4))
  }

  @Test(
    "a directive without an effect is warned of, and the rest of the stanza counts",
    arguments: [
      ("nomissingok", "directive `nomissingok` has no effect: a missing log is no error"),
      ("errors x", "directive `errors` has no effect"),
    ])
  func withoutEffect(_ text: String, _ message: String) throws {
    #expect(problems("dateext\n" + text) == ["4:1: warning: \(message)"])
    #expect(job("dateext\n" + text)?.policy.keep == 4)
  }
}
