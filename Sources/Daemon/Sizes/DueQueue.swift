internal import EventLoop
internal import Timekeeping

/// Numbers with a moment each, the earliest first: one binary heap for all logs that are looked at by time. A number has
/// one moment; setting another one leaves the former in the heap, where it is skipped when it comes.
struct DueQueue {
  private struct Item {
    var time: Int64
    var number: Int32
  }

  private var heap: [Item] = []
  private var times: [Int32: Int64] = [:]

  /// When the first is due; nil when none is.
  mutating func next() -> MonotonicTime? {
    while let first = heap.first, times[first.number] != first.time { removeFirst() }
    return heap.first.map { MonotonicTime(nanoseconds: $0.time) }
  }

  /// Gives a number its moment, in place of the one it had.
  mutating func set(_ number: Int32, to time: MonotonicTime) {
    guard times.updateValue(time.nanoseconds, forKey: number) != time.nanoseconds else { return }
    heap.append(Item(time: time.nanoseconds, number: number))
    var child = heap.count - 1
    while child > 0, heap[child].time < heap[(child - 1) / 2].time {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Takes a number's moment away.
  mutating func clear(_ number: Int32) {
    times[number] = nil
    // What is skipped must not outgrow what is not.
    if heap.count > 2 * times.count + 64 { rebuild() }
  }

  /// Takes the first number whose moment has come.
  mutating func take(at now: MonotonicTime) -> Int32? {
    guard let time = next(), time <= now, let first = heap.first else { return nil }
    removeFirst()
    times[first.number] = nil
    return first.number
  }

  private mutating func removeFirst() {
    let last = heap.removeLast()
    guard !heap.isEmpty else { return }
    heap[0] = last
    sink(0)
  }

  private mutating func rebuild() {
    heap = times.map { Item(time: $0.value, number: $0.key) }
    for parent in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(parent) }
  }

  private mutating func sink(_ start: Int) {
    var parent = start
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].time < heap[least].time {
        least = child
      }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
