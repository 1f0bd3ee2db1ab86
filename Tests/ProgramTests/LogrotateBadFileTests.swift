import Glibc
import Testing

/// Files with mistakes: what is said of them, the exit code, and which of their stanzas still work, beside logrotate where it is installed.
@Suite("Bad files of logrotate")
struct LogrotateBadFileTests {
  private static let logrotate = "/usr/sbin/logrotate"
  private static let hasLogrotate = access(logrotate, X_OK) == 0

  /// A mistake between a stanza before it and one after it; `@` stands for the directory of the logs.
  struct Sample: CustomTestStringConvertible {
    var name: String
    var text: String
    /// What is said, after `error: `, a place and a blank; nil where there is no error.
    var says: String?
    /// Whether logrotate and rotated have the same exit code and rotate the same logs; else the row of the table that says why not.
    var differs: String?

    var testDescription: String { name }
  }

  static let samples = [
    Sample(name: "no mistake", text: "@/b.log { size 1\nrotate 1\n}\n"),
    Sample(name: "unknown directive", text: "@/b.log {\nsize 1\nrotate 1\nfrobnicate 3\n}\n"),
    Sample(name: "unclosed stanza", text: "@/b.log {\nsize 1\nrotate 1\n", says: "the name of a log within the stanza"),
    Sample(
      name: "missing endscript", text: "@/b.log {\nsize 1\nrotate 1\npostrotate\n true\n}\n",
      says: "`postrotate` has no `endscript`"),
    Sample(
      name: "comment after a value", text: "@/b.log {\nsize 1\nrotate 1 # one\n}\n", says: "`rotate` is \"1 # one\""),
    Sample(name: "value that is no number", text: "@/b.log {\nsize 1\nrotate many\n}\n", says: "`rotate` is \"many\""),
    Sample(
      name: "size without a unit that there is", text: "@/b.log {\nsize 1T\nrotate 1\n}\n", says: "`size` is \"1T\""),
    Sample(name: "brace without a stanza", text: "}\n", says: "`}` without a stanza"),
    Sample(name: "template", text: "${PKG}/b.log {\nsize 1\n}\n", says: "the line is"),
    Sample(name: "template in a directive", text: "@/b.log {\nsize 1\nrotate {{ keep }}\n}\n", says: "`rotate` is"),
    Sample(name: "word with a digit", text: "@/b.log {\nsize 1\nrotate3 1\n}\n", says: "`rotate` is followed by `3`"),
    Sample(
      name: "quote without an end", text: "\"@/b.log {\nsize 1\nrotate 1\n}\n", says: "a quote or a backslash",
      differs: "a quote without an end"),
    Sample(
      name: "text after a brace", text: "@/b.log {\nsize 1\nrotate 1\n} daily\n", says: "text after `}`",
      differs: "text after `}`"),
    Sample(name: "include that is missing", text: "include @/nothing\n", says: "cannot be read"),
    Sample(
      name: "taboo in a stanza", text: "@/b.log {\nsize 1\nrotate 1\ntabooext .x\n}\n",
      says: "`tabooext` is in a stanza"),
    Sample(name: "weekday 9", text: "@/b.log {\nweekly 9\nrotate 1\n}\n", says: "`weekly` is \"9\""),
    Sample(
      name: "unknown user", text: "@/b.log {\nsize 1\nrotate 1\ncreate 0600 nobodyhere nogroup\n}\n",
      differs: "a user or group that is not there"),
    Sample(
      name: "duplicate", text: "@/a.log @/b.log {\nsize 1\nrotate 1\n}\n", differs: "a log of two stanzas"),
  ]

  let scratch = Scratch()

