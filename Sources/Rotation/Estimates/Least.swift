/// The least of many elements, at most so many of them. It takes memory for these alone, and adding one takes a time
/// that depends on their number alone.
struct Least<Element: Comparable> {
  private let limit: Int
  /// A heap with the greatest element first.
  private var heap: [Element] = []
  /// The greatest first; what has left the heap.
  private var sorted: [Element] = []

  init(limit: Int) {
    precondition(limit > 0, "at least one element is kept")
    self.limit = limit
  }

  /// How many elements there are.
  var count: Int { heap.count + sorted.count }

  /// Adds an element, and drops the greatest if there are too many. Not after `settle`.
  mutating func insert(_ element: Element) {
    precondition(sorted.isEmpty, "no element is added to a list in order")
    if heap.count < limit {
      heap.append(element)
      rise()
    } else if element < heap[0] {
      heap[0] = element
      sink()
    }
  }

  /// Puts up to so many elements in order. Returns whether all are.
  mutating func settle(_ steps: Int) -> Bool {
    for _ in 0..<steps {
      guard let last = heap.popLast() else { return true }
      guard let first = heap.first else {
        sorted.append(last)
        return true
      }
      sorted.append(first)
      heap[0] = last
      sink()
    }
    return heap.isEmpty
  }

  /// The elements, the least first; when all are in order.
  var ascending: [Element] { sorted.reversed() }

  /// Removes and returns the least element, when all are in order; nil if none is left.
  mutating func popLeast() -> Element? { sorted.popLast() }

  private mutating func rise() {
    var child = heap.count - 1
    while child > 0, heap[(child - 1) / 2] < heap[child] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var greatest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[greatest] < heap[child] {
        greatest = child
      }
      if greatest == parent { return }
      heap.swapAt(parent, greatest)
      parent = greatest
    }
  }
}
