/// Lets so many compressions run at a time; the others wait their turn, first come, first served. While a disk is low the
/// smallest goes first: it needs the least room for its output, and gives back what it takes soonest.
///
/// It is touched on the loop's thread alone, so it needs no lock to be named in a task's closure.
@safe package final class CompressionPlaces: @unchecked Sendable {
  private var free: Int
  /// Bytes of the archives that wait, and who waits with each.
  private var waiting: [Int64] = []
  private var tasks: [UnsafeContinuation<Void, Never>] = unsafe []
  /// Whether the smallest goes first now.
  package var smallestFirst: () -> Bool = { false }

  package init(limit: Int) {
    free = limit
  }

  /// Waits until there is room for the compression of an archive of that size, and takes a place.
  package func enter(bytes: Int64) async {
    guard free == 0 else {
      free -= 1
      return
    }
    await unsafe withUnsafeContinuation { continuation in
      waiting.append(bytes)
      unsafe tasks.append(continuation)
    }
  }

  /// Gives the place on, or back.
  package func leave() {
    let smallest = waiting.indices.min { waiting[$0] < waiting[$1] }
    guard let next = smallestFirst() ? smallest : waiting.indices.first else {
      free += 1
      return
    }
    waiting.remove(at: next)
    unsafe tasks.remove(at: next).resume()
  }
}
