import Rotation
import Testing
import Timekeeping

@testable import Config

@Suite("When a log is due by logrotate's state")
struct LogrotateDueTests {
  /// Wednesday, 2026-03-18 14:25:10 UTC.
  private let now = LocalTime(year: 2026, month: 3, day: 18, hour: 14, minute: 25, second: 10)

  private func terms(_ directives: String) throws -> LogrotateTerms {
    let text = Array("/var/log/a {\n\(directives)\n}\n".utf8)
    let files = LogrotateFiles { _ in .file(text) }
    let accounts = Accounts(user: { _ in nil }, group: { _ in nil })
    let facts = SystemFacts(accounts: accounts, zones: { _ in nil }, machine: "", programs: { _ in true })
    let result = ConfigReader.read(logrotateTerms: ["/etc/a"], system: facts, files: files)
    return try #require(result.configuration?.terms["/var/log/a"])
  }

  private func isDue(
    _ directives: String, _ last: LocalTime, size: Int64 = 10, age: Int64 = 0, isForced: Bool = false
  ) throws -> Bool {
    let moment = WallTime(nanoseconds: now.secondsAsUTC * 1_000_000_000)
    let due = LogrotateDue(now: moment, zone: .utc, isForced: isForced)
    let modified = moment - .seconds(age)
    return switch due.answer(LogrotateDue.Log(size: size, modified: modified, last: last), try terms(directives)) {
    case .due, .fromTheFuture(isDue: true): true
    case .notDue, .fromTheFuture(isDue: false): false
    }
  }

  private func before(days: Int = 0, hours: Int = 0, minutes: Int = 0) -> LocalTime {
    LocalTime(secondsAsUTC: now.secondsAsUTC - Int64(86_400 * days + 3600 * hours + 60 * minutes))
  }

  @Test("each period compares what the clocks showed, not how long ago it was")
  func periods() throws {
    #expect(try isDue("hourly", before(minutes: 26)))
    #expect(try !isDue("hourly", before(minutes: 20)))
    #expect(try isDue("daily", before(hours: 15)))
    #expect(try !isDue("daily", before(hours: 14)))
    #expect(try isDue("monthly", before(days: 18)))
    #expect(try !isDue("monthly", before(days: 17)))
    #expect(try isDue("yearly", before(days: 77)))
    #expect(try !isDue("yearly", before(days: 76)))
  }

  @Test("weekly is due after seven days, or on its day once a day has passed")
  func weekly() throws {
    #expect(try isDue("weekly", before(days: 7)))
    #expect(try !isDue("weekly", before(days: 6)))
    #expect(try isDue("weekly 3", before(days: 1)))
    #expect(try !isDue("weekly 3", before(hours: 3)))
    #expect(try !isDue("weekly 7", before(days: 6)))
  }

  @Test("minutes count whole minutes, and more than N of them")
  func minutes() throws {
    #expect(try isDue("minutes 5", before(minutes: 6)))
    #expect(try !isDue("minutes 5", before(minutes: 5)))
  }

  @Test("sizes: size alone decides, maxsize comes before the time, minsize and minage after it")
  func sizes() throws {
    #expect(try isDue("size 10", before()))
    #expect(try !isDue("size 11", before(days: 400)))
    #expect(try isDue("size 10\nminsize 1M\nminage 5", before()))
    #expect(try isDue("daily\nmaxsize 9\nminage 5", before()))
    #expect(try !isDue("daily\nmaxsize 10", before()))
    #expect(try !isDue("daily\nminsize 11", before(days: 1)))
    #expect(try isDue("daily\nminsize 10", before(days: 1)))
    #expect(try !isDue("daily\nminage 1", before(days: 1), age: 86_400))
    #expect(try isDue("daily\nminage 1", before(days: 1), age: 86_401))
  }

  @Test("an empty log is due unless `notifempty`, even by force")
  func empty() throws {
    #expect(try isDue("daily", before(days: 1), size: 0))
    #expect(try !isDue("daily\nnotifempty", before(days: 1), size: 0))
    #expect(try !isDue("daily\nnotifempty", before(days: 1), size: 0, isForced: true))
    #expect(try isDue("daily", before(), isForced: true))
  }

  @Test("a rotation more than 25 hours ahead is a wrong clock, and the log is due")
  func future() throws {
    #expect(try isDue("yearly", before(hours: -26)))
    #expect(try !isDue("yearly", before(hours: -24)))
  }
}
