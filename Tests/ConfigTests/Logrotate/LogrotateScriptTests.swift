import Config
import Rotation
import Testing

@Suite("Scripts of logrotate's language")
struct LogrotateScriptTests {
  private let script = "\n  kill -HUP 1 }\n"

  private func command(_ body: String, _ argument: String) -> Command {
    .program(["/bin/sh", "-c", ExactText(body), "logrotate_script", ExactText(argument)])
  }

  @Test("a shared script runs once with the names of the stanza, word for word")
  func shared() throws {
    let text = "/var/log/a.log\n/var/log/b*.log {\nrotate 1\nsharedscripts\npostrotate\(script)endscript\n}\n"
    let found = try #require(jobs(text).first)
    #expect(
      found.policy.hooks == [.script(command(script, "/var/log/a.log\n/var/log/b*.log "), limit: Limits.scriptLimit)])
  }

  @Test("a script of its own for each log gets the log and its archive from what a hook is given")
  func perLog() throws {
    let found = try #require(job("postrotate\(script)endscript"))
    guard case .script(.program(let words), _) = try #require(found.policy.hooks.first) else {
      Issue.record("no program")
      return
    }
    #expect(words[0] == "/bin/sh" && words[1] == "-c" && words.last == ExactText(script))
    #expect(words[2].printable.contains("$ROTATED_ARCHIVE"))
  }

  @Test("firstaction runs before prerotate, and lastaction after postrotate")
  func order() throws {
    let text =
      "firstaction\nfirst\nendscript\nprerotate\npre\nendscript\nlastaction\nlast\nendscript\npostrotate\npost\nendscript"
    let found = try #require(job("sharedscripts\n\(text)"))
    let name = "/var/log/app.log "
    #expect(found.policy.before == [command("\nfirst\n", name), command("\npre\n", name)])
    #expect(
      found.policy.hooks
        == ["\npost\n", "\nlast\n"].map { .script(command($0, name), limit: Limits.scriptLimit) })
  }

  @Test("the same script again replaces the first, and a brace or a directive in it is the script's")
  func replaced() throws {
    let found = try #require(
      job("sharedscripts\npostrotate\nold\nendscript\npostrotate\nif true; then {\n}\nfi\ndaily\nendscript\nweekly"))
    #expect(
      found.policy.hooks
        == [.script(command("\nif true; then {\n}\nfi\ndaily\n", "/var/log/app.log "), limit: Limits.scriptLimit)])
    #expect(found.schedule != nil)
  }

  @Test("prerotate for each log runs with each name, and says so where there are several")
  func prerotate() throws {
    let text = "/var/log/a /var/log/b {\nrotate 1\nprerotate\npre\nendscript\n}\n"
    let result = LogrotateSample(text).read()
    #expect(
      result.configuration?.jobs.first?.policy.before == [
        command("\npre\n", "/var/log/a"), command("\npre\n", "/var/log/b"),
      ])
    #expect(
      lines(result) == [
        "3:1: warning: `prerotate` runs before the first of the logs that are due, once with each name of the stanza in $1 "
          + "(logrotate runs it once for each log; write `sharedscripts` if once is enough)"
      ])
  }
}
