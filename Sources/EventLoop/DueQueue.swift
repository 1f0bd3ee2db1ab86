package import Timekeeping

/// Numbers with a moment each, the earliest first: for all logs that are looked at by time. A number has
/// one moment; setting another one leaves the former in the heap, where it is skipped when it comes.
package struct DueQueue {
  private struct Item: HeapItem {
    var time: Int64
    var number: Int32

    func isBefore(_ other: Item) -> Bool { time < other.time }
  }

  private var heap = Heap<Item>()
  private var times: [Int32: Int64] = [:]

  package init() {}

  /// When the first is due; nil when none is.
  package mutating func next() -> MonotonicTime? {
    while let first = heap.first, times[first.number] != first.time { heap.remove(at: 0) }
    return heap.first.map { MonotonicTime(nanoseconds: $0.time) }
  }

  /// Gives a number its moment, in place of the one it had.
  package mutating func set(_ number: Int32, to time: MonotonicTime) {
    guard times.updateValue(time.nanoseconds, forKey: number) != time.nanoseconds else { return }
    heap.insert(Item(time: time.nanoseconds, number: number))
  }

  /// Takes a number's moment away.
  package mutating func clear(_ number: Int32) {
    times[number] = nil
    // What is skipped must not outgrow what is not.
    guard heap.items.count > 2 * times.count + 64 else { return }
    heap.replaceAll(with: times.map { Item(time: $0.value, number: $0.key) })
  }

  /// Takes the first number whose moment has come.
  package mutating func take(at now: MonotonicTime) -> Int32? {
    guard let time = next(), time <= now, let first = heap.first else { return nil }
    heap.remove(at: 0)
    times[first.number] = nil
    return first.number
  }
}
