import EventLoop
import Simulation
import Testing
import Timekeeping

@Suite("The heap of sleepers")
struct DeadlineHeapTests {
  let loop = LoopExecutor(driver: SimulatedDriver(seed: 0))

  @Test("agrees with a sorted list over any sequence of insertions and removals", arguments: UInt64(0)..<20)
  func model(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var heap = DeadlineHeap(of: .monotonic)
    var model: [(deadline: Int64, alarm: Alarm)] = []
    for _ in 0..<400 {
      if model.isEmpty || Int.random(in: 0..<5, using: &generator) < 3 {
        let deadline = Int64.random(in: 0..<50, using: &generator)
        let alarm = Alarm(on: loop)
        heap.insert(alarm, deadline: deadline)
        // Behind its equals: first come, first served.
        let place = model.firstIndex { $0.deadline > deadline } ?? model.endIndex
        model.insert((deadline, alarm), at: place)
      } else {
        let place = Bool.random(using: &generator) ? 0 : Int.random(in: 0..<model.count, using: &generator)
        let removed = model.remove(at: place)
        heap.remove(removed.alarm)
        #expect(removed.alarm.position(on: .monotonic) == nil)
      }
      #expect(heap.count == model.count)
      #expect(heap.earliest == model.first?.deadline)
      #expect(heap.first === model.first?.alarm)
    }
    for expected in model {
      #expect(heap.first === expected.alarm)
      heap.remove(expected.alarm)
    }
    #expect(heap.isEmpty)
  }

  @Test("leaves an alarm alone that is not in it")
  func absent() {
    var heap = DeadlineHeap(of: .wall)
    let alarm = Alarm(on: loop)
    heap.insert(alarm, deadline: 1)
    heap.remove(Alarm(on: loop))
    heap.remove(alarm)
    heap.remove(alarm)
    #expect(heap.isEmpty)
  }
}
