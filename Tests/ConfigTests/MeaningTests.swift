import Config
import Rotation
import Testing
import Timekeeping

@Suite("What a config means")
struct MeaningTests {
  @Test("every key of a job arrives in the model")
  func everyKey() throws {
    let result = read(
      """
      [job.web]
      logs = ["/var/log/a.log", '/var/log/web/*.log']
      exclude = "/var/log/web/debug*"
      every = "1h 30min"
      size = "1.5K"
      check = "5s"
      keep = 0
      if-empty = true
      create = { mode = "0640", user = "www-data", group = "adm" }
      """)
    #expect(findings(result) == [])
    let job = Job(
      name: "web", logs: [LogPattern("/var/log/a.log"), LogPattern("/var/log/web/*.log")],
      exclude: [LogPattern("/var/log/web/debug*")], schedule: .interval(.seconds(5400)),
      sizeLimit: SizeLimit(bytes: 1536, check: .seconds(5)),
      policy: Policy(keep: 0, rotatesEmpty: true, creation: .create(mode: 0o640, user: 33, group: 4)))
    #expect(result.configuration?.jobs == [job])
    #expect(result.configuration?.daemon == DaemonSettings())
  }

  @Test("a job that says little gets the documented defaults")
  func programDefaults() throws {
    let job = try #require(read("[job.x]\nlogs = '/a'\nsize = 1000\n").configuration?.jobs.first)
    #expect(job.policy == Policy(keep: 7, rotatesEmpty: false, creation: .likeOldLog))
    #expect(job.sizeLimit == SizeLimit(bytes: 1000, check: nil))
    #expect(job.schedule == nil)
    #expect(job.exclude == [])
  }

  @Test(
    "a daily job runs at midnight, or at the time in the config",
    arguments: [
      ("true", TimeOfDay.midnight), ("'03:30'", TimeOfDay(hour: 3, minute: 30, second: 0)),
      ("'23:59:59'", TimeOfDay(hour: 23, minute: 59, second: 59)), ("'00:00'", .midnight),
    ])
  func daily(_ value: String, _ time: TimeOfDay) throws {
    let job = try #require(read("[job.x]\nlogs = '/a'\ndaily = \(value)\n").configuration?.jobs.first)
    #expect(job.schedule == .daily(time))
  }

  @Test(
    "the shorthands and calendars have their times, and their own names",
    arguments: [
      ("hourly = true", "hourly", ["*-*-* *:00:00"]), ("weekly = true", "weekly", ["Mon *-*-* 00:00:00"]),
      ("monthly = true", "monthly", ["*-*-01 00:00:00"]), ("yearly = true", "yearly", ["*-01-01 00:00:00"]),
      ("daily = true\nweekly = false", "daily at 00:00", ["*-*-* 00:00:00"]),
      ("calendar = 'Mon..Fri 22:30'", "calendar Mon..Fri 22:30", ["Mon..Fri *-*-* 22:30:00"]),
      (
        "calendar = ['*-*~01', '6:0 UTC']", "calendar *-*~01; 6:0 UTC",
        ["*-*~01 00:00:00", "*-*-* 06:00:00 UTC"]
      ),
    ])
  func calendars(_ line: String, _ name: String, _ normalForms: [String]) throws {
    let result = read("[job.x]\nlogs = '/a'\n\(line)\n")
    #expect(findings(result) == [])
    let job = try #require(result.configuration?.jobs.first)
    guard case .calendar(let calendar) = job.schedule else {
      Issue.record("\(String(describing: job.schedule)) is no calendar")
      return
    }
    #expect(calendar.name == name)
    #expect(job.schedule?.description == name)
    #expect(calendar.expressions.map(\.description) == normalForms)
    #expect(calendar.delay == .zero)
    #expect(job.catchesUp)
  }

  @Test("a jitter delays each job by its own share, also from the defaults, and an interval not at all")
  func jitter() throws {
    let result = read(
      """
      [defaults]
      daily = true
      jitter = "10min"
      catch-up = false
      [job.a]
      logs = "/a"
      [job.b]
      logs = "/b"
      [job.none]
      logs = "/c"
      jitter = "0s"
      catch-up = true
      [job.interval]
      logs = "/d"
      every = "1h"
      """)
    #expect(findings(result) == [])
    let jobs = try #require(result.configuration?.jobs)
    let delays = jobs.map { job in if case .calendar(let calendar) = job.schedule { calendar.delay } else { Span?.none }
    }
    let shares = ["a", "b"].map { Jitter.share(of: .seconds(600), machine: "5a1e", job: $0) }
    #expect(delays == [shares[0], shares[1], .zero, nil])
    #expect(shares[0] != shares[1])
    #expect(jobs.map(\.catchesUp) == [false, false, true, false])
  }

