import Config
import Daemon
import Rotation
import Simulation
import Testing
import Timekeeping

struct ProblemsTests {
  /// Problems whose reports, and changes of the status line, are kept.
  private final class Board {
    var said: [String] = []
    var changes = 0
    var time = WallTime(seconds: 100)
    private(set) lazy var problems: Problems = {
      let problems = Problems(now: { [unowned self] in time }, report: { [unowned self] in said.append($0.message) })
      problems.onChange = { [unowned self] in changes += 1 }
      return problems
    }()
  }

  private static func failure(_ message: String) -> Report { Report(.failed, .error, message) }
  private static let subject = Problems.Subject(.rotation, of: "web", "/logs/a")

  @Test("A problem is reported once, reported again if it changes, and its end once")
  func sayingOnce() {
    let board = Board()
    for message in ["full", "full", "read-only", "read-only", "full"] {
      board.problems.note(Self.subject, Self.failure(message))
    }
    #expect(board.said == ["full", "read-only", "full"])
    board.said = []
    #expect(board.problems.clear(Self.subject, Self.failure("works again")))
    #expect(!board.problems.clear(Self.subject, Self.failure("works again")))
    #expect(board.said == ["works again"])
    board.problems.note(Self.subject, Self.failure("full"))
    #expect(board.said.last == "full" && board.said.count == 2)
  }

  @Test("Of many logs of a run ten problems are told one by one, and the others as a number; so is their end")
  func many() throws {
    var job = Rig.job("a", every: 60)
    job.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([job])
    for number in 1...200 { rig.fill("\(number).log") }
    func told(_ kind: Report.Kind, _ priority: Report.Priority) -> [String] {
      rig.reports.compactMap { $0.kind == kind && $0.priority == priority ? $0.message : nil }
    }
    rig.disk.fault = { call, _, _ in call == .create ? .notPermitted : nil }
    try rig.live(seconds: 400) { _ in rig.at(200) { rig.disk.fault = nil } }
    #expect(told(.failed, .debug).count == 190 && told(.failed, .error).count == 11)
    #expect(told(.failed, .error).last == "job a: 190 more logs have problems; `rotatectl status -x` shows them")
    #expect(told(.resolved, .notice).count == 11)
    #expect(told(.resolved, .notice).last == "job a: 190 more logs work again")
  }

  @Test("Words that change without a meaning are not reported again")
  func keys() {
    let board = Board()
    board.problems.note(Self.subject, Self.failure("a.1 is open"), key: "open")
    board.problems.note(Self.subject, Self.failure("a.2 is open"), key: "open")
    board.problems.note(Self.subject, Self.failure("a.3 fails"), key: "fails")
    #expect(board.said == ["a.1 is open", "a.3 fails"])
  }

  @Test("The status gets each problem, since when it exists, and when it is tried again")
  func values() {
    let board = Board()
    let next = MonotonicTime(nanoseconds: 7)
    board.problems.note(Self.subject, Self.failure("full"), nextTry: next)
    board.time = WallTime(seconds: 200)
    board.problems.note(Self.subject, Self.failure("read-only"))
    board.problems.note(Problems.Subject(.hook, of: "nginx"), Self.failure("no unit"))
    let all = board.problems.all
    #expect(all.map(\.what) == ["read-only", "no unit"])
    #expect(all.map(\.since) == [WallTime(seconds: 100), WallTime(seconds: 200)])
    #expect(all.map(\.nextTry) == [nil, nil])
    board.problems.retry(Self.subject.topic, at: next)
    #expect(board.problems[Self.subject]?.nextTry == next)
    #expect(board.problems[Problems.Subject(.hook, of: "nginx")]?.nextTry == nil)
  }

  @Test("The status line has each owner once, below what it cannot do, and changes with that")
  func line() {
    let board = Board()
    #expect(board.problems.line.isEmpty)
    for path in ["/logs/a", "/logs/b", "/logs/c"] as [FilePath] {
      board.problems.note(Problems.Subject(.rotation, of: "web", path), Self.failure("full"))
    }
    #expect(board.changes == 1)
    board.problems.note(
      Problems.Subject(.rotation, of: "db", "/db"), Report(.note, .warning, "not rotated: a directory"))
    #expect(board.changes == 1)
    for hook in ["h5", "h4", "h3", "h2", "h1"] {
      board.problems.note(Problems.Subject(.hook, of: hook), Self.failure("no unit"))
    }
    #expect(board.problems.line == "; failing: web; not notified: h1, h2, h3 and 2 more")
    #expect(board.changes == 6)
    board.problems.clear(Self.subject)
    board.problems.clear(Problems.Subject(.rotation, of: "web", "/logs/b"))
    #expect(board.changes == 6)
    board.problems.clear(Problems.Subject(.rotation, of: "web", "/logs/c"))
    #expect(board.changes == 7)
    #expect(board.problems.line == "; not notified: h1, h2, h3 and 2 more")
  }

  @Test("A name in the status line that changes is no new problem")
  func renaming() {
    let board = Board()
    let space = Problems.Subject(.space, of: "/logs")
    board.problems.note(space, Report(.lowSpace, .warning, "low"), name: "/logs 3% free")
    board.problems.rename(space, "/logs 2% free")
    board.problems.rename(space, "/logs 2% free")
    #expect(board.problems.line == "; low on space: /logs 2% free")
    #expect(board.said == ["low"] && board.changes == 2)
  }

  @Test("Problems of a topic that are not found any more are over; those of another topic stay")
  func clearingTopics() {
    let board = Board()
    for path in ["/logs/a", "/logs/b", "/logs/c"] as [FilePath] {
      board.problems.note(Problems.Subject(.directory, of: "web", path), Self.failure("\(path) fails"))
    }
    board.problems.note(Problems.Subject(.rotation, of: "web", "/logs/x"), Self.failure("x fails"))
    board.said = []
    board.problems.clear(Problems.Topic(.directory, of: "web"), except: ["/logs/b"]) { Self.failure("\($0) is fine") }
    #expect(board.said == ["/logs/a is fine", "/logs/c is fine"])
    #expect(board.problems.all.map(\.what) == ["/logs/b fails", "x fails"])
    board.problems.forget(job: "web", Problems.Concern.ofJobs)
    #expect(board.problems.all.isEmpty && board.said.count == 2)
  }
}

extension Problems {
  /// All problems, the worst first.
  fileprivate var all: [Problem] { subjects.compactMap { self[$0] }.sorted { $0.precedes($1) } }
}
