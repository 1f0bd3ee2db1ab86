import EventLoop
import Simulation
import Testing
import Timekeeping

@Suite("An alarm")
struct AlarmTests {
  @Test("that was rung before ends the next wait at once, however often it was rung", arguments: DriverKind.allCases)
  func rungBefore(kind: DriverKind) throws {
    let loop = try kind.makeLoop()
    let trace = Trace<Alarm.Wake>()
    loop.run {
      let alarm = Alarm(on: loop)
      alarm.ring()
      alarm.ring()
      trace.add(await alarm.wait(until: .never))
      trace.add(await alarm.wait(until: .monotonic(loop.after(milliseconds: 1))))
    }
    #expect(trace.entries == [.rung, .due])
  }

  @Test("that is rung while its task sleeps wakes it, and its deadline is forgotten", arguments: DriverKind.allCases)
  func rungDuring(kind: DriverKind) throws {
    let loop = try kind.makeLoop()
    let trace = Trace<Alarm.Wake>()
    let alarm = Alarm(on: loop)
    loop.run {
      let start = loop.now()
      let hour = loop.after(milliseconds: 3_600_000)
      async let wake = alarm.wait(until: .init(monotonic: hour, wall: loop.wallClock() + .seconds(3600)))
      await loop.yield()
      await loop.yield()
      alarm.ring()
      trace.add(await wake)
      #expect(loop.now().nanoseconds - start.nanoseconds < 60_000_000_000)
      #expect(alarm.position(on: .monotonic) == nil)
      #expect(alarm.position(on: .wall) == nil)
    }
    #expect(trace.entries == [.rung])
  }

  @Test("calls a function once for a deadline, a ring, and a ring that came before", arguments: DriverKind.allCases)
  func calls(kind: DriverKind) throws {
    let loop = try kind.makeLoop()
    let trace = Trace<Alarm.Wake>()
    loop.run {
      let (due, rung, before) = (Alarm(on: loop), Alarm(on: loop), Alarm(on: loop))
      due.call(after: .monotonic(loop.after(milliseconds: 1))) { trace.add($0) }
      rung.call(after: .never) { trace.add($0) }
      rung.ring()
      before.ring()
      before.call(after: .never) { trace.add($0) }
      _ = await Alarm(on: loop).wait(until: .monotonic(loop.after(milliseconds: 5)))
    }
    #expect(trace.entries == [.rung, .rung, .due])
  }

  @Test("that is rung by an event in the very moment in which its task begins to sleep wakes it")
  func rungBetween() throws {
    let driver = SimulatedDriver(seed: 1)
    let loop = LoopExecutor(driver: driver)
    let sleeper = Sleeper(loop, driver)
    loop.run { for _ in 0..<20 { await sleeper.sleep() } }
    #expect(sleeper.wakes == Array(repeating: .rung, count: 20))
  }

  /// Without an actor, like most of what runs on the loop.
  private final class Sleeper: @unchecked Sendable {
    let loop: LoopExecutor
    let driver: SimulatedDriver
    let gate = Gate<Void>(limit: 1)
    private(set) var wakes: [Alarm.Wake] = []

    init(_ loop: LoopExecutor, _ driver: SimulatedDriver) {
      self.loop = loop
      self.driver = driver
    }

    /// Sleeps until an event of this moment, and enters a gate that is left in this moment.
    func sleep() async {
      let alarm = Alarm(on: loop)
      driver.schedule(after: 0) { alarm.ring() }
      wakes.append(await alarm.wait(until: .monotonic(loop.after(milliseconds: 1000))))
      await gate.enter()
      driver.schedule(after: 0) { [gate] in gate.leave() }
      await gate.enter()
      gate.leave()
    }
  }

  @Test("wakes at the earlier of its two deadlines, and not before", arguments: DriverKind.allCases)
  func earlier(kind: DriverKind) throws {
    let loop = try kind.makeLoop()
    let trace = Trace<Alarm.Wake>()
    loop.run {
      let alarm = Alarm(on: loop)
      let far = loop.after(milliseconds: 3_600_000)
      let soon = loop.wallClock() + .milliseconds(4)
      trace.add(await alarm.wait(until: .init(monotonic: far, wall: soon)))
      #expect(loop.wallClock() >= soon)
      let near = loop.after(milliseconds: 4)
      trace.add(await alarm.wait(until: .init(monotonic: near, wall: soon + .seconds(3600))))
      #expect(loop.now() >= near)
      #expect(loop.now() < far)
    }
    #expect(trace.entries == [.due, .due])
  }

  @Test("with a deadline in the past lets others run before its task continues", arguments: DriverKind.allCases)
  func past(kind: DriverKind) throws {
    let loop = try kind.makeLoop()
    let trace = Trace<String>()
    loop.run {
      async let other: Void = trace.add("other")
      let wake = await Alarm(on: loop).wait(until: .monotonic(MonotonicTime(nanoseconds: 0)))
      trace.add("late \(wake)")
      await other
    }
    #expect(trace.entries == ["other", "late due"])
  }

  @Test("wakes when the wall clock is set, if it has a wall deadline")
  func clockSet() {
    let driver = SimulatedDriver(seed: 1)
    let loop = LoopExecutor(driver: driver)
    let trace = Trace<String>()
    let start = loop.wallClock()
    let hour = Span.seconds(3600)
    for (name, deadline) in [
      ("far", Alarm.Deadline.wall(start + hour * 2)), ("passed", .wall(start + hour)),
      ("monotonic", .monotonic(loop.after(milliseconds: 1000))),
    ] {
      Task(executorPreference: loop) {
        let wake = await Alarm(on: loop).wait(until: deadline)
        trace.add("\(name) \(wake)")
      }
    }
    driver.schedule(after: 1_000_000) { driver.setWallClock(start + .seconds(5400)) }
    driver.onIdle = { loop.stop() }
    loop.run()
    #expect(trace.entries.sorted() == ["far clockSet", "monotonic due", "passed due"])
  }

  @Test("takes a ring that comes between the call of wait and the sleep")
  func rungOnTheWay() {
    let driver = SimulatedDriver(seed: 1)
    let loop = LoopExecutor(driver: driver)
    let trace = Trace<Alarm.Wake>()
    driver.onIdle = { loop.stop() }
    Task(executorPreference: loop) {
      let alarm = Alarm(on: loop)
      driver.schedule(after: 0) { alarm.ring() }
      trace.add(await alarm.wait(until: .never))
      loop.stop()
    }
    loop.run()
    #expect(trace.entries == [.rung])
  }

  @Test("wakes tasks in due order, whatever the order in which they began to sleep")
  func dueOrder() {
    let driver = SimulatedDriver(seed: 3)
    let loop = LoopExecutor(driver: driver)
    let trace = Trace<Int64>()
    for delay in [50, 10, 40, 20, 30] as [Int64] {
      Task(executorPreference: loop) {
        _ = await Alarm(on: loop).wait(until: .monotonic(loop.after(milliseconds: delay)))
        trace.add(delay)
      }
    }
    driver.onIdle = { loop.stop() }
    loop.run()
    #expect(trace.entries == [10, 20, 30, 40, 50])
  }
}
