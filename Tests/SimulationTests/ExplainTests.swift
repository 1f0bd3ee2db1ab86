import Config
import Control
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("What is explained of a log")
struct ExplainTests {
  /// Logs in random situations: with and without a file, of all kinds and sizes, with conditions that they meet or not.
  private static func situations(_ count: Int, _ random: inout SeededGenerator) -> Rig {
    var jobs: [Job] = []
    for number in 0..<count {
      var job = Rig.job("j\(number)", every: 6000, keep: Int.random(in: 1...4, using: &random))
      job.policy.rules.rotatesEmpty = Bool.random(using: &random)
      job.policy.rules.minSize = Bool.random(using: &random) ? Int64.random(in: 1...300, using: &random) : nil
      job.policy.rules.minAge = [nil, .seconds(5), .seconds(3600)].randomElement(using: &random) ?? nil
      if Int.random(in: 0..<5, using: &random) == 0 { job.policy.rules.method = .truncate(by: .copy) }
      if Int.random(in: 0..<3, using: &random) == 0 { job.sizeLimit = SizeLimit(bytes: 10_000, check: .seconds(3600)) }
      jobs.append(job)
    }
    let rig = Rig(jobs)
    for number in 0..<count {
      let path: FilePath = "/logs/j\(number).log"
      switch Int.random(in: 0..<20, using: &random) {
      case 0: break
      case 1: rig.disk.plant(.directory, at: path)
      case 2: rig.disk.plant(.symbolicLink, at: path)
      case 3: rig.disk.plant(.other, at: path)
      case 4...6: rig.disk.plant(.regular, at: path)
      default:
        let bytes = Int.random(in: 1...300, using: &random)
        rig.disk.plant(.regular, at: path, content: String(repeating: "x", count: bytes))
      }
      for rank in 1...5 where Bool.random(using: &random) {
        rig.disk.plant(.regular, at: "\(path).\(rank)", content: "old\n", age: Int64(rank) * Rig.second)
      }
    }
    return rig
  }

  /// The plans for a log by hand and at a due time, without the code that explains.
  private func plans(_ job: Job, _ rig: Rig) throws -> (byHand: Plan, due: Plan) {
    let directory = try rig.disk.openDirectory("/logs")
    let name: FileName = "\(job.name).log"
    var inventory = try InventoryReader(fileSystem: rig.disk).read(
      name, in: LogDirectories(directory), job.policy.naming)
    inventory.begun = inventory.live?.born
    let moment = Moment(rig.driver.wallClock(), in: .utc)
    let renames: RenameSupport = directory.hasFastExchange ? .fastExchange : .full
    return (
      Planner.plan(inventory, job.policy, .rotate, at: moment, renames: renames),
      Planner.plan(inventory, job.policy, .rotateWhenMet, at: moment, renames: renames)
    )
  }

