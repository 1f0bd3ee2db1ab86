package import Timekeeping

/// Numbers with one time each, the earliest first: for all logs that are checked by time. Setting another time leaves the
/// former entry in the heap, where it is skipped later.
package struct DueQueue {
  private struct Item: HeapItem {
    var time: Int64
    var number: Int32

    func isBefore(_ other: Item) -> Bool { time < other.time }
  }

  private var heap = Heap<Item>()
  private var times: [Int32: Int64] = [:]

  package init() {}

  /// When the first is due; nil if the queue is empty.
  package mutating func next() -> MonotonicTime? {
    while let first = heap.first, times[first.number] != first.time { heap.remove(at: 0) }
    return heap.first.map { MonotonicTime(nanoseconds: $0.time) }
  }

  /// Sets the time of a number, instead of its former one.
  package mutating func set(_ number: Int32, to time: MonotonicTime) {
    guard times.updateValue(time.nanoseconds, forKey: number) != time.nanoseconds else { return }
    heap.insert(Item(time: time.nanoseconds, number: number))
  }

  /// Removes a number.
  package mutating func clear(_ number: Int32) {
    times[number] = nil
    // Stale entries must not outnumber valid ones.
    guard heap.items.count > 2 * times.count + 64 else { return }
    heap.replaceAll(with: times.map { Item(time: $0.value, number: $0.key) })
  }

  /// Removes and returns the first number that is due.
  package mutating func take(at now: MonotonicTime) -> Int32? {
    guard let time = next(), time <= now, let first = heap.first else { return nil }
    heap.remove(at: 0)
    times[first.number] = nil
    return first.number
  }
}
