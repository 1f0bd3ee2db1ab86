import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Requested runs")
struct RunRequestTests {
  /// The result of a request, each log in words.
  private static func words(_ reply: Reply) -> String {
    guard case .ran(let result) = reply else { return "\(reply)" }
    let logs = result.logs.map { path, outcome in
      switch outcome {
      case .rotated(let rotated): "\(path) is \(rotated.archive)"
      case .settled: "\(path) is settled"
      case .cleared(let files, _): "\(path): \(files) removed"
      case .skipped(let skip): "\(path): \(skip)"
      case .failed(let failure): "\(path): cannot \(failure.step)"
      }
    }
    return logs.joined(separator: ", ") + (result.isComplete ? "" : " and no more")
  }

  @Test("a requested run replies with the result of each log, and of no log that its job does not find")
  func runReply() throws {
    var job = Rig.job("many", every: 6000)
    job.logs = [LogPattern("/logs/*.log"), LogPattern("/*/.*/c.log")]
    let rig = Rig([job, Rig.job("b", every: 6000)])
    rig.disk.plant(.regular, at: "/c.log", content: "of nobody\n")
    rig.disk.makeDirectory("/logs/old")
    rig.fill("a1.log")
    rig.fill("a2.log")
    rig.disk.plant(.regular, at: "/logs/a3.log")
    var replies: [String] = []
    try rig.live(seconds: 60) { rig in
      rig.at(10) { rig.supervisor?.submit(.run(.log("/logs/a1.log"))) { replies.append(Self.words($0)) } }
      rig.at(20) { rig.supervisor?.submit(.run(.job("many"))) { replies.append(Self.words($0)) } }
      rig.at(30) {
        for path: FilePath in ["/logs/a1.log.1", "/logs/a9.log", "/logs/../c.log", "a2.log", "", "/logs/old/c.log"] {
          rig.supervisor?.submit(.run(.log(path))) { replies.append(Self.words($0)) }
        }
        rig.supervisor?.submit(.run(.job("many "))) { replies.append(Self.words($0)) }
      }
    }
    #expect(
      replies == [
        "/logs/a1.log is a1.log.1",
        "/logs/a1.log: it is empty, /logs/a2.log is a2.log.1, /logs/a3.log: it is empty",
      ] + Array(repeating: "unknown", count: 7))
    #expect(rig.disk.content(of: "/c.log") == "of nobody\n")
    #expect(rig.messages(.rotated).count == 2)
  }

  @Test(
    "a run that waits for its `before` delays no other request, and equal requests meanwhile get one run"
  )
  func runBesideRequests() throws {
    var job = Rig.job("a", every: 6000)
    job.policy.rules.before = [.program(["prepare"])]
    let rig = Rig([job])
    rig.processes.play = { _ in SimulatedProcesses.Play(takes: 20 * Rig.second) }
    rig.fill("a.log")
    var replies: [String] = []
    func ask(_ request: Request, _ name: String) {
      rig.supervisor?.submit(request) { reply in
        replies.append("\(rig.driver.now().nanoseconds / Rig.second % 1000) \(name) \(Self.words(reply))")
      }
    }
    let start = rig.driver.now().nanoseconds / Rig.second
    try rig.live(seconds: 60) { rig in
      rig.at(10) { ask(.run(.job("a")), "first") }
      rig.at(12) {
        rig.configuration.jobs.append(Rig.job("b", every: 6000))
        ask(.reload, "reload")
        ask(.run(.job("b")), "other")
      }
      rig.at(14) {
        rig.fill("a.log", "more\n")
        ask(.run(.job("a")), "second")
      }
      rig.at(15) { ask(.run(.job("a")), "third") }
    }
    func at(_ second: Int64) -> Int64 { (start + second) % 1000 }
    #expect(
      replies == [
        "\(at(12)) reload done", "\(at(12)) other /logs/b.log: no such file",
        "\(at(30)) first /logs/a.log is a.log.1", "\(at(30)) second /logs/a.log: it is empty",
        "\(at(30)) third /logs/a.log: it is empty",
      ])
    #expect(rig.content("a.log.1") == "x\nmore\n")
    #expect(rig.processes.started.count == 1)
  }

  @Test("a run that is requested in the moment of the job's own run is made before or after it", arguments: 0...9)
  func runBesideRun(passes: Int) throws {
    var job = Rig.job("a", every: 60)
    job.logs = [LogPattern("/logs/*.log")]
    job.policy.rules.before = [.program(["prepare"])]
    let rig = Rig([job])
    var underWay = 0
    var most = 0
    rig.processes.play = { _ in
      underWay += 1
      most = max(most, underWay)
      rig.at(5) { underWay -= 1 }
      return SimulatedProcesses.Play(takes: 5 * Rig.second)
    }
    for number in 0..<200 { rig.fill("\(1000 + number).log") }
    var replies: [RunResult] = []
    try rig.live(seconds: 100) { rig in
      rig.at(60) {
        rig.later(passes: passes) {
          rig.supervisor?.submit(.run(.job("a"))) { if case .ran(let result) = $0 { replies.append(result) } }
        }
      }
      // While the job's own run, if it came first, waits.
      rig.at(62) { for number in 0..<200 { rig.fill("\(1000 + number).log") } }
    }
    #expect(most == 1)
    #expect(replies.map(\.isComplete) == [true])
    #expect(replies.first?.logs.count == 200)
    #expect(rig.messages(.rotated).count == 200)
    for number in 0..<200 { #expect(rig.content("\(1000 + number).log.1") == "x\nx\n") }
    #expect(rig.messages(.failed) == [])
  }

  @Test(
    "a requested run that is not made is answered when the daemon stops or its job is removed",
    arguments: [true, false])
  func runNotMade(stops: Bool) throws {
    var job = Rig.job("a", every: 6000)
    job.policy.rules.before = [.program(["prepare"])]
    let rig = Rig([job])
    rig.processes.play = { _ in SimulatedProcesses.Play(takes: 20 * Rig.second) }
    rig.fill("a.log")
    var replies: [String] = []
    try rig.live(seconds: 60) { rig in
      rig.at(10) { rig.supervisor?.submit(.run(.job("a"))) { replies.append("first: \(Self.words($0))") } }
      rig.at(12) { rig.supervisor?.submit(.run(.job("a"))) { replies.append("second: \(Self.words($0))") } }
      rig.at(14) {
        rig.configuration.jobs = []
        rig.manager.send(stops ? .stop : .reload)
      }
    }
    #expect(replies == ["first:  and no more", stops ? "second: stopping" : "second: unknown"])
    #expect(rig.content("a.log") == "x\n")
  }

  @Test("a run that a stop interrupts replies with what it has rotated until then")
  func runCutShort() throws {
    var counts: Set<Int> = []
    for passes in stride(from: 1, through: 40, by: 3) {
      var job = Rig.job("a", every: 6000)
      job.logs = [LogPattern("/logs/*.log")]
      job.policy.rules.method = .truncate(by: .punch)
      let rig = Rig([job])
      let text = String(repeating: "x\n", count: Int(Limits.copyChunk) * 6 / 10)
      for number in 1...4 { rig.fill("\(number).log", text) }
      var reply: RunResult?
      try rig.live(seconds: 60) { rig in
        rig.at(10) {
          rig.supervisor?.submit(.run(.job("a"))) { if case .ran(let result) = $0 { reply = result } }
          rig.later(passes: passes) { rig.manager.send(.stop) }
        }
      }
      let rotated = (reply?.logs ?? []).filter { if case .rotated = $0.outcome { true } else { false } }.map(\.path)
      let archived: [FilePath] = (1...4).filter { rig.content("\($0).log.1") != nil }.map { "/logs/\($0).log" }
      #expect(rotated == archived, "after \(passes) passes")
      #expect(reply?.isComplete != true || rotated.count == 4)
      counts.insert(rotated.count)
    }
    #expect(counts.contains { (1...3).contains($0) }, "no stop came in between: \(counts)")
  }
}
