import Daemon
import EventLoop
import Simulation
import Testing

@Suite("Places for compressions")
struct CompressionPlacesTests {
  private final class Notes: @unchecked Sendable {
    var served: [Int64] = []
  }

  @Test("go to who has waited longest, and while a disk is low to the smallest", arguments: [false, true])
  func order(isLow: Bool) {
    let driver = SimulatedDriver(seed: 7)
    let loop = LoopExecutor(driver: driver)
    // Neither time nor events: when nothing is ready, the test is over.
    driver.onIdle = { loop.stop() }
    let places = CompressionPlaces(limit: 1)
    places.smallestFirst = { isLow }
    let notes = Notes()
    Task(executorPreference: loop) {
      await places.enter(bytes: 0)
      for bytes: Int64 in [30, 10, 40, 20] {
        Task(executorPreference: loop) {
          await places.enter(bytes: bytes)
          notes.served.append(bytes)
          places.leave()
        }
        // It is in the queue before the next one begins.
        for _ in 0..<5 { await loop.yield() }
      }
      places.leave()
    }
    loop.run()
    #expect(notes.served == (isLow ? [10, 20, 30, 40] : [30, 10, 40, 20]))
  }
}
