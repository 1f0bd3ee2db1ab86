/// Lets so many compressions run at a time; the others wait their turn, first come, first served. While a disk is low the
/// smallest goes first: it needs the least room for its output, and gives back what it takes soonest.
///
/// It is touched on the loop's thread alone, so it needs no lock to be named in a task's closure.
@safe package final class CompressionPlaces: @unchecked Sendable {
  /// Places that nobody has; below zero when the limit was lowered under those who have one.
  private var free: Int
  private var limit: Int
  /// Bytes of the archives that wait, and who waits with each.
  private var waiting: [Int64] = []
  private var tasks: [UnsafeContinuation<Void, Never>] = unsafe []
  /// Whether the smallest goes first now.
  package var smallestFirst: () -> Bool = { false }

  package init(limit: Int) {
    free = limit
    self.limit = limit
  }

  /// Gives more or fewer places from now on; who has one already keeps it.
  package func change(limit: Int) {
    free += limit - self.limit
    self.limit = limit
    while free > 0, let next = unsafe takeWaiter() {
      free -= 1
      unsafe next.resume()
    }
  }

  /// Waits until there is room for the compression of an archive of that size, and takes a place.
  package func enter(bytes: Int64) async {
    await unsafe withUnsafeContinuation { continuation in
      // Looked at in here: on the way a task may have gone through the queue, and others have left meanwhile.
      guard free <= 0 else {
        free -= 1
        return unsafe continuation.resume()
      }
      waiting.append(bytes)
      unsafe tasks.append(continuation)
    }
  }

  /// Gives the place on, or back.
  package func leave() {
    guard free >= 0, let next = unsafe takeWaiter() else {
      free += 1
      return
    }
    unsafe next.resume()
  }

  private func takeWaiter() -> UnsafeContinuation<Void, Never>? {
    let next = smallestFirst() ? waiting.indices.min { waiting[$0] < waiting[$1] } : waiting.indices.first
    guard let next else { return nil }
    waiting.remove(at: next)
    return unsafe tasks.remove(at: next)
  }
}
