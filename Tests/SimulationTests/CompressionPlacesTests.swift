import Daemon
import EventLoop
import Simulation
import Testing

@Suite("Slots for compressions")
struct CompressionPlacesTests {
  /// Compressions with some slots, in the order in which they begin.
  private final class Work {
    let loop: LoopExecutor
    private(set) lazy var places = CompressionSlots(limit: 1) { [unowned self] in isLow }
    var isLow = false
    var served: [Int64] = []

    init(_ loop: LoopExecutor) {
      self.loop = loop
    }

    /// Queues an archive, which leaves its slot at once unless it stays.
    func begin(_ owner: UInt32, _ bytes: Int64, stays: Bool = false) async {
      loop.start(self) { work in
        let pass = await work.places.enter(bytes: bytes, owner: owner)
        work.served.append(bytes)
        if !stays { work.places.leave(pass) }
      }
      // It is in the queue before the next one begins.
      await settle()
    }

    func settle() async { for _ in 0..<9 { await loop.yield() } }
  }

  /// Runs on a loop with neither time nor events: when nothing is ready, the test is over.
  private func run(_ body: @escaping @Sendable (Work) async -> Void) -> Work {
    let driver = SimulatedDriver(seed: 7)
    let loop = LoopExecutor(driver: driver)
    driver.onIdle = { loop.stop() }
    let work = Work(loop)
    loop.start(work, body)
    loop.run()
    return work
  }

  /// Queues archives behind one that is being compressed, and returns the order in which they begin.
  private func order(of waiting: [(owner: UInt32, bytes: Int64)], isLow: Bool = false) -> [Int64] {
    run { work in
      work.isLow = isLow
      let first = await work.places.enter(bytes: 0, owner: 0)
      for (owner, bytes) in waiting { await work.begin(owner, bytes) }
      work.places.leave(first)
    }.served
  }

  @Test("go to the archive that has waited longest, and while a disk is low to the smallest", arguments: [false, true])
  func order(isLow: Bool) {
    let queue: [(owner: UInt32, bytes: Int64)] = [30, 10, 40, 20].map { (1, $0) }
    #expect(order(of: queue, isLow: isLow) == (isLow ? [10, 20, 30, 40] : [30, 10, 40, 20]))
  }

  @Test("are shared fairly: an owner of many or of large archives delays those of others by one at most")
  func fairness() {
    let mega: Int64 = 1 << 20
    // Owner 1 came first with six archives; those of 2 and 3 wait for one of them each.
    let many: [(owner: UInt32, bytes: Int64)] = (1...6).map { (1, $0) } + [(2, 11), (2, 12), (3, 21)]
    #expect(order(of: many) == [1, 11, 21, 2, 12, 3, 4, 5, 6])
    // After one of 100 MB, the other owner is next, until as many of his bytes are done.
    let large: [(owner: UInt32, bytes: Int64)] =
      [(1, 100 * mega), (1, 101 * mega)] + (1...3).map { (2, $0 * mega) }
    #expect(order(of: large) == [100 * mega, mega, 2 * mega, 3 * mega, 101 * mega])
    // Impossible sizes make nobody wait for ever.
    let odd: [(owner: UInt32, bytes: Int64)] = [(1, .max), (1, .max - 1), (2, -5), (2, 7)]
    #expect(order(of: odd) == [.max, -5, 7, .max - 1])
  }

  @Test("are shared by a long compression with one of another owner, and given back once")
  func sharing() {
    let work = run { work in
      let long = await work.places.enter(bytes: 0, owner: 1)
      await work.begin(1, 10)
      work.places.share(long)
      await work.settle()
      #expect(work.served == [], "his own archives wait")
      await work.begin(2, 20)
      await work.begin(2, 21, stays: true)
      work.places.share(long)
      await work.settle()
      #expect(work.served == [20, 10, 21])
      // 21 continues and has the one slot.
      await work.begin(3, 30)
      work.places.leave(long)
      await work.settle()
    }
    #expect(work.served == [20, 10, 21])
  }
}
