import EventLoop
import Glibc
import Simulation
import Testing
import Timekeeping

/// An actor that lives on a loop, as the Supervisor does.
private actor Resident {
  private let loop: LoopExecutor
  private var calls = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

  init(on loop: LoopExecutor) {
    self.loop = loop
  }

  func call() async -> UInt {
    calls += 1
    await loop.yield()
    return currentThread()
  }

  func countCall() {
    preconditionIsolated()
    calls += 1
  }

  func passesWhileCalling(_ other: Resident) async -> UInt64 {
    let before = loop.passes
    for _ in 0..<100 { await other.countCall() }
    return loop.passes - before
  }
}

/// An actor with the default executor.
private actor Stranger {
  func call() -> UInt { currentThread() }
}

@concurrent private func nowhere() async -> UInt { currentThread() }

@Suite("The loop")
struct LoopExecutorTests {
  @Test("runs tasks in the order in which they became ready")
  func order() throws {
    let loop = try DriverKind.epoll.makeLoop()
    let trace = Trace<Int>()
    for number in 0..<600 { Task(executorPreference: loop) { trace.add(number) } }
    loop.run {}
    #expect(trace.entries == Array(0..<600))
  }

  @Test("runs tasks in an order that the seed decides, in a simulation")
  func seededOrder() {
    func order(seed: UInt64) -> [Int] {
      let driver = SimulatedDriver(seed: seed)
      let loop = LoopExecutor(driver: driver)
      let trace = Trace<Int>()
      for number in 0..<20 {
        Task(executorPreference: loop) {
          trace.add(number)
          await loop.yield()
          trace.add(number + 100)
        }
      }
      driver.onIdle = { loop.stop() }
      loop.run()
      return trace.entries
    }
    #expect(order(seed: 7) == order(seed: 7))
    #expect(order(seed: 7) != order(seed: 8))
    #expect(order(seed: 7).sorted() == Array(0..<20) + Array(100..<120))
  }

  @Test("keeps everything below a task on its thread", arguments: DriverKind.allCases)
  func oneThread(kind: DriverKind) throws {
    let loop = try kind.makeLoop()
    let trace = Trace<UInt>()
    let resident = Resident(on: loop)
    loop.run {
      trace.add(currentThread())
      trace.add(await resident.call())
      trace.add(await Stranger().call())
      trace.add(await nowhere())
      async let one = resident.call()
      async let two = nowhere()
      trace.add(await one)
      trace.add(await two)
      await withTaskGroup(of: UInt.self) { group in
        for _ in 0..<10 { group.addTask { await resident.call() } }
        for _ in 0..<10 { group.addTask { await nowhere() } }
        for await thread in group { trace.add(thread) }
      }
      await withDiscardingTaskGroup { group in
        group.addTask(executorPreference: loop) { trace.add(await nowhere()) }
      }
      _ = await Alarm(on: loop).wait(until: .monotonic(loop.after(milliseconds: 1)))
      trace.add(currentThread())
    }
    #expect(trace.entries.count == 28)
    #expect(Set(trace.entries) == [currentThread()])
  }

  @Test("lets actors that live on it call each other without a pass in between")
  func noHop() throws {
    let loop = try DriverKind.epoll.makeLoop()
    let trace = Trace<UInt64>()
    let one = Resident(on: loop)
    let two = Resident(on: loop)
    loop.run { trace.add(await one.passesWhileCalling(two)) }
    #expect(trace.entries == [0])
  }

  @Test("asks for events after a bounded number of jobs, however many are ready")
  func boundedPass() {
    let driver = SimulatedDriver(seed: 1)
    let loop = LoopExecutor(driver: driver)
    let done = Trace<Int>()
    let seen = Trace<Int>()
    for number in 0..<10_000 { Task(executorPreference: loop) { done.add(number) } }
    func look() {
      seen.add(done.entries.count)
      if done.entries.count < 10_000 { driver.schedule(after: 0, look) }
    }
    look()
    driver.onIdle = { loop.stop() }
    loop.run()
    let between = zip(seen.entries.dropFirst(), seen.entries).map { $0 - $1 }
    #expect(between.max() == LoopExecutor.passLimit)
  }

  @Test("runs what a task makes ready before it asks for events again")
  func samePass() throws {
    let loop = try DriverKind.epoll.makeLoop()
    let trace = Trace<UInt64>()
    loop.run {
      let before = loop.passes
      for _ in 0..<20 {
        let alarm = Alarm(on: loop)
        Task(executorPreference: loop) { alarm.ring() }
        _ = await alarm.wait(until: .never)
      }
      trace.add(loop.passes - before)
    }
    // 20 times four jobs: far fewer than a pass may run.
    #expect(trace.entries == [0])
  }

  @Test("puts a task that yields behind everything that was ready", arguments: DriverKind.allCases)
  func yields(kind: DriverKind) throws {
    let loop = try kind.makeLoop()
    let trace = Trace<Int>()
    loop.run {
      await withDiscardingTaskGroup { group in
        for _ in 0..<3 {
          group.addTask {
            for round in 0..<4 {
              trace.add(round)
              await loop.yield()
            }
          }
        }
      }
    }
    #expect(trace.entries == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
  }

  @Test("can be run again after it was stopped, and a stop before a run is not lost", arguments: DriverKind.allCases)
  func runsAgain(kind: DriverKind) throws {
    let loop = try kind.makeLoop()
    let trace = Trace<Int>()
    loop.stop()
    loop.run()
    #expect(loop.passes == 0)
    loop.run { trace.add(1) }
    loop.run { trace.add(2) }
    #expect(trace.entries == [1, 2])
  }

  @Test("dies when a job comes from another thread")
  func strayHop() async {
    await #expect(processExitsWith: .failure) {
      let loop = LoopExecutor(driver: SimulatedDriver(seed: 0))
      let pointer = unsafe Unmanaged.passRetained(loop).toOpaque()
      var thread = pthread_t()
      _ = unsafe pthread_create(
        &thread, nil,
        { pointer in
          guard let pointer = unsafe pointer else { return nil }
          let loop = unsafe Unmanaged<LoopExecutor>.fromOpaque(pointer).takeRetainedValue()
          Task(executorPreference: loop) {}
          return nil
        }, pointer)
      pthread_join(thread, nil)
    }
  }
}
