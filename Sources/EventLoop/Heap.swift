/// What a heap holds.
protocol HeapItem {
  /// Whether it comes before another.
  func isBefore(_ other: Self) -> Bool
}

/// A binary heap, the item that comes before all others first.
///
/// `moved` is told where each item stands, whenever that changes: who knows it can take an item out of the middle.
struct Heap<Item: HeapItem> {
  private(set) var items: [Item] = []

  var first: Item? { items.first }

  @inline(__always)
  mutating func insert(_ item: Item, moved: (Item, Int) -> Void = { _, _ in }) {
    items.append(item)
    rise(items.count - 1, moved)
  }

  /// Takes out the item at a position.
  @inline(__always)
  mutating func remove(at position: Int, moved: (Item, Int) -> Void = { _, _ in }) {
    let last = items.count - 1
    if position != last { items.swapAt(position, last) }
    items.removeLast()
    guard position != last else { return }
    // What came from the end belongs below or above its new place, never both.
    sink(position, moved)
    rise(position, moved)
  }

  /// Holds these items alone.
  mutating func replaceAll(with items: [Item]) {
    self.items = items
    for parent in stride(from: items.count / 2 - 1, through: 0, by: -1) { sink(parent) { _, _ in } }
  }

  @inline(__always)
  private mutating func rise(_ start: Int, _ moved: (Item, Int) -> Void) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard items[child].isBefore(items[parent]) else { break }
      items.swapAt(child, parent)
      moved(items[child], child)
      child = parent
    }
    moved(items[child], child)
  }

  @inline(__always)
  private mutating func sink(_ start: Int, _ moved: (Item, Int) -> Void) {
    var parent = start
    while true {
      let left = parent * 2 + 1
      guard left < items.count else { break }
      let right = left + 1
      let child = right < items.count && items[right].isBefore(items[left]) ? right : left
      guard items[child].isBefore(items[parent]) else { break }
      items.swapAt(parent, child)
      moved(items[parent], parent)
      parent = child
    }
    moved(items[parent], parent)
  }
}
