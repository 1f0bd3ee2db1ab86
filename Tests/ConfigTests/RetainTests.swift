import Config
import Rotation
import Testing
import Timekeeping

@Suite("A job with retain in a config")
struct RetainTests {
  private func job(_ lines: String, defaults: String = "") -> Job? {
    let result = read("[defaults]\n\(defaults)\n[job.x]\n\(lines)\n")
    #expect(findings(result) == [])
    return result.configuration?.jobs.first
  }

  /// The findings of a job with these lines, the first of which has line 2.
  private func problems(_ lines: String) -> [String] { findings(read("[job.x]\n\(lines)\n")) }

  @Test("it has no logs, is due each hour, and is not confirmed unless the config says so")
  func builtIn() throws {
    let job = try #require(self.job("retain = '/d/*.log'\nkeep = 3"))
    #expect(job.logs.isEmpty && job.sizeLimit == nil)
    #expect(job.schedule?.description == "hourly")
    let retained = try #require(job.policy.retained)
    #expect(retained == Retained(patterns: [LogPattern("/d/*.log")], keep: 3, isConfirmed: false))
    #expect(job.policy.maxAge == nil && job.policy.maxTotal == nil && job.policy.keepMin == 1)
    #expect(self.job("retain = '/d/*.log'\nkeep = 3\ndaily = true")?.schedule?.description == "daily at 00:00")
    #expect(self.job("retain = '/d/*.log'\nkeep = 3\nretain-confirmed = true")?.policy.retained?.isConfirmed == true)
  }

  @Test("rules of [defaults] are about archives, and remove none of its files")
  func defaults() throws {
    let job = try #require(
      self.job(
        "retain = ['/d/*.log', '/e/*.csv']\nmax-age = '30d'",
        defaults: "keep = 2\nmax-total = '1G'\ncompress = 'gzip'\nsize = 5"))
    #expect(job.policy.retained?.keep == nil)
    #expect(job.policy.maxTotal == nil && job.policy.maxAge == .seconds(30 * 86_400))
    #expect(job.policy.compression == nil && job.sizeLimit == nil)
  }

  @Test(
    "a pattern for the newest file, for everything, or for every directory is an error",
    arguments: [
      ("'/d/a.log'", "\"/d/a.log\" is one file in a directory: the newest of its group, which always stays"),
      ("'/d/*/a.log'", "\"/d/*/a.log\" is one file in a directory: the newest of its group, which always stays"),
      ("'/d/*'", "\"/d/*\" takes in every file of a directory, whatever its name"),
      ("'/d/?*'", "\"/d/?*\" takes in every file of a directory, whatever its name"),
      ("'/d/[!x]*'", "\"/d/[!x]*\" takes in every file of a directory, whatever its name"),
      ("'/*.log'", "\"/*.log\" takes in files of every directory below the root directory"),
      ("'/*/*.log'", "\"/*/*.log\" takes in files of every directory below the root directory"),
      ("'/d/../e/*.log'", "\"/d/../e/*.log\": a path cannot contain `..`"),
      ("'d/*.log'", "\"d/*.log\" is not an absolute path"),
    ])
  func patterns(pattern: String, message: String) {
    let found = problems("retain = \(pattern)\nkeep = 3")
    #expect(found.count == 1 && found[0].contains("error: \(message)"), "\(found)")
  }

  @Test("what would remove the newest file, or nothing, or contradicts it is an error")
  func contradictions() {
    func says(_ lines: String, _ message: String) {
      let found = problems("retain = '/d/*.log'\n\(lines)")
      #expect(found.count == 1 && found.first?.contains("error: \(message)") == true, "\(lines): \(found)")
    }
    says(
      "keep = 0",
      "job `x` has `keep = 0` with `retain`: the newest file, which its program may still write, always stays")
    says("max-age = '2d'\nkeep-min = 0", "job `x` has `keep-min = 0` with `retain`")
    says("", "job `x` has `retain` without `keep`, `max-age` or `max-total`, so it removes nothing")
    says("keep = 3\ncompress = 'gzip'", "job `x` has `compress` with `retain`: such a job rotates nothing")
    says("keep = 3\nlogs = '/d/a'", "job `x` has `logs` with `retain`")
    says("keep = 3\nsize = 5", "job `x` has `size` with `retain`")
    #expect(problems("retain = '/d/*.log'\nmax-age = '2d'\nkeep-min = 20").isEmpty)
    let without = findings(read("[job.x]\nlogs = '/a'\ndaily = true\nretain-confirmed = true\n"))
    #expect(
      without == [
        "4:1: error: job `x` has `retain-confirmed` without `retain` (add `retain`, or remove `retain-confirmed`)"
      ])
    for key in ["retain = '/d/*.log'", "retain-confirmed = true"] {
      let found = findings(read("[defaults]\n\(key)\n[job.x]\nlogs = '/a'\ndaily = true\n"))
      #expect(found.count == 1 && found.first?.contains("is not allowed in `[defaults]`") == true, "\(found)")
    }
  }

  @Test("a pattern that matches logs of another job is an error, unless it excludes them")
  func otherJobs() {
    func found(_ log: String, _ more: String = "") -> [String] {
      findings(read("[job.a]\nlogs = '\(log)'\ndaily = true\n[job.x]\nretain = '/d/*.log'\nkeep = 3\n\(more)\n"))
    }
    let message = "is a log of job `a`"
    #expect(found("/d/app.log").contains { $0.hasPrefix("5:10: error:") && $0.contains(message) })
    #expect(found("/d/*.log").contains { $0.contains(message) })
    #expect(found("/d/app.log", "exclude = '/d/app.log'").isEmpty)
    #expect(found("/e/app.log").isEmpty)
    let twice = findings(read("[job.a]\nretain = '/d/*.log'\nkeep = 3\n[job.b]\nretain = '/d/*.log'\nkeep = 4\n"))
    #expect(twice.count == 1 && twice.first?.contains("is already in a `retain` (line 2)") == true, "\(twice)")
  }
}
