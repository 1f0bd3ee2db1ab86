import EventLoop
import Simulation
import Testing
import Timekeeping

@Suite("The queue of numbers that are due")
struct DueQueueTests {
  @Test("agrees with a dictionary over any sequence of calls", arguments: UInt64(0)..<20)
  func model(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var queue = DueQueue()
    var model: [Int32: Int64] = [:]
    for now in Int64(0)..<1000 {
      let number = Int32.random(in: 0..<40, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0:
        queue.clear(number)
        model[number] = nil
      case 1:
        let due = queue.take(at: MonotonicTime(nanoseconds: now))
        let earliest = model.values.filter { $0 <= now }.min()
        #expect(due.flatMap { model[$0] } == earliest)
        if let due { model[due] = nil }
      default:
        let time = Int64.random(in: now..<now + 100, using: &generator)
        queue.set(number, to: MonotonicTime(nanoseconds: time))
        model[number] = time
      }
      #expect(queue.next()?.nanoseconds == model.values.min())
    }
  }
}