  /// The exit code, what was said, and the logs that were rotated.
  private func run(_ program: [String], _ sample: String) throws -> (code: Int32, said: String, rotated: [String]) {
    for name in scratch.list("logs") { #expect(unlink(scratch["logs/\(name)"]) == 0) }
    for name in ["a", "b", "c"] { try scratch.write("\(name)\n", to: "logs/\(name).log") }
    let stanza = { (name: String) in "@/\(name).log {\nsize 1\nrotate 1\n}\n" }
    let text = (stanza("a") + sample + stanza("c")).split(separator: "@", omittingEmptySubsequences: false)
      .joined(separator: scratch["logs"])
    try scratch.write(text, to: "config")
    unlink(scratch["status"])
    let (code, said) = try Program.run(
      program[0], Array(program.dropFirst()) + ["-s", scratch["status"], scratch["config"]],
      environment: ["STATE_DIRECTORY": scratch["daemon"], "XDG_RUNTIME_DIR": scratch.path])
    return (code, said, scratch.list("logs").filter { $0.hasSuffix(".1") })
  }

  @Test("have the messages, the exit code and the effect that they have in logrotate", arguments: samples)
  func sample(_ sample: Sample) throws {
    let ours = try run([Program.rotatectl, "logrotate"], sample.text)
    if let words = sample.says {
      #expect(ours.code == 1 && ours.said.contains("error: \(scratch["config"]):"), "\(ours.said)")
      #expect(ours.said.contains(words), "\(ours.said)")
    } else {
      #expect(ours.code == 0, "\(ours.said)")
    }
    guard Self.hasLogrotate, getuid() == 0 else { return }
    let theirs = try run([Self.logrotate], sample.text)
    let isSame = ours.code == theirs.code && ours.rotated == theirs.rotated
    #expect(
      isSame == (sample.differs == nil),
      "rotated \(ours.code) \(ours.rotated), logrotate \(theirs.code) \(theirs.rotated): \(theirs.said)\(ours.said)")
  }

  @Test(
    "a file of 16 MiB and one byte, one with NULs, one that includes itself and one that others can write are refused")
  func files() throws {
    try scratch.write("x\n", to: "logs/a.log")
    let good = "\(scratch["logs"])/a.log {\nsize 1\nrotate 1\n}\n"
    let samples: [(text: String, mode: mode_t, words: String)] = [
      (String(repeating: "#", count: 16 << 20) + "\n", 0o644, "the limit is"),
      ("\u{0}\u{0}\u{0}\n", 0o644, "expected a directive"),
      ("include \(scratch["bad"])\n", 0o644, "includes itself"),
      (good, 0o666, "its group or others can write it"),
    ]
    for sample in samples where getuid() == 0 {
      try scratch.write(sample.text, to: "bad")
      #expect(chmod(scratch["bad"], sample.mode) == 0)
      try scratch.write("include \(scratch["bad"])\n\(good)", to: "config")
      unlink(scratch["logs/a.log.1"])
      try scratch.write("x\n", to: "logs/a.log")
      let (code, said) = try Program.run(
        Program.rotatectl, ["logrotate", "-s", scratch["status"], scratch["config"]],
        environment: ["STATE_DIRECTORY": scratch["daemon"], "XDG_RUNTIME_DIR": scratch.path])
      #expect(code == 1 && said.contains(sample.words), "\(sample.words): \(said.prefix(500))")
      // What stands in the other file works.
      #expect(scratch.list("logs") == ["a.log.1"], "\(sample.words)")
    }
  }

  @Test("files that include each other are read 16 deep, and no deeper")
  func deep() throws {
    try scratch.write("x\n", to: "logs/a.log")
    for number in 0..<20 {
      try scratch.write("include \(scratch["\(number + 1)"])\n", to: "\(number)")
    }
    try scratch.write("\(scratch["logs"])/a.log {\nsize 1\nrotate 1\n}\n", to: "20")
    let (code, said) = try Program.run(
      Program.rotatectl, ["logrotate", "-s", scratch["status"], scratch["0"]],
      environment: ["STATE_DIRECTORY": scratch["daemon"], "XDG_RUNTIME_DIR": scratch.path])
    #expect(code == 1 && said.contains("deep, which is the limit"), "\(said)")
    #expect(scratch.list("logs") == ["a.log"])
  }
}