  @Test("in 1,000 random situations its reason and its steps are the planner's, and what a rotation then does")
  func random() throws {
    var random = SeededGenerator(seed: 12)
    let count = 1000
    let rig = Self.situations(count, &random)
    let paused = Set((0..<count).filter { _ in Int.random(in: 0..<10, using: &random) == 0 }.map { "j\($0)" })
    let paths = (0..<count).map { "/logs/j\($0).log" as FilePath }
    var expected: [(byHand: Plan, due: Plan)] = []
    var (asker, rotator): (ControlCaller?, ControlCaller?)
    try rig.live(seconds: 60) { rig in
      rig.at(5) { ControlCaller(rig).call("Pause") { $0.jobs = paused.sorted() } }
      rig.at(10) {
        expected = rig.configuration.jobs.compactMap { try? plans($0, rig) }
        asker = ControlCaller(rig)
        asker?.call("Explain", more: true) { $0.logs = paths }
      }
      rig.at(20) {
        rotator = ControlCaller(rig)
        rotator?.call("Rotate", more: true) { ($0.logs, $0.force, $0.wait) = (paths, true, true) }
      }
    }
    let explained = (asker?.values ?? []).compactMap { $0.explanation }
    try #require(explained.count == count && expected.count == count)
    let done = Dictionary(
      (rotator?.values ?? []).compactMap { $0.event }.compactMap { event in event.path.map { ($0, event) } }
    ) { first, _ in first }
    var refusals: Set<String> = []
    for (index, explanation) in explained.enumerated() {
      let (byHand, due) = expected[index]
      let plan = try #require(explanation.plan, "\(explanation)")
      #expect(explanation.path == paths[index] && plan.job == "j\(index)")
      #expect(plan.refusal == byHand.skip?.description, "\(explanation.path)")
      let steps = plan.now.filter { $0.action != .run && $0.action != .notify }.map(\.text)
      #expect(steps == byHand.now.map(\.description))
      #expect(plan.later.map(\.text) == byHand.whenReleased.map { $0.step.description })
      // The schedule and the size make it due; all others have to hold then.
      let others = explanation.conditions.filter { !["schedule", "size", "pause"].contains($0.name) }
      #expect(others.allSatisfy(\.holds) == (due.skip == nil), "\(explanation.path): \(others), \(due.skip as Any)")
      let isPaused = paused.contains("j\(index)")
      #expect(explanation.conditions.contains { $0.name == "pause" && !$0.holds } == isPaused)
      let event = try #require(done[paths[index]], "\(paths[index])")
      if isPaused {
        #expect(event.reason == "the job is paused")
      } else if let refusal = plan.refusal {
        refusals.insert(refusal)
        #expect(event.kind == "skipped" && event.reason == refusal, "\(event)")
      } else {
        #expect(event.kind == "rotated", "\(event)")
      }
    }
    #expect(refusals.count >= 4, "\(refusals)")
  }

  @Test("who has the log and its archives open is said, with what a reader has not read")
  func holders() throws {
    let rig = Rig([Rig.job("a", every: 6000)])
    rig.fill("a.log", "live\n")
    for number in 1...2 { rig.disk.plant(.regular, at: "/logs/a.log.\(number)", content: "old lines\n") }
    var caller: ControlCaller?
    try rig.live(seconds: 20) { rig in
      rig.at(10) {
        _ = rig.disk.openForWriting("/logs/a.log")
        _ = rig.disk.openForReading("/logs/a.log.1")
        caller = ControlCaller(rig)
        caller?.call("Explain", more: true) { $0.logs = ["/logs/a.log"] }
      }
    }
    let explanation = try #require(caller?.values.first?.explanation)
    func words(_ holders: [Wire.Holder]) -> [String] {
      holders.map { "\($0.role) \($0.command ?? "") \($0.pid ?? 0) \($0.uid ?? 0) \($0.unreadBytes ?? -1)" }
    }
    #expect(words(explanation.holders) == ["writer app 4711 1000 -1"])
    #expect(explanation.archives.map { words($0.holders) } == [["reader reader 815 1000 9"], []])
    #expect(!explanation.isPartial)
  }

  @Test("each other job that matches a log is named, and why it comes after the one that has it")
  func claims() throws {
    var jobs = ["plain", "long", "late"].map { Rig.job($0, every: 6000) }
    jobs[0].logs = [LogPattern("/logs/app.log")]
    jobs[1].logs = [LogPattern("/logs/a*.log"), LogPattern("/logs/other.log")]
    jobs[2].logs = [LogPattern("/logs/*.log"), LogPattern("/logs/a*.log")]
    let rig = Rig(jobs)
    rig.fill("app.log")
    rig.fill("ab.log")
    var caller: ControlCaller?
    try rig.live(seconds: 20) { rig in
      rig.at(10) {
        caller = ControlCaller(rig)
        caller?.call("Explain", more: true) { $0.logs = ["/logs/app.log", "/logs/ab.log"] }
      }
    }
    let claims = (caller?.values ?? []).compactMap { $0.explanation?.claims.map { "\($0.job) \($0.pattern): \($0.reason)" } }
    #expect(
      claims == [
        [
          "long /logs/a*.log: job plain names the path itself", "late /logs/a*.log: job plain names the path itself",
          "late /logs/*.log: job plain names the path itself",
        ],
        [
          "late /logs/a*.log: job long comes first in the config",
          "late /logs/*.log: the pattern of job long has more characters before its first wildcard",
        ],
      ])
  }
}
