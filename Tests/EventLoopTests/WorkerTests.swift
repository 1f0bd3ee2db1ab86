import EventLoop
import Simulation
import Testing
import Timekeeping

struct WorkerTests {
  /// The owner of a worker: a script, pass by pass.
  private final class Owner: @unchecked Sendable {
    let loop: LoopExecutor
    let worker: Worker
    let trace = Trace<String>()
    var passes: [Worker.Next]
    var duringPass: () -> Void = {}

    init(_ loop: LoopExecutor, _ passes: [Worker.Next]) {
      self.loop = loop
      self.worker = Worker(on: loop)
      self.passes = passes
    }

    func pass() async -> Worker.Next {
      trace.add("pass at \(loop.now().nanoseconds / 1_000_000)")
      duringPass()
      // After a suspension, others may run between the end of the pass and what follows.
      await loop.yield()
      return passes.isEmpty ? .end : passes.removeFirst()
    }
  }

  private static func run(
    _ passes: [Worker.Next], seed: UInt64 = 1, for milliseconds: Int64 = 1000,
    _ script: (SimulatedDriver, Worker, Owner) -> Void
  ) -> [String] {
    let driver = SimulatedDriver(seed: seed, now: MonotonicTime(nanoseconds: 0))
    let loop = LoopExecutor(driver: driver)
    let owner = Owner(loop, passes)
    driver.schedule(after: milliseconds * 1_000_000) { loop.stop() }
    script(driver, owner.worker, owner)
    loop.run()
    return owner.trace.entries
  }

  private static func begin(_ worker: Worker, _ owner: Owner) {
    worker.start(owner, atEnd: { $0.trace.add("end") }) { await $0.pass() }
  }

  private static func time(_ milliseconds: Int64) -> Alarm.Deadline {
    .monotonic(MonotonicTime(nanoseconds: milliseconds * 1_000_000))
  }

  @Test("It sleeps until its time, continues at once if more is due, and ends")
  func life() {
    let trace = Self.run([.sleep(until: Self.time(20)), .again, .sleep(until: Self.time(50)), .end]) {
      _, worker, owner in
      Self.begin(worker, owner)
      #expect(worker.isRunning)
    }
    #expect(trace == ["pass at 0", "pass at 20", "pass at 20", "pass at 50", "end"])
  }

  @Test("A wake ends the sleep, and one during a pass causes another pass")
  func waking() {
    let trace = Self.run([.sleep(until: .never), .sleep(until: .never)]) { driver, worker, owner in
      Self.begin(worker, owner)
      driver.schedule(after: 7_000_000) {
        owner.duringPass = {
          owner.duringPass = {}
          worker.wake()
        }
        worker.wake()
      }
    }
    #expect(trace == ["pass at 0", "pass at 7", "pass at 7", "end"])
  }

  @Test("A start during the last pass causes another one")
  func startInTheLastPass() {
    let trace = Self.run([]) { _, worker, owner in
      Self.begin(worker, owner)
      owner.duringPass = {
        owner.duringPass = {}
        Self.begin(worker, owner)
      }
    }
    #expect(trace == ["pass at 0", "pass at 0", "end"])
  }

  @Test("A start in the moment of its end is not lost, whatever runs first", arguments: UInt64(1)...30)
  func startAtTheEnd(seed: UInt64) {
    let trace = Self.run([], seed: seed) { driver, worker, owner in
      Self.begin(worker, owner)
      owner.duringPass = {
        owner.duringPass = {}
        owner.loop.start(owner) { Self.begin($0.worker, $0) }
      }
    }
    #expect(trace.filter { $0 != "end" }.count == 2)
    #expect(trace.last == "end")
  }

  @Test("It can be started again after its end, and not after a stop")
  func startingAgain() {
    let trace = Self.run([]) { driver, worker, owner in
      Self.begin(worker, owner)
      driver.schedule(after: 5_000_000) {
        #expect(!worker.isRunning)
        worker.wake()
      }
      driver.schedule(after: 10_000_000) { Self.begin(worker, owner) }
      driver.schedule(after: 15_000_000) {
        worker.stop()
        Self.begin(worker, owner)
        #expect(!worker.isRunning)
      }
    }
    #expect(trace == ["pass at 0", "end", "pass at 10", "end"])
  }

  @Test("A stop ends the sleep without another pass")
  func stopping() {
    let trace = Self.run([.sleep(until: .never), .again]) { driver, worker, owner in
      Self.begin(worker, owner)
      driver.schedule(after: 3_000_000) { worker.stop() }
    }
    #expect(trace == ["pass at 0", "end"])
  }
}
