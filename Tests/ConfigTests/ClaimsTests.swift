import Config
import Rotation
import Testing
import Timekeeping

@Suite("Claims")
struct ClaimsTests {
  private func claims(_ jobs: [(logs: [String], exclude: [String])]) -> Claims {
    Claims(
      Configuration(
        jobs: jobs.enumerated().map { index, job in
          Job(
            name: "\(index)", logs: job.logs.map { LogPattern(FilePath($0)) },
            exclude: job.exclude.map { LogPattern(FilePath($0)) },
            sizeLimit: SizeLimit(bytes: 1, check: .seconds(1)), policy: Policy(keep: 1))
        }))
  }

  @Test("a plain path takes precedence over a pattern, then the longer fixed prefix, then the first job in the config")
  func precedence() {
    let claims = claims([
      (["/v/*"], []), (["/v/a*"], []), (["/v/app*"], []), (["/v/app.log"], []), (["/v/app.log", "/v/?pp2.log"], []),
      (["/v/a*"], []), (["/*/*"], []),
    ])
    #expect(claims.owner(of: "/v/app.log") == 3)
    #expect(claims.owner(of: "/v/app.txt") == 2)
    #expect(claims.owner(of: "/v/abc") == 1)
    #expect(claims.owner(of: "/v/zpp2.log") == 0)
    #expect(claims.owner(of: "/v/zzz") == 0)
    #expect(claims.owner(of: "/w/zzz") == 6)
    #expect(claims.owner(of: "/w/z/z") == nil)
    #expect(claims.owner(of: "/v/.hidden") == nil)
    #expect(claims.owner(of: "") == nil)
  }

  @Test("a prefix that continues into a component counts less than the whole component")
  func componentPrefix() {
    let claims = claims([(["/v/app*/x.log"], []), (["/v/app/*.log"], [])])
    #expect(claims.owner(of: "/v/app/x.log") == 1)
    #expect(claims.owner(of: "/v/apple/x.log") == 0)
  }

  @Test("a log that a job excludes belongs to the next job that claims it")
  func exclude() {
    let claims = claims([
      (["/v/app.log", "/v/*.log"], ["/v/app*", "/v/[xy].log"]), (["/v/app.log"], []), (["/v/*"], []),
    ])
    #expect(claims.owner(of: "/v/app.log") == 1)
    #expect(claims.owner(of: "/v/x.log") == 2)
    #expect(claims.owner(of: "/v/z.log") == 0)
    #expect(claims.owner(of: "/v/app2.log") == 2)
  }

  @Test("an escaped wildcard is an ordinary character of the prefix")
  func escapes() {
    let claims = claims([(["/v/x\\*y*"], []), (["/v/x*"], [])])
    #expect(claims.owner(of: "/v/x*yz") == 0)
    #expect(claims.owner(of: "/v/xaya") == 1)
  }

  @Test("two spellings of one letter are two files")
  func bytes() {
    let claims = claims([(["/v/\u{E9}.log"], []), (["/v/e\u{301}.log"], []), (["/v/e\u{301}*"], [])])
    #expect(claims.owner(of: "/v/\u{E9}.log") == 0)
    #expect(claims.owner(of: "/v/e\u{301}.log") == 1)
    #expect(claims.owner(of: "/v/\u{E9}.txt") == nil)
  }

  @Test("a lookup among many jobs costs no more than one among few")
  func manyJobs() {
    let claims = claims(
      (0..<10_000).map { (["/v/d\($0)/*.log", "/v/d\($0)/plain"], []) } + [(["/v/*/*"], [])])
    var right = 0
    for index in 0..<10_000 {
      if claims.owner(of: "/v/d\(index)/x.log") == index, claims.owner(of: "/v/d\(index)/plain") == index { right += 1 }
    }
    #expect(right == 10_000)
    #expect(claims.owner(of: "/v/d7/x.txt") == 10_000)
  }
}

@Suite("Warnings of claims")
struct ClaimWarningTests {
  private func job(_ name: String, _ logs: String) -> String { "[job.\(name)]\nlogs = \(logs)\nsize = 1\n" }

