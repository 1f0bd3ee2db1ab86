import Config
import Control
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Control server")
struct ControlServerTests {
  @Test("calls are answered in their order, however they arrive, and each job and log is listed once")
  func order() throws {
    let rig = Rig([Rig.job("a", every: 6000), Rig.job("b", every: 6000)])
    rig.fill("a.log")
    var caller: ControlCaller?
    try rig.live(seconds: 60) { rig in
      rig.at(10) {
        let made = ControlCaller(rig)
        made.call("List", more: true) { $0.withLogs = true }
        made.call("Nothing")
        made.call("Describe")
        made.call("List")
        made.call("List", more: true) { $0.jobs = ["c"] }
        made.call("List", more: true) { $0.logs = ["/logs/a.log.1"] }
        caller = made
      }
    }
    #expect(
      caller?.words == [
        "log /logs/a.log…", "job a…", "log /logs/b.log…", "job b", "MethodNotFound", "empty", "ExpectedMore",
        "NoSuchJob", "NoSuchLog",
      ])
    let daemon = try #require(caller?.values.compactMap(\.daemon).first)
    #expect(daemon.jobs == 2 && daemon.logs == 1 && daemon.state == .running)
    let job = try #require(caller?.values.compactMap(\.job).first)
    #expect(
      job.largest == "/logs/a.log" && job.largestBytes == 2
        && job.next?.reason == "\(Schedule.interval(.seconds(6000)))")
  }

  @Test("a client that may not act reads, and what it would change is denied")
  func permission() throws {
    let rig = Rig([Rig.job("a", every: 6000)])
    rig.fill("a.log")
    var caller: ControlCaller?
    try rig.live(seconds: 60) { rig in
      rig.at(10) {
        let made = ControlCaller(rig, mayAct: false)
        for method in OperatorMethod.allCases where method.acts { made.call(method.rawValue) }
        made.call("List", more: true)
        caller = made
      }
    }
    #expect(caller?.words == Array(repeating: "PermissionDenied", count: 5) + ["job a"])
    #expect(rig.names == ["a.log"])
  }

  @Test("a client that says nothing, sends garbage or goes in the middle of a call takes nothing from another")
  func strangers() throws {
    let rig = Rig([Rig.job("a", every: 6000)])
    rig.fill("a.log")
    var callers: [ControlCaller] = []
    try rig.live(seconds: 60) { rig in
      rig.at(10) {
        for _ in 0..<4 { callers.append(ControlCaller(rig)) }
        callers[1].client.send("{]\0".utf8)
        callers[2].call("Subscribe", more: true)
        callers[2].client.hangUp()
        callers[3].client.send([UInt8](repeating: 0x20, count: Limits.maxCallBytes + 1))
      }
      rig.at(20) {
        #expect(callers.map(\.client.isClosed) == [false, true, true, true])
        callers.append(ControlCaller(rig))
        callers[4].call("List", more: true)
        callers[4].client.endSending()
      }
      rig.at(30) { #expect(callers[4].client.isClosed && !callers[0].client.isClosed) }
    }
    #expect(callers[4].words == ["job a"])
    #expect(callers.allSatisfy(\.client.isClosed) && rig.control.isClosed)
  }

  @Test("no more replies are made than a slow client has room for, and one that reads nothing for long is closed")
  func slowReader() throws {
    var job = Rig.job("many", every: 6000)
    job.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([job])
    for number in 0..<3000 { rig.fill(FileName("\(number).log")) }
    var slow: ControlCaller?
    var stuck: ControlCaller?
    try rig.live(seconds: 200) { rig in
      rig.at(10) {
        slow = ControlCaller(rig)
        stuck = ControlCaller(rig)
        for caller in [slow, stuck].compactMap(\.self) {
          caller.client.room = 0
          caller.call("List", more: true) { $0.withLogs = true }
        }
      }
      for second in 0..<8 {
        rig.at(20 + Int64(second)) { slow?.client.read(more: 64 << 10) }
      }
      rig.at(36) { #expect(stuck?.client.isClosed == false && slow?.client.received.count == 8 * (64 << 10)) }
      rig.at(39) { slow?.client.read(more: nil) }
      rig.at(41) { #expect(stuck?.client.isClosed == true && slow?.client.isClosed == false) }
    }
    #expect(slow?.replies.count == 3001)
    #expect(stuck?.client.received.isEmpty == true)
  }

  @Test("a job that a reload takes away meanwhile is left out of a list of all, and one that was named is no such job")
  func reloadMeanwhile() throws {
    var many = Rig.job("many", every: 6000)
    many.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([many, Rig.job("away", every: 6000), Rig.job("stays", every: 6000)])
    for number in 0..<3000 { rig.fill(FileName("\(number).log")) }
    var callers: [ControlCaller] = []
    try rig.live(seconds: 60) { rig in
      rig.at(10) {
        for names in [nil, ["many", "stays"]] {
          let caller = ControlCaller(rig)
          caller.client.room = 0
          caller.call("List", more: true) { ($0.withLogs, $0.jobs) = (true, names) }
          callers.append(caller)
        }
      }
      rig.at(15) {
        rig.configuration.jobs.removeFirst(2)
        rig.configuration.jobs.append(Rig.job("new", every: 6000))
        ControlCaller(rig).call("Reload")
      }
      rig.at(20) { for caller in callers { caller.client.read(more: nil) } }
    }
    let (all, named) = (callers[0].words, callers[1].words)
    #expect(
      all.count { $0.hasPrefix("log ") } == 3001 && Array(all.suffix(2)) == ["log /logs/stays.log…", "job stays"])
    #expect(all.count == 3002 && named.last == "NoSuchJob" && !named.contains("job many…"))
  }

  @Test("beyond the greatest number of clients they wait until one leaves, and a failure is tried again by the second")
  func crowd() throws {
    let rig = Rig([Rig.job("a", every: 6000)])
    var callers: [ControlCaller] = []
    try rig.live(seconds: 60) { rig in
      rig.at(10) {
        for _ in 0...Limits.maxClients { callers.append(ControlCaller(rig)) }
        callers.last?.call("List", more: true)
      }
      rig.at(20) {
        #expect(rig.control.waiting.count == 1)
        callers[7].client.hangUp()
      }
      rig.at(30) {
        #expect(rig.control.waiting.isEmpty && callers.last?.words == ["job a"])
        callers[8].client.hangUp()
        rig.control.failure = .tooManyFiles
        callers.append(ControlCaller(rig))
        callers.last?.call("Describe")
      }
      rig.at(40) {
        #expect(rig.control.waiting.count == 1)
        rig.control.failure = nil
      }
    }
    #expect(callers.last?.words == ["empty"])
    #expect(rig.control.accepts < 3 * Limits.maxClients)
    #expect(rig.messages(.note).count { $0.contains("cannot let in") } == 1)
  }

  @Test("a call that is under way when the daemon stops is answered with that, and no reader is waited for")
  func stopping() throws {
    var job = Rig.job("a", every: 6000)
    job.policy.rules.before = [.program(["prepare"])]
    let rig = Rig([job])
    rig.processes.play = { _ in SimulatedProcesses.Play(takes: 1000 * Rig.second) }
    rig.fill("a.log")
    var callers: [ControlCaller] = []
    try rig.live(seconds: 60) { rig in
      rig.at(10) {
        for _ in 0..<3 { callers.append(ControlCaller(rig)) }
        callers[0].call("Rotate") { ($0.force, $0.wait) = (true, true) }
        callers[1].call("Subscribe", more: true)
        callers[2].client.room = 0
        callers[2].call("Describe")
      }
    }
    #expect(callers[0].words == ["Stopping"])
    #expect(callers[1].words.first == "empty…" && callers[1].words.last == "Stopping")
    #expect(callers.allSatisfy { $0.client.isClosed })
  }

  @Test("a subscriber gets each event of what it asked for, and one that is slow learns how many it has missed")
  func events() throws {
    var job = Rig.job("many", every: 6000)
    job.logs = [LogPattern("/logs/m*.log")]
    let rig = Rig([Rig.job("a", every: 10), job])
    for number in 0..<3000 { rig.fill(FileName("m\(number).log")) }
    var callers: [ControlCaller] = []
    try rig.live(seconds: 60) { rig in
      rig.at(1) {
        rig.fill("a.log")
        for _ in 0..<2 { callers.append(ControlCaller(rig)) }
        callers[0].call("Subscribe", more: true) { $0.jobs = ["a"] }
        callers[1].call("Subscribe", more: true) { $0.jobs = ["many"] }
        callers[1].client.room = 0
      }
      rig.at(15) { #expect(callers[0].words.filter { $0.hasPrefix("rotated") } == ["rotated /logs/a.log…"]) }
      rig.at(20) { ControlCaller(rig).call("Rotate") { ($0.jobs, $0.force) = (["many"], true) } }
      rig.at(25) {
        callers[1].client.read(more: nil)
        rig.fill("m1.log")
        ControlCaller(rig).call("Rotate") { ($0.logs, $0.force) = (["/logs/m1.log"], true) }
      }
    }
    let events = callers[1].values.compactMap(\.event)
    let missed = events.compactMap(\.missed)
    #expect(!missed.isEmpty && missed.allSatisfy { $0 > 0 })
    // Each rotation, and the sum of the run of 3,000.
    #expect(Int64(events.count) + missed.reduce(0, +) == 3002)
    #expect(events.last?.path == "/logs/m1.log")
  }
}
