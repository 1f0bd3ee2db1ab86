/// The jobs that can run now: a ring, first in, first out, from which a simulation may also take in another order.
struct ReadyQueue {
  private static let smallest = 64

  private var slots: [UnownedJob?] = Array(repeating: nil, count: smallest)
  private var first = 0
  /// How many jobs are ready.
  private(set) var count = 0

  /// Puts a job behind all others.
  mutating func append(_ job: UnownedJob) {
    if count == slots.count { resize(to: count * 2) }
    slots[slot(of: count)] = job
    count += 1
  }

  /// Takes out the job that is `position` places behind the first; in constant time, because the first job moves to its
  /// slot.
  mutating func take(at position: Int) -> UnownedJob {
    precondition(position >= 0 && position < count, "Only a job that is ready can be taken.")
    slots.swapAt(first, slot(of: position))
    guard let job = slots[first] else { preconditionFailure("A ready job has left its slot.") }
    slots[first] = nil
    first = slot(of: 1)
    count -= 1
    // A burst (every job due at midnight) must not hold its memory until the next one.
    if count == 0 && slots.count > Self.smallest * 16 { resize(to: Self.smallest) }
    return job
  }

  private func slot(of position: Int) -> Int { (first + position) & (slots.count - 1) }

  /// The capacity stays a power of two, so that a mask finds the slot.
  private mutating func resize(to capacity: Int) {
    var larger: [UnownedJob?] = []
    larger.reserveCapacity(capacity)
    for position in 0..<count { larger.append(slots[slot(of: position)]) }
    for _ in count..<capacity { larger.append(nil) }
    slots = larger
    first = 0
  }
}
