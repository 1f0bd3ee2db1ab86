internal import Timekeeping

/// The sleepers of one clock: a binary heap, earliest deadline first, equal deadlines in order of arrival.
///
/// Each alarm knows its position, so that one that is woken early is taken out in O(log n) and leaves no tombstone.
package struct DeadlineHeap {
  /// Which of an alarm's two positions belongs to this heap.
  package enum Clock: Sendable {
    case monotonic, wall
  }

  private struct Entry: HeapItem {
    var deadline: Int64
    var arrival: UInt64
    var alarm: Alarm

    func isBefore(_ other: Entry) -> Bool {
      (deadline, arrival) < (other.deadline, other.arrival)
    }
  }

  private let clock: Clock
  private var heap = Heap<Entry>()
  private var arrivals: UInt64 = 0

  package init(of clock: Clock) {
    self.clock = clock
  }

  /// Whether nobody sleeps.
  package var isEmpty: Bool { heap.items.isEmpty }

  /// How many sleep.
  package var count: Int { heap.items.count }

  /// The earliest deadline, in nanoseconds of the clock; nil when nobody sleeps.
  package var earliest: Int64? { heap.first?.deadline }

  /// The alarm with the earliest deadline.
  package var first: Alarm? { heap.first?.alarm }

  /// Adds an alarm that is not in this heap.
  package mutating func insert(_ alarm: Alarm, deadline: Int64) {
    precondition(alarm.position(on: clock) == nil, "An alarm has one deadline a clock.")
    arrivals += 1
    heap.insert(Entry(deadline: deadline, arrival: arrivals, alarm: alarm)) { [clock] in
      $0.alarm.setPosition($1, on: clock)
    }
  }

  /// Takes an alarm out; one that is not in is left alone.
  package mutating func remove(_ alarm: Alarm) {
    guard let position = alarm.position(on: clock) else { return }
    alarm.setPosition(nil, on: clock)
    heap.remove(at: position) { [clock] in $0.alarm.setPosition($1, on: clock) }
  }

  /// Every alarm of the heap, in no particular order.
  package var alarms: [Alarm] { heap.items.map(\.alarm) }
}
