import Config
import Rotation
import Testing
import Timekeeping

@Suite("What logrotate's language wants done with an archive before it is removed")
struct LogrotateRemovalTests {
  private let script = Command.program(["/bin/sh", "-c", "\nship \"$1\"\n", "logrotate_script"])

  private func tasks(_ directives: String) -> [RemovalTask]? { job(directives)?.policy.beforeRemoval }

  private func mail(_ uncompressor: ExactText? = nil) -> RemovalTask {
    .mail(
      Mail(program: "/usr/bin/mail", address: "root@example.org", uncompressor: uncompressor), limit: Limits.mailLimit)
  }

  @Test("preremove is a script that gets the archive")
  func preremove() {
    #expect(tasks("preremove\nship \"$1\"\nendscript") == [.script(script, limit: Limits.scriptLimit)])
    #expect(tasks("") == [])
  }

  @Test("mail comes before preremove; the last address counts, nomail takes it away, and what is global holds")
  func mailed() {
    #expect(tasks("mail x\npreremove\nship \"$1\"\nendscript\nmail root@example.org")?.first == mail())
    #expect(tasks("mail x\nnomail") == [])
    #expect(
      jobs("mail root@example.org\n/a { rotate 1\n}\n/b { nomail\n}\n").map(\.policy.beforeRemoval) == [[mail()], []])
    #expect(tasks("mail root@example.org\nmailfirst\nmaillast") == [mail()])
    #expect(tasks("mail root@example.org\nuncompresscmd zcat") == [mail("zcat")])
  }

  @Test("archives are removed by count and by age as without it")
  func kept() throws {
    let policy = try #require(job("mail x\nmaxage 3\npreremove\nx\nendscript")?.policy)
    #expect(policy.keep == 4 && policy.rules.maxAgeAtRotation == .seconds(3 * 86_400))
  }

  @Test("mailfirst mails a log after its rotation, between postrotate and lastaction; with rotate 0 before its removal")
  func first() throws {
    let policy = try #require(
      job("mail root@example.org\nmailfirst\npostrotate\npost\nendscript\nlastaction\nlast\nendscript")?.policy)
    #expect(policy.beforeRemoval == [])
    #expect(policy.hooks.count == 3)
    guard case .run(.program(let words), Limits.scriptLimit) = policy.hooks[1] else {
      Issue.record("no mail between the scripts: \(policy.hooks)")
      return
    }
    #expect(words.last?.printable.contains("exec '/usr/bin/mail' -s \"$2\" 'root@example.org'") == true)
    let none = try #require(job("rotate 0\nmail root@example.org\nmailfirst")?.policy)
    #expect(none.beforeRemoval == [mail()] && none.hooks == [])
  }

  @Test("an address is one word for the shell, whatever it has in it")
  func quoted() throws {
    let hook = try #require(job("mail o'neill;$(id)\nmailfirst")?.policy.hooks.first)
    guard case .run(.program(let words), _) = hook else { return }
    #expect(words.last?.printable.contains("'o'\\''neill;$(id)'") == true, "\(words)")
  }

  @Test("the subject is the log where what is mailed was compressed, as logrotate has it")
  func subject() throws {
    for (directives, subject) in [("compress", "$1"), ("compress\ndelaycompress", "$2"), ("delaycompress", "$2")] {
      guard
        case .run(.program(let words), _) = try #require(job("mail x\nmailfirst\n\(directives)")?.policy.hooks.first)
      else { continue }
      #expect(words.last?.printable.contains("-s \"\(subject)\"") == true, "\(directives)")
    }
  }

  @Test("a compressed archive is uncompressed by the program of its suffix, and a plain one is mailed as it is")
  func uncompressor() throws {
    let mail = Mail(program: "mail", address: "x")
    #expect(mail.command(subject: "s", suffix: "") == .program(["mail", "-s", "s", "x"]))
    let programs = [".gz": "gunzip", ".xz": "unxz", ".bz2": "bunzip2", ".zst": "unzstd", ".odd": "gunzip"]
    for (suffix, program) in programs {
      guard case .program(let words) = mail.command(subject: "s", suffix: suffix) else { continue }
      #expect(words.suffix(4) == ["mail", "s", "x", ExactText(program)])
    }
  }

  @Test("`shred` overwrites after all else, as often as `shredcycles` says")
  func shred() {
    #expect(tasks("shred") == [.overwrite(cycles: nil)])
    #expect(tasks("shredcycles 7\nshred") == [.overwrite(cycles: 7)])
    #expect(tasks("shredcycles 0\nshred") == [.overwrite(cycles: nil)])
    #expect(tasks("shredcycles 7") == [] && tasks("shred\nnoshred") == [])
    #expect(tasks("shred\npreremove\nship\nendscript\nmail x")?.last == .overwrite(cycles: nil))
    var sample = LogrotateSample("/a {\nrotate 1\nshred\n}\n")
    sample.missing = ["shred"]
    #expect(
      lines(sample.read()) == [
        "3:1: warning: the program `shred` is not installed: until it is, nothing is overwritten"
      ])
  }

  @Test("a program for mail that is not there is warned of")
  func missing() {
    var sample = LogrotateSample("/a {\nrotate 1\nmail x\n}\n")
    #expect(lines(sample.read()) == [])
    sample.mailer = "lz4"
    #expect(
      lines(sample.read()) == [
        "3:1: warning: the program `lz4` is not installed: until it is, no archive is removed that is to be mailed"
      ])
  }
}
