internal import Timekeeping

/// The sleepers of one clock: a binary heap, earliest deadline first, equal deadlines in order of arrival.
///
/// Each alarm knows its position, so an alarm that is woken early is removed in O(log n) and leaves no tombstone.
package struct DeadlineHeap {
  /// Which of an alarm's two positions belongs to this heap.
  package enum Clock: Sendable {
    case monotonic, wall
  }

  private struct Entry {
    var deadline: Int64
    var arrival: UInt64
    var alarm: Alarm

    func isBefore(_ other: Entry) -> Bool {
      (deadline, arrival) < (other.deadline, other.arrival)
    }
  }

  private let clock: Clock
  private var entries: [Entry] = []
  private var arrivals: UInt64 = 0

  package init(of clock: Clock) {
    self.clock = clock
  }

  /// Whether there are no sleepers.
  package var isEmpty: Bool { entries.isEmpty }

  /// The number of sleepers.
  package var count: Int { entries.count }

  /// The earliest deadline, in nanoseconds of the clock; nil if there are no sleepers.
  package var earliest: Int64? { entries.first?.deadline }

  /// The alarm with the earliest deadline.
  package var first: Alarm? { entries.first?.alarm }

  /// Adds an alarm that is not in this heap.
  package mutating func insert(_ alarm: Alarm, deadline: Int64) {
    precondition(alarm.position(on: clock) == nil, "An alarm has one deadline a clock.")
    arrivals += 1
    entries.append(Entry(deadline: deadline, arrival: arrivals, alarm: alarm))
    rise(entries.count - 1)
  }

  /// Removes an alarm; does nothing if it is not in the heap.
  package mutating func remove(_ alarm: Alarm) {
    guard let position = alarm.position(on: clock) else { return }
    let last = entries.count - 1
    if position != last { entries.swapAt(position, last) }
    entries.removeLast()
    alarm.setPosition(nil, on: clock)
    guard position != last else { return }
    // The alarm that came from the end moves either down or up, never both.
    sink(position)
    rise(position)
  }

  /// Every alarm of the heap, in no particular order.
  package var alarms: [Alarm] { entries.map(\.alarm) }

  private mutating func rise(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[child].isBefore(entries[parent]) else { break }
      entries.swapAt(child, parent)
      entries[child].alarm.setPosition(child, on: clock)
      child = parent
    }
    entries[child].alarm.setPosition(child, on: clock)
  }

  private mutating func sink(_ start: Int) {
    var parent = start
    while true {
      let left = parent * 2 + 1
      guard left < entries.count else { break }
      let right = left + 1
      let child = right < entries.count && entries[right].isBefore(entries[left]) ? right : left
      guard entries[child].isBefore(entries[parent]) else { break }
      entries.swapAt(parent, child)
      entries[parent].alarm.setPosition(parent, on: clock)
      parent = child
    }
    entries[parent].alarm.setPosition(parent, on: clock)
  }
}