  @Test("a log that two jobs name belongs to the first, and the warning has both positions")
  func samePath() {
    let result = read(job("x", "'/v/a'") + job("y", "['/v/b', '/v/a']"))
    #expect(
      findings(result) == [
        "5:17: warning: job `y` also names \"/v/a\", which belongs to job `x` (line 2): the first job in the config takes it"
      ])
    #expect(result.configuration != nil)
  }

  @Test("a pattern that matches another job's path leaves it to that job")
  func patternOverPath() {
    #expect(
      findings(read(job("all", "'/v/*.log'") + job("x", "'/v/a.log'") + job("y", "'/v/b.log'"))) == [
        "2:8: warning: \"/v/*.log\" of job `all` also matches \"/v/a.log\", which belongs to job `x` (line 5): "
          + "a plain path takes precedence over a pattern"
      ])
  }

  @Test("an excluded path is not shared by two jobs, nor are two patterns of one job")
  func noWarning() {
    #expect(findings(read(job("all", "'/v/*.log'") + "exclude = '/v/a.log'\n" + job("x", "'/v/a.log'"))) == [])
    #expect(findings(read(job("x", "['/v/*.log', '/v/a.log', '/v/*.log']"))) == [])
    #expect(findings(read(job("x", "'/v/a'") + job("y", "'/w/a'"))) == [])
  }

  @Test("one pattern in two jobs belongs to the first")
  func samePattern() {
    #expect(
      findings(read(job("x", "'/v/*.log'") + job("y", "'/v/*.log'"))) == [
        "5:8: warning: job `y` has the same pattern \"/v/*.log\" as job `x` (line 2): "
          + "the first job in the config takes its logs"
      ])
  }

  private func twoReadings(_ pattern: String, _ archive: String, of log: String, _ exclude: String) -> String {
    "\"\(pattern)\" matches \"\(archive)\" as a log, and job `x` gives that name to an archive of \"\(log)\": a file with such "
      + "a name is not rotated, and it is moved, compressed or removed only if the state says that a rotation made it "
      + "(if such names are archives, give job `JOB` `exclude = \"\(exclude)\"`; if they are logs, give job `x` an "
      + "`archive-dir`)"
  }

  @Test("a pattern that matches archives causes a warning with both meanings, and with a pattern that separates them")
  func archives() {
    for (config, place, job, pattern, archive, log, exclude) in [
      (job("x", "'/v/app.log*'"), 2, "x", "/v/app.log*", "/v/app.log.1", "/v/app.log", "/v/*.log.[0-9]*"),
      (job("x", "'/v/*'"), 2, "x", "/v/*", "/v/x.1", "/v/x", "/v/*.[0-9]*"),
      (job("x", "'/v/*/*'"), 2, "x", "/v/*/*", "/v/x/x.1", "/v/x/x", "/v/*/*.[0-9]*"),
      (job("x", "'/v/a'") + job("y", "'/v/a.[0-9]'"), 5, "y", "/v/a.[0-9]", "/v/a.1", "/v/a", "/v/*.[0-9]*"),
      (
        job("x", "'/v/*.log'") + "extension = true\n", 2, "x", "/v/*.log", "/v/x.1.log", "/v/x.log", "/v/*.[0-9]*.log"
      ),
      (
        job("x", "'/v/*.log'") + "extension = true\narchive-names = 'dated'\ndate-format = '-%Y-%m-%d'\n", 2, "x",
        "/v/*.log",
        "/v/x-2026-11-22.log", "/v/x.log", "/v/*-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*.log"
      ),
    ] {
      let wanted = twoReadings(pattern, archive, of: log, exclude).split(separator: "`JOB`").joined(
        separator: "`\(job)`")
      #expect(findings(read(config)) == ["\(place):8: warning: \(wanted)"])
      #expect(exclude != pattern)
      // The hint is good: with it, there is one meaning left.
      let lines = config.split(separator: "\n").flatMap { line in
        line == "[job.\(job)]" ? [String(line), "exclude = '\(exclude)'"] : [String(line)]
      }
      #expect(findings(read(lines.joined(separator: "\n"))) == [])
    }
    #expect(findings(read(job("x", "['/v/*.log', '/v/app-[a-z]']"))) == [])
  }

  @Test("a path that is a version of a log of some job is an error, and no other number is")
  func versionAsLog() {
    let result = read(job("x", "'/v/a'") + job("y", "['/v/a.1', '/v/b.1', '/v/a.01', '/w/a.1']"))
    #expect(
      findings(result) == [
        "5:9: error: \"/v/a.1\" has two meanings: a log of job `y`, and version 1 of \"/v/a\", which job `x` "
          + "rotates (if it is an archive, remove this path; if it is a log, give job `x` an `archive-dir` or other `archive-names`)"
      ])
    #expect(result.configuration == nil)
    let workers = job("x", "['/v/worker.log', '/v/worker.1.log', '/v/worker.2.log']")
    #expect(findings(read(workers)) == [])
    #expect(findings(read(workers + "extension = true\n")).count { $0.contains(": error: ") } == 2)
  }

  @Test("archives are distinguished from logs in every naming, and the warning names one of them")
  func otherNamings() {
    let dated = "archive-names = 'dated'\ndate-format = '-%Y%m%d'\nextension = true\n"
    #expect(
      findings(read(job("x", "'/v/*.log'") + dated)).first?.contains("matches \"/v/x-20261122.log\" as a log") == true)
    #expect(findings(read(job("x", "'/v/*.log'") + "archive-names = 'dated'\n")) == [])
    let result = read(job("x", "'/v/*.log'") + dated + "archive-dir = '/old'\n" + job("y", "'/old/*.log'"))
    guard let configuration = result.configuration else { return #expect(Bool(false), "\(findings(result))") }
    let claims = Claims(configuration)
    #expect(claims.log(ofArchive: "a-20261122.log", in: "/v") == "/v/a.log")
    #expect(claims.log(ofArchive: "a-20261122~2.log.gz", in: "/old") == "/v/a.log")
    #expect(claims.log(ofArchive: "a.log.1", in: "/v") == "/v/a.log")
    #expect(claims.log(ofArchive: "a-2026112200.log", in: "/v") == nil)
    #expect(claims.log(ofArchive: "b.txt-20261122", in: "/v") == nil)
    #expect(claims.log(ofArchive: "a.log", in: "/old") == nil)
  }

  @Test("logs whose archives would be mixed are refused, and a pattern that may match such logs causes a warning")
  func mixedArchives() {
    let shared = "archive-dir = '/old'\n"
    #expect(
      findings(read(job("x", "'/v/a'") + shared + job("y", "['/w/b', '/w/a']") + shared)) == [
        "6:17: error: the archives of \"/w/a\" and of \"/v/a\" (line 2) would have the same names in the same directory "
          + "(give one of them another `archive-dir`)"
      ])
    #expect(findings(read(job("x", "'/v/a'") + shared + job("y", "'/old/a'"))).count == 1)
    #expect(findings(read(job("x", "'/v/a'") + "archive-dir = 'old'\n" + job("y", "'/v/old/a'"))).count == 1)
    #expect(findings(read(job("x", "['/v/a', '/v/b']") + shared + job("y", "'/w/a'"))) == [])
    #expect(findings(read(job("x", "'/v/*/a'") + shared)).first?.contains("in several directories") == true)
    #expect(findings(read(job("x", "'/v/*/a'") + "archive-dir = 'old'\n")) == [])
  }

  @Test("warnings beyond a hundred are only counted")
  func bounded() {
    let text = (0..<105).map { job("a\($0)", "'/v/\($0)'") + job("b\($0)", "'/v/\($0)'") }.joined()
    let result = read(text)
    #expect(result.diagnostics.count == Limits.maxWarnings + 1)
    #expect(result.diagnostics.last?.message == "5 more warnings about logs of several jobs are not shown")
    #expect(result.configuration?.jobs.count == 210)
  }
}
