import Daemon
import EventLoop
import Simulation
import Testing

@Suite("Places for compressions")
struct CompressionPlacesTests {
  private final class Notes: @unchecked Sendable {
    var served: [Int64] = []
  }

  /// Runs on a loop with neither time nor events: when nothing is ready, the test is over.
  private func run(_ body: @escaping @Sendable (LoopExecutor) async -> Void) {
    let driver = SimulatedDriver(seed: 7)
    let loop = LoopExecutor(driver: driver)
    driver.onIdle = { loop.stop() }
    Task(executorPreference: loop) { await body(loop) }
    loop.run()
  }

  /// Queues archives behind one that is being compressed, and returns the order in which they are.
  private func order(of waiting: [(owner: UInt32, bytes: Int64)], isLow: Bool = false) -> [Int64] {
    let places = CompressionPlaces(limit: 1)
    places.smallestFirst = { isLow }
    let notes = Notes()
    run { loop in
      let first = await places.enter(bytes: 0, owner: 0)
      for (owner, bytes) in waiting {
        Task(executorPreference: loop) {
          let pass = await places.enter(bytes: bytes, owner: owner)
          notes.served.append(bytes)
          places.leave(pass)
        }
        // It is in the queue before the next one begins.
        for _ in 0..<5 { await loop.yield() }
      }
      places.leave(first)
    }
    return notes.served
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
    // After one of 100 MB it is the turn of the other owner until as many bytes of his are done.
    let large: [(owner: UInt32, bytes: Int64)] =
      [(1, 100 * mega), (1, 101 * mega)] + (1...3).map { (2, $0 * mega) }
    #expect(order(of: large) == [100 * mega, mega, 2 * mega, 3 * mega, 101 * mega])
    // Sizes that no disk has make nobody wait for ever.
    let odd: [(owner: UInt32, bytes: Int64)] = [(1, .max), (1, .max - 1), (2, -5), (2, 7)]
    #expect(order(of: odd) == [.max, -5, 7, .max - 1])
  }

  @Test("are shared by a compression that takes long with one of another owner, and given back once")
  func sharing() {
    let places = CompressionPlaces(limit: 1)
    let notes = Notes()
    run { loop in
      func begin(_ owner: UInt32, _ bytes: Int64) {
        Task(executorPreference: loop) {
          let pass = await places.enter(bytes: bytes, owner: owner)
          notes.served.append(bytes)
          if bytes != 21 { places.leave(pass) }
        }
      }
      func settle() async { for _ in 0..<9 { await loop.yield() } }
      let long = await places.enter(bytes: 0, owner: 1)
      begin(1, 10)
      await settle()
      places.share(long)
      await settle()
      #expect(notes.served == [], "his own archives wait")
      begin(2, 20)
      await settle()
      begin(2, 21)
      await settle()
      places.share(long)
      await settle()
      #expect(notes.served == [20, 10, 21])
      // 21 goes on and has the one place.
      begin(3, 30)
      places.leave(long)
      await settle()
      #expect(notes.served == [20, 10, 21])
    }
  }
}