  @Test(
    "`create` decides what replaces the log",
    arguments: [
      ("true", Creation.likeOldLog), ("false", .leftToWriter), ("{}", .likeOldLog),
      ("{ mode = '600' }", .create(mode: 0o600, user: nil, group: nil)),
      ("{ user = '1234', group = '0' }", .create(mode: nil, user: 1234, group: 0)),
    ])
  func creation(_ value: String, _ creation: Creation) throws {
    let job = try #require(read("[job.x]\nlogs = '/a'\nsize = 1\ncreate = \(value)\n").configuration?.jobs.first)
    #expect(job.policy.creation == creation)
  }

  @Test("[defaults] hold for every job that does not replace them")
  func tableOfDefaults() throws {
    let jobs = try #require(
      read(
        """
        [defaults]
        exclude = "/x"
        every = "1h"
        size = "1K"
        check = "2s"
        keep = 1
        if-empty = true
        create = { mode = "0600", user = "root" }
        [job.plain]
        logs = "/a"
        [job.own]
        logs = "/b"
        exclude = []
        daily = "01:00"
        size = "2K"
        check = "3s"
        keep = 2
        if-empty = false
        create = { group = "adm" }
        [job.sizeonly]
        logs = "/c"
        daily = false
        """
      ).configuration?.jobs)
    let plain = Job(
      name: "plain", logs: [LogPattern("/a")], exclude: [LogPattern("/x")], schedule: .interval(.seconds(3600)),
      sizeLimit: SizeLimit(bytes: 1024, check: .seconds(2)),
      policy: Policy(keep: 1, rotatesEmpty: true, creation: .create(mode: 0o600, user: 0, group: nil)))
    var sizeOnly = plain
    sizeOnly.name = "sizeonly"
    sizeOnly.logs = [LogPattern("/c")]
    sizeOnly.schedule = nil
    let own = Job(
      name: "own", logs: [LogPattern("/b")], schedule: .daily(TimeOfDay(hour: 1, minute: 0, second: 0)),
      sizeLimit: SizeLimit(bytes: 2048, check: .seconds(3)),
      policy: Policy(keep: 2, rotatesEmpty: false, creation: .create(mode: nil, user: nil, group: 4)))
    #expect(jobs == [plain, own, sizeOnly])
  }

  @Test("jobs come in the order of the config, whatever their names")
  func order() throws {
    let text = ["z", "b", "y", "a"].map { "[job.\($0)]\nlogs = '/\($0)'\nsize = 1\n" }.joined()
    #expect(read(text).configuration?.jobs.map(\.name) == ["z", "b", "y", "a"])
  }

  @Test("a job may be written in every form of TOML")
  func writings() throws {
    let plain = read("[job.\"a b\"]\nlogs = '/a'\nsize = 1\ncreate = { mode = '0640' }\n")
    #expect(plain.configuration != nil)
    let others = [
      "job.\"a b\" = { logs = '/a', size = 0x1, create.mode = '0640' }\n",
      "[job]\n\"a b\".logs = ['/a']\n\"a b\".size = 1\n[job.\"a b\".create]\nmode = '0640'\n",
      "\u{FEFF}[job.'a b']\r\nlogs = \"\"\"/a\"\"\"\r\nsize = +1 # one\r\ncreate = { mode = '0640' }",
    ]
    for text in others {
      #expect(read(text).configuration?.jobs == plain.configuration?.jobs, "\(text)")
      #expect(read(text).diagnostics == plain.diagnostics, "\(text)")
    }
  }

  @Test("each account is looked up once")
  func accountsOnce() {
    final class Count { var asked: [String] = [] }
    let count = Count()
    let accounts = Accounts(
      user: { name in
        count.asked.append(name)
        return 1
      }, group: { _ in nil })
    let text = (0..<5).map { "[job.j\($0)]\nlogs = '/\($0)'\nsize = 1\ncreate = { user = 'u' }\n" }.joined()
    let system = SystemFacts(accounts: accounts, zones: { _ in nil }, machine: "", programs: { _ in true })
    #expect(ConfigReader.read(Array(text.utf8), file: "c", system: system).configuration?.jobs.count == 5)
    #expect(count.asked == ["u"])
  }
}
